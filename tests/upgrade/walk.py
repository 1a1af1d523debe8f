"""Open every page and every list of REST as an admin: `python -m tests.upgrade.walk`; print what is not well."""

from __future__ import annotations

import html
import json
import os
import re
from collections import Counter, deque

import django

ALSO_FINE = {"/baseline": 404, "/ready": 503, "/report": 409}
MOST_OF_A_KIND = 12
"""Pages of one pattern that are opened; the others differ only in their row."""


def main() -> None:
    """Print a JSON object: the pages opened by pattern, and what failed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import Resolver404, resolve

    from apis.access import tokens

    admin = User.objects.get(username="admin")
    _, token = tokens.create(admin, "walk")
    client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
    client.force_login(admin)
    program = Client(raise_request_exception=False, headers={"host": "127.0.0.1", "authorization": f"Bearer {token}"})
    opened: Counter[str] = Counter()
    failed: list[str] = []
    paths, seen = deque(["/"]), {"/"}
    while paths:
        path = paths.popleft()
        try:
            name = resolve(path.partition("?")[0]).view_name or "?"
        except Resolver404:
            failed.append(f"404 {path}")
            continue
        if opened[name] >= MOST_OF_A_KIND or name == "account_logout":
            continue
        answer = client.get(path)
        if answer.status_code == 405:  # The target of a form.
            continue
        opened[name] += 1
        if answer.status_code not in (200, 302):
            failed.append(f"{answer.status_code} {path}")
        text = answer.content.decode(errors="replace") if "html" in answer.get("Content-Type", "") else ""
        for found in re.findall(r'(?:href|hx-get)="(/[^"#]*)', text):
            link = html.unescape(found)
            if link not in seen and not link.startswith("/static/"):
                seen.add(link)
                paths.append(link)
    schema = program.get("/api/v1/openapi.json").json()
    lists = {path: list(item) for path, item in schema["paths"].items() if "get" in item}
    ids: dict[str, list[int]] = {}
    for path in sorted(lists, key=lambda one: one.count("{")):
        head, brace, tail = path.partition("{")
        for pk in ids.get(head, [])[:MOST_OF_A_KIND] if brace else [None]:
            where = f"{head}{pk}{tail.partition('}')[2]}" if brace else path
            answer = program.get(where)
            opened[f"GET {path}"] += 1
            # No API is locked, no broker runs, and an open incident has no report yet.
            also = next((status for end, status in ALSO_FINE.items() if path.endswith(end)), 200)
            if answer.status_code not in (200, also):
                failed.append(f"{answer.status_code} {where}")
            elif not brace and answer.get("Content-Type", "").startswith("application/json"):
                items = answer.json().get("items") or []
                ids[f"{path}/"] = [item["id"] for item in items if isinstance(item, dict) and "id" in item]
    print(json.dumps({"opened": opened, "failed": failed}))


if __name__ == "__main__":
    main()
