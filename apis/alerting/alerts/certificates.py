"""Certificates of custom domains that end soon: one alert for each, and one message when it is renewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from apis.alerting.alerts.occasions import CERTIFICATE
from apis.alerting.alerts.ongoing import Condition, close_alert, open_alert, open_alerts
from apis.alerting.models import OngoingAlert
from apis.alerting.sending import events
from apis.inventory.models import HttpApi
from apis.probing.models import HostCertificate
from apis.probing.runs.certificates import apis_at, current_certificates

ENDS_WITHIN = timedelta(days=21)
"""ACM renews certificates 60 days before their end, and most other tools 30: one that is left then needs a person."""
_PREFIX = "certificate:"


def announce_certificates(now: datetime) -> int:
    """Open and close the alerts about certificates; any number of processes may do this at once."""
    current = {row.host: row for row in current_certificates().filter(expires_at__lte=now + ENDS_WITHIN)}
    alerts = open_alerts(_PREFIX)
    keys = [_key(row) for row in current.values()]
    known = set(OngoingAlert.objects.filter(key__in=keys).values_list("key", flat=True))
    written = 0
    for row in current.values():
        # Once for each certificate, also while a renewed one has not yet reached every server of the host.
        if _key(row) not in known and (apis := apis_at(row.host)):
            written += open_alert(_condition(row, row, apis, now), now)
    for row in HostCertificate.objects.filter(pk__in=alerts):
        newest = current_certificates().get(host=row.host)
        apis = apis_at(row.host)
        if newest.pk != row.pk or not apis:
            written += close_alert(alerts[row.pk], _condition(row, newest, apis, now), events.CERTIFICATE_RENEWED, now)
    return written


def is_current() -> Q:
    """Match the alerts about certificates that hosts still show."""
    keys = current_certificates().annotate(alert=Concat(Value(_PREFIX), Cast("pk", CharField()))).values("alert")
    return Q(key__in=keys)


def _key(row: HostCertificate) -> str:
    return f"{_PREFIX}{row.pk}"


def _condition(row: HostCertificate, newest: HostCertificate, apis: list[HttpApi], now: datetime) -> Condition:
    data = events.about_certificate(row, newest, apis, now)
    return Condition(_key(row), CERTIFICATE, events.CERTIFICATE_ENDING, data, apis=tuple(apis))
