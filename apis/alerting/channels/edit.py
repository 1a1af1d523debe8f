"""Making, changing and removing channels: the one place that says what a channel may be, for the pages and for REST."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from apis.access import audit
from apis.access.audit import By
from apis.alerting.channels.registry import kind_of, kinds
from apis.alerting.models import Channel
from apis.errors import InvalidFields, InvalidInput
from apis.inventory.models import Account


def create(
    user: By,
    kind: str,
    name: str,
    url: str = "",
    address: str = "",
    secret: str = "",
    account: str = "",
    proposals: bool = False,
) -> Channel:
    """Make a channel. A webhook without a secret gets one: this is the moment to show it. Raises InvalidFields."""
    if kind not in kinds():
        raise InvalidFields({"kind": f"Must be one of: {', '.join(kinds())}."})
    channel = Channel(kind=kind, proposals=proposals)
    _fill(channel, name, {"url": url, "address": address, "secret": secret, "account": account})
    _save(channel)
    audit.record(user, "added a channel", channel.name, kind=kind, to=kind_of(channel).destination(channel))
    return channel


def change(
    user: By,
    channel: Channel,
    name: str,
    url: str = "",
    address: str = "",
    secret: str = "",
    account: str = "",
    proposals: bool | None = None,
) -> Channel:
    """Change a channel. An empty url or secret keeps the stored one, which no one can read. Raises InvalidFields."""
    before = _shown(channel)
    channel.proposals = channel.proposals if proposals is None else proposals
    given = {"url": url or channel.url, "address": address, "secret": secret or channel.secret, "account": account}
    _fill(channel, name, given)
    _save(channel)
    changed = [field for field, value in _shown(channel).items() if value != before[field]]
    audit.record(user, "changed a channel", channel.name, fields=changed)
    return channel


def _shown(channel: Channel) -> dict[str, object]:
    return {name: getattr(channel, name) for name in ("name", "url", "address", "secret", "account_id", "proposals")}


def rotate(user: By, channel: Channel) -> str:
    """Give a webhook a new signing secret and return it: the old one is void at once. Raises InvalidFields."""
    if not kind_of(channel).makes_secret:
        raise InvalidFields({"secret": "Only webhooks have a generated secret. Enter a new one instead."})
    _fill(channel, channel.name, {"url": channel.url, "address": "", "secret": ""})
    _save(channel)
    audit.record(user, "rotated a signing secret", channel.name)
    return channel.secret


def enable(user: By, channel: Channel, on: bool) -> None:
    """Switch a channel on or off. While it is off, nothing is written for it, and what waits for it fails."""
    if not channel.disabled_reason:
        # A person decided: what failed before is no news. What corsdash disabled has to deliver first.
        channel.failing_since, channel.last_error = None, ""
    channel.enabled, channel.disabled_reason = on, ""
    channel.save(update_fields=["enabled", "disabled_reason", "failing_since", "last_error"])
    audit.record(user, "switched a channel on" if on else "switched a channel off", channel.name)


def delete(user: By, channel: Channel) -> None:
    """Delete a channel: clear its address and secret, and keep its record."""
    channel.enabled, channel.deleted_at = False, timezone.now()
    channel.url = channel.secret = channel.address = ""
    channel.save()
    audit.record(user, "deleted a channel", channel.name, kind=channel.kind)


def _fill(channel: Channel, name: str, values: dict[str, str]) -> None:
    errors: dict[str, str] = {}
    channel.name = " ".join(name.split())
    if not channel.name or len(channel.name) > 100:
        errors["name"] = "Enter a name of at most 100 characters."
    elif Channel.objects.filter(name__iexact=channel.name).exclude(pk=channel.pk).exists():
        errors["name"] = "Another channel has this name."
    kind = kind_of(channel)
    for field, value in values.items():
        if value.strip() and field not in kind.field_names:
            errors[field] = f"{kind.label} channels have no secret."
    try:
        for field, value in kind.clean(values).items():
            if field == "account":
                channel.account = Account.objects.get(pk=value)
            else:
                setattr(channel, field, value)
    except InvalidInput as error:
        errors[error.field] = str(error)
    if errors:
        raise InvalidFields(errors)


def _save(channel: Channel) -> Channel:
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError:
        raise InvalidFields({"name": "Another channel has this name."}) from None
    return channel
