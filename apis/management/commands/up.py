"""`manage.py up`: the whole dashboard under one process."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apis.management.up import fresh
from apis.management.up.broker import NoBroker
from apis.management.up.claim import DataFolder, InUse, claim_port
from apis.management.up.fresh import NotDemoData
from apis.management.up.process import say
from apis.management.up.run import Run, StartFailed
from apis.outbound import raise_limit


class Command(BaseCommand):
    """Start everything and keep it running until Ctrl-C or SIGTERM."""

    help = "Start the dashboard: database, web, worker and scheduler in one; Ctrl-C stops it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of the contract."""
        parser.add_argument("--demo", action="store_true", help="also start a demo AWS")
        parser.add_argument("--fresh", action="store_true", help="with --demo: delete the demo's data and begin again")
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on (default %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        if not 0 <= options["port"] <= 65535:
            raise CommandError("--port must be from 0 (any free port) to 65535")
        if options["fresh"] and not options["demo"]:
            raise CommandError("--fresh deletes the data of the demo: use it with --demo.")
        raise_limit()  # the children inherit it
        # What any part of it writes is for its owner alone.
        os.umask(0o077)
        try:
            folder = DataFolder(settings.DATA)
            if options["fresh"] and fresh.erase(settings.DATA):
                say("the demo's data was deleted")
            port = claim_port(options["host"], options["port"], wait=folder.was_killed)
            run = Run(options["host"], port, options["demo"], folder)
            run.prepare()
            asyncio.run(run.run_until_stopped())
        except KeyboardInterrupt:
            say("stopped")
        except (InUse, NoBroker, StartFailed, NotDemoData) as error:
            raise CommandError(str(error)) from error
