"""`manage.py serve`: the web server alone."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apis.management.web import server
from corsdash import assets


class Command(BaseCommand):
    """Serve pages and the REST API; worker, beat and broker run apart."""

    help = "Serve pages and the REST API when each part runs separately. `up` includes it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to listen, and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="processes, each with 6 threads (default: 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped."""
        assets.compress_for_release()
        server.run(options["host"], options["port"], max(1, options["workers"]))
