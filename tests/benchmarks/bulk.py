"""How long the plan of a bulk edit takes on one core, and how that compares with only reading the same APIs.

    uv run --group test python -m tests.benchmarks.bulk [apis]

Makes its APIs in a database of its own, each with routes, stages and a configuration like those of a real one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

GOAL_S = 5.0


def main(count: int) -> None:
    """Print the figures."""
    from tests.support.environment import enter

    enter()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _make(count)

    from apis.editing.bulk import bulk_jobs
    from apis.editing.bulk.operation import Operation
    from apis.inventory.search import apis_matching

    operation = Operation.from_json({"add": {"AllowOrigins": ["https://new.example.com"]}})

    def read() -> list[Any]:
        return list(apis_matching(origin="https://app.example.com").select_related("account", "current"))

    bare, rows = busy(read)
    planned, plan = busy(lambda: bulk_jobs.plan(read(), operation))
    assert len(rows) == count
    assert sum(one.after is not None for one in plan) == count
    print(f"bulk plan          {planned:>9.2f} s of processor time for {count:,} APIs, {count / planned:,.0f} APIs/s")
    print(f"reading them only  {bare:>9.2f} s, {planned / bare:.1f} times less")
    goal = GOAL_S * count / 1000
    print(f"goal               {goal:>9.2f} s, {goal / planned:.1f} times what it took")


def busy[T](work: Callable[[], T]) -> tuple[float, T]:
    """The least processor time of three runs in seconds, and what the work returned."""
    best, answer = float("inf"), work()
    for _ in range(3):
        start = time.process_time()
        answer = work()
        best = min(best, time.process_time() - start)
    return best, answer


def _make(count: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from apis.inventory.history import history
    from apis.inventory.models import Account, HttpApi

    account = Account.objects.create(name="bench", regions=["us-east-1"])
    routes = [
        {"key": f"{method} /things/{number}", "authorization": "NONE", "authorizer": "", "target": "integrations/a"}
        for number in range(10)
        for method in ("GET", "POST")
    ]
    cors = {
        "AllowOrigins": ["https://app.example.com", *(f"https://pr-{number}.example.com" for number in range(5))],
        "AllowMethods": ["GET", "POST", "PUT", "DELETE"],
        "AllowHeaders": ["content-type", "authorization", "x-request-id"],
        "ExposeHeaders": ["x-request-id"],
        "MaxAge": 600,
        "AllowCredentials": True,
    }
    with transaction.atomic():
        for number in range(count):
            api = HttpApi.objects.create(
                account=account,
                region="us-east-1",
                api_id=f"bench{number:06}",
                name=f"bench-{number}",
                endpoint=f"https://bench{number:06}.execute-api.us-east-1.amazonaws.com",
                routes=routes,
                stages=[{"name": "$default", "auto_deploy": True}],
            )
            history.record_live(api, cors, timezone.now())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
