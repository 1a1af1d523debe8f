"""Certificates of custom domains, as runs of probes see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q, QuerySet

from apis.inventory.models import HttpApi
from apis.probing.models import HostCertificate, Probe
from apis.probing.runs.calls import Outcome, url_of

NOTED_EVERY = timedelta(hours=1)
"""How exact `HostCertificate.seen_at` is: most runs meet a certificate that is known, and write nothing."""


def note_certificates(runs: Iterable[tuple[Probe, Outcome]], at: datetime) -> None:
    """Store the certificates of custom domains that these runs read; one query where all are known.

    What another process remembers may have been replaced since, so a remembered one is not seen again.
    """
    met: dict[str, datetime] = {}
    for probe, outcome in runs:
        expires = outcome.certificate_expires
        if (
            expires is not None
            and not outcome.certificate_remembered
            and (host := host_of(probe)) in domains_of(probe.api)
        ):
            # Of several at one moment, the one that needs attention first.
            met[host] = min(expires, met.get(host, expires))
    if not met:
        return
    newest: dict[str, HostCertificate] = {}
    for row in HostCertificate.objects.filter(host__in=met).order_by("seen_at", "-expires_at"):
        newest[row.host] = row
    fresh = [
        HostCertificate(host=host, expires_at=expires, seen_at=at)
        for host, expires in sorted(met.items())
        if not _is_noted(newest.get(host), expires, at)
    ]
    HostCertificate.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["host", "expires_at"], update_fields=["seen_at"]
    )


def _is_noted(row: HostCertificate | None, expires: datetime, at: datetime) -> bool:
    return row is not None and row.expires_at == expires and row.seen_at > at - NOTED_EVERY


def host_of(probe: Probe) -> str:
    """Return the host that a probe calls, with its port where the URL has one."""
    return urlsplit(url_of(probe)).netloc.lower()


def domains_of(api: HttpApi) -> set[str]:
    """Return the custom domains of an API."""
    return {str(domain["name"]).lower() for domain in api.domains}


def current_certificates() -> QuerySet[HostCertificate]:
    """Return the certificate of each host that was seen last."""
    others = HostCertificate.objects.filter(host=OuterRef("host"))
    later = Q(seen_at__gt=OuterRef("seen_at")) | Q(seen_at=OuterRef("seen_at"), expires_at__lt=OuterRef("expires_at"))
    return HostCertificate.objects.exclude(Exists(others.filter(later)))


def certificate_of(probe: Probe) -> HostCertificate | None:
    """Return the newest known certificate of the custom domain that a probe calls; None of any other host."""
    host = host_of(probe)
    return current_certificates().filter(host=host).first() if host in domains_of(probe.api) else None


def apis_at(host: str) -> list[HttpApi]:
    """Return the APIs in AWS of which a host is a custom domain."""
    # Their JSON is searched as text first, so that few rows are read.
    rows = HttpApi.objects.filter(gone_at=None, domains__icontains=host).select_related("account").order_by("pk")
    return [api for api in rows if host in domains_of(api)]
