"""A custom domain's certificate that ends soon: one alert for each certificate, and one message on renewal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apis.alerting import tasks
from apis.alerting.alerts.certificates import announce_certificates
from apis.alerting.models import Channel, Delivery
from apis.alerting.rules import edits
from apis.alerting.rules.dry_run import dry_run
from apis.alerting.rules.models import Rule
from apis.alerting.sending.wording import message_of
from apis.inventory.models import HttpApi
from apis.probing.models import HostCertificate, Probe
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.alerting.conftest import ALLOWED
from tests.outbound.certificates import Authority
from tests.outbound.conftest import authority
from tests.outbound.hosts import NO_CONTENT, Host, answering

__all__ = ["authority"]

DOMAIN = "api.example.com"
NOW = timezone.now().replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def domain(api: HttpApi) -> str:
    """A custom domain of the API."""
    api.domains = [{"name": DOMAIN, "path": "", "stage": "$default"}]
    api.save()
    return DOMAIN


@pytest.fixture
def watched(domain: str, api: HttpApi, probe: Probe) -> Probe:
    """A probe that calls it."""
    probe.base_url = f"https://{domain}"
    probe.save()
    return probe


def met(probe: Probe, expires: datetime, at: datetime = NOW) -> None:
    """Store a run that met a certificate."""
    row = Probe.objects.select_related("api").get(pk=probe.pk)
    probing.store([row], [Outcome(verdict=ALLOWED, certificate_expires=expires)], at, "schedule")


def sent(channel: Channel) -> list[str]:
    """The events of the channel's messages, oldest first."""
    return list(channel.deliveries.order_by("pk").values_list("event", flat=True))


def test_is_announced_once_and_its_renewal_too(watched: Probe, webhook: Channel) -> None:
    ends = NOW + 30 * DAY
    met(watched, ends)
    assert announce_certificates(NOW) == 0
    assert announce_certificates(ends - 21 * DAY) == 1
    assert announce_certificates(ends - 20 * DAY) == 0
    opened = Delivery.objects.get()
    assert (opened.event, opened.data["kind"], opened.data["api"]["name"]) == (
        "certificate.ending", "certificate", "orders",
    )  # fmt: skip
    assert opened.data["certificate"]["host"] == DOMAIN
    message = message_of(opened)
    assert (message.status, message.severity, message.source) == ("problem", "warning", DOMAIN)
    renewed = ends + 300 * DAY
    met(watched, renewed, ends - 10 * DAY)
    # One server of the host still has the old one.
    met(watched, ends, ends - 9 * DAY)
    met(watched, renewed, ends - 8 * DAY)
    assert announce_certificates(ends - 8 * DAY) == 1
    met(watched, ends, ends - 7 * DAY)
    assert announce_certificates(ends - 7 * DAY) == 0, "once for each certificate"
    assert sent(webhook) == ["certificate.ending", "certificate.renewed"]
    closed = message_of(webhook.deliveries.latest("pk"))
    assert (closed.status, closed.key) == ("resolved", message.key)


def test_one_that_has_ended_stays_open(watched: Probe, webhook: Channel) -> None:
    met(watched, NOW + DAY)
    assert announce_certificates(NOW) == 1
    # It is refused now, so no run sees it any more.
    assert announce_certificates(NOW + 5 * DAY) == 0
    assert sent(webhook) == ["certificate.ending"]


def test_the_next_certificate_is_another_alert(watched: Probe, webhook: Channel) -> None:
    met(watched, NOW + 10 * DAY)
    announce_certificates(NOW)
    met(watched, NOW + 15 * DAY, NOW + DAY)
    announce_certificates(NOW + DAY)
    assert sent(webhook) == ["certificate.ending", "certificate.ending", "certificate.renewed"]


def test_ends_with_the_domain(watched: Probe, api: HttpApi, webhook: Channel) -> None:
    met(watched, NOW + DAY)
    announce_certificates(NOW)
    HttpApi.objects.filter(pk=api.pk).update(domains=[])
    assert announce_certificates(NOW) == 1
    assert webhook.deliveries.latest("pk").data["certificate"]["renewed_until"] is None


def test_the_certificate_of_execute_api_is_not_yours(probe: Probe) -> None:
    met(probe, NOW + DAY)
    assert not HostCertificate.objects.exists()


def test_a_rule_for_another_api_is_not_asked(watched: Probe, webhook: Channel, make_api: Any) -> None:
    other = make_api("billing", "bbbbbbbbbb")
    edits.change_rule(None, Rule.objects.get(is_default=True), {"api": other.pk})
    met(watched, NOW + DAY)
    assert announce_certificates(NOW) == 0


def test_runs_that_meet_the_same_one_write_nothing(watched: Probe) -> None:
    met(watched, NOW + DAY)
    met(watched, NOW + DAY, NOW + timedelta(minutes=5))
    assert HostCertificate.objects.get().seen_at == NOW


def test_a_dry_run_knows_it(webhook: Channel, api: HttpApi) -> None:
    steps = dry_run(api, "certificate", None, NOW)
    assert [step.channel for step in steps if step.due] == [webhook]


@pytest.mark.once
class TestHost:
    """A host that speaks TLS."""

    @pytest.fixture
    def host(self, authority: Authority, settings: Any) -> Iterator[Host]:
        """One whose certificate ends in a week."""
        settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        settings.CORSDASH_CA_FILE = str(authority.file)
        with Host(answering(NO_CONTENT), certificate=authority.issue("127.0.0.1", days=7)) as host:
            yield host

    def test_a_run_and_a_sweep_announce_it(
        self, host: Host, probe: Probe, api: HttpApi, webhook: Channel, admin_client: Client
    ) -> None:
        name = host.url.removeprefix("https://")
        HttpApi.objects.filter(pk=api.pk).update(domains=[{"name": name, "path": "", "stage": "$default"}])
        Probe.objects.filter(pk=probe.pk).update(base_url=host.url)
        probing.run([probe.pk])
        tasks.sweep()
        delivery = Delivery.objects.get(event="certificate.ending")
        assert delivery.data["certificate"]["host"] == name
        assert delivery.data["certificate"]["days_left"] == 6
        assert "Valid until" in admin_client.get(probe.get_absolute_url()).content.decode()
