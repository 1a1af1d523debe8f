"""`manage.py probes export|apply FILE`: probes as YAML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apis.errors import AppError
from apis.probing.models import Probe
from apis.probing.sets import probe_files

SIGNS = {"create": "+", "change": "~", "delete": "-"}


class Command(BaseCommand):
    """Write probes to a file, or bring the stored probes in line with one."""

    requires_system_checks = ()
    help = "Export probes as YAML, or apply a file of them after showing the plan."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of both actions."""
        parser.add_argument("action", choices=("export", "apply"))
        parser.add_argument("file", metavar="FILE", help="the file; - for standard output or input")
        parser.add_argument("--account", default="", help="export: only this account's probes")
        parser.add_argument("--api", default="", help="export: only the probes of the API with this id")
        parser.add_argument("--dry-run", action="store_true", help="apply: show the plan and stop")
        parser.add_argument("--yes", action="store_true", help="apply: do not ask")
        parser.add_argument("--prune", action="store_true", help="apply: delete probes that the file does not name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the action."""
        try:
            if options["action"] == "export":
                self._export(options["file"], options["account"], options["api"])
            else:
                self._apply(options)
        except AppError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            # The text of the error itself names the file too.
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']}: {error}") from error

    def _export(self, file: str, account: str, api: str) -> None:
        rows = Probe.objects.select_related("api__account").order_by(
            "api__account__name", "api__region", "api__api_id", "pk"
        )
        if account:
            rows = rows.filter(api__account__name=account)
        if api:
            rows = rows.filter(api__api_id=api)
        probes = list(rows)
        text = probe_files.export(probes)
        if file == "-":
            self.stdout.write(text, ending="")
            return
        Path(file).write_text(text, encoding="utf-8")
        self.stdout.write(f"{len(probes)} probes written to {file}")

    def _apply(self, options: dict[str, Any]) -> None:
        file = options["file"]
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        plan = probe_files.plan(text, options["prune"])
        for step in plan.steps:
            self.stdout.write(f"{SIGNS[step.action]} {step.api.name} ({step.api.api_id}): {step.name}")
            for name, old, new in step.changes:
                self.stdout.write(f"    {name}: {old!r} -> {new!r}")
        counts = {action: sum(step.action == action for step in plan.steps) for action in SIGNS}
        self.stdout.write(
            f"Plan: {counts['create']} to create, {counts['change']} to change, {counts['delete']} to delete, "
            f"{plan.unchanged} unchanged."
        )
        if plan.unnamed:
            self.stdout.write(f"{plan.unnamed} probes of these APIs are not in the file; --prune deletes them.")
        if not plan.steps or options["dry_run"]:
            return
        if not options["yes"] and not self._agreed(file):
            raise CommandError("Nothing was changed.")
        probe_files.carry_out(plan, None)
        self.stdout.write("Applied.")

    def _agreed(self, file: str) -> bool:
        if file == "-" or not sys.stdin.isatty():
            raise CommandError("Nothing was changed: without a terminal, apply needs --yes.")
        return input("Apply this plan? [y/N] ").strip().lower() in ("y", "yes")
