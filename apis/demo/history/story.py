"""What happened in the demo's past day."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User

from apis.access import people
from apis.access.roles import Role
from apis.alerting.channels import edit as channels
from apis.alerting.incidents import incident_actions
from apis.alerting.models import Incident
from apis.cors.policy import CorsPolicy
from apis.demo.history.aws import MARIA, PIPELINE
from apis.demo.history.past import Past
from apis.demo.history.watching import add_probes
from apis.editing.apply import applying, reverts
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.operation import Operation
from apis.editing.grants import lifecycle
from apis.editing.review import proposals
from apis.editing.review.proposals import ProposalOptions
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from apis.probing.runs import runner
from apis.probing.sets import bulk_actions

CHANNEL, SECOND_PERSON = "Demo inbox", "maria"
WATCHED_EVERY = 30
"""Seconds from run to run of the API that people are asked to break: they see it soon."""


class Story:
    """The events in their order; `admin` is the person who set corsdash up."""

    def __init__(self, past: Past, admin: User) -> None:
        self.past, self.admin = past, admin

    def play(self) -> None:
        """Play the whole day."""
        self._set_up()
        self._an_origin_is_removed_and_restored()
        self._two_short_failures()
        self._a_header_is_added_to_many()
        self._a_preview_gets_access()
        self._a_slash_breaks_orders()
        self._something_waits_for_review()
        self.past.go_to(minutes=0)

    def _set_up(self) -> None:
        """Find the APIs, watch some of them, and bring in a second person and a channel."""
        self.past.begin(hours=25)
        held = {"allowOrigins": ["https://example.com", "http://localhost:3000"]}
        self.past.aws.update_cors("orders-api", held, PIPELINE)
        self.past.sync()
        self.past.begin(hours=24, minutes=20)
        self.maria = people.add(self.admin, SECOND_PERSON, Role.EDIT, "Maria Rossi")
        inbox = f"{self.past.aws.endpoint}/_demo/inbox"
        channels.create(self.admin, "webhook", CHANNEL, inbox, proposals=True)
        self.past.begin(hours=24, minutes=5)
        add_probes(self.admin)
        self.past.go_to(hours=20)

    def _an_origin_is_removed_and_restored(self) -> None:
        """Remove an origin in AWS; the incident leads to the drift, and its revert ends the incident."""
        self.past.aws.update_cors("shop-checkout", {"allowOrigins": ["https://shop.example.com"]}, MARIA)
        self.past.go_to(hours=19, minutes=51)
        self.past.sync(self._api("shop-checkout"))
        self.past.go_to(hours=19, minutes=44)
        incident = Incident.objects.get(state=Incident.State.OPEN)
        incident_actions.acknowledge(incident, self.admin, "Customers on www cannot pay. Reverting.")
        self.past.go_to(hours=19, minutes=40)
        drift = Change.objects.get(api__name="shop-checkout", kind=Change.Kind.DRIFT)
        author = Author(Change.Kind.REVERT, user=self.admin, note="www is still in use.", reverts=drift)
        api = self._api("shop-checkout")
        self.past.apply(applying.begin(api, reverts.proposal(drift), api.version, author))

    def _two_short_failures(self) -> None:
        """Let the gateway be slow once and fail once; the retry passes, so nobody is alerted."""
        for ago, name, kind, seconds in ((16, "shop-catalog", "slow", 0.55), (13, "analytics-collector", "broken", 0)):
            self.past.go_to(hours=ago)
            probe = Probe.objects.filter(api__name=name).order_by("pk")[0]
            self.past.aws.break_once(self._api(name), kind, seconds)
            runner.run([probe.pk])
            self.past.aws.clear("faults")
            self.past.go_to(hours=ago - 1, minutes=59)
            runner.run([probe.pk])

    def _a_header_is_added_to_many(self) -> None:
        """Edit several APIs at once; one is skipped."""
        self.past.go_to(hours=9)
        apis = [self._api(name) for name in ("partner-portal", "mobile-bff", "store-locator", "webhooks-ingest")]
        operation = Operation(add={"AllowHeaders": ["x-trace-id"]})
        job = bulk_jobs.start(apis, operation, self.admin, "Tracing for all front ends")
        for account in bulk_jobs.accounts_of(job):
            bulk_jobs.run_items(job.pk, account, applied=self.past.verify)

    def _a_preview_gets_access(self) -> None:
        """Give a preview deployment temporary access until tonight."""
        self.past.go_to(hours=6)
        origin, lasts = "https://pr-482.preview.example.com", timedelta(hours=8)
        change = lifecycle.give(
            self._api("preview-backend"), origin, int(lasts.total_seconds()), self.maria, Change.Kind.PANEL,
            "Review of the new checkout",
        )  # fmt: skip
        self.past.apply(change)
        lifecycle.follow()

    def _a_slash_breaks_orders(self) -> None:
        """Let a deployment write an origin with a slash, which no browser sends: an incident that is still open."""
        self.past.go_to(hours=2, minutes=40)
        self.past.aws.update_cors(
            "orders-api", {"allowOrigins": ["https://example.com/", "http://localhost:3000"]}, PIPELINE
        )
        self.past.go_to(hours=2, minutes=31)
        self.past.sync(self._api("orders-api"))

    def _something_waits_for_review(self) -> None:
        """Leave a harmless drift, and a proposal by the second person."""
        self.past.go_to(hours=1, minutes=30)
        self.past.aws.update_cors("analytics-collector", {"maxAge": 3600}, MARIA)
        self.past.go_to(hours=1, minutes=27)
        self.past.sync(self._api("analytics-collector"))
        self.past.go_to(minutes=50)
        wanted = {"AllowOrigins": ["https://app.example.com"], "AllowMethods": ["GET"], "MaxAge": 600}
        options = ProposalOptions(note="The app shows avatars from here.", review=True)
        api = self._api("profile-service")
        proposals.propose(api, CorsPolicy.from_aws(wanted), api.version, self.maria, options)
        self.past.settle()
        self.past.go_to(minutes=10)
        watched = Probe.objects.filter(api__name="shop-checkout")
        bulk_actions.act("interval", watched, self.admin, WATCHED_EVERY)

    def _api(self, name: str) -> HttpApi:
        return HttpApi.objects.select_related("account", "current").get(name=name, gone_at=None)
