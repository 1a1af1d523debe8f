"""`manage.py sync`: one sync now, in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apis.demo.history.making import wait_until_made
from apis.inventory.models import Account, SyncRegion
from apis.inventory.reading import sync


class Command(BaseCommand):
    """Sync every account and region, or those given, and print a line for each region."""

    requires_system_checks = ()  # They import every page; a sync needs none.
    help = "Sync with AWS now; exits with 1 when a region failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of the contract."""
        parser.add_argument("--account", metavar="NAME", help="only this account")
        parser.add_argument("--region", metavar="R", default="", help="only this region")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        wait_until_made()
        account = None
        if options["account"]:
            account = Account.objects.filter(name=options["account"]).first()
            if account is None:
                names = ", ".join(Account.objects.values_list("name", flat=True)) or "none yet"
                raise CommandError(f"there is no account {options['account']!r}; accounts: {names}")
        try:
            run = sync.start(account=account, region=options["region"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        failed = 0
        regions = list(run.regions.select_related("account", "run"))
        if not regions:
            raise CommandError("no account is stored yet; add one on the Accounts page")
        for region in regions:
            tally = sync.run_region(region)
            region.refresh_from_db()
            place = f"{region.account.name} {region.region}:"
            if region.state == SyncRegion.State.FAILED:
                failed += 1
                self.stderr.write(f"{place} failed: {region.error}")
            else:
                self.stdout.write(
                    f"{place} found {tally.found}, changed {tally.changed}, "
                    f"drifted {tally.drifted}, gone {tally.gone}, errors {len(tally.unread)}"
                )
                if region.error:
                    self.stderr.write(f"{place} {region.error}")
            for api in sync.needing_details(region.account, region.region) if region.state == "done" else []:
                sync.refresh(region.account.apis.get(pk=api))
        if failed:
            raise CommandError(f"{failed} of {len(regions)} regions failed")
