"""Checking an Apprise URL and sending through Apprise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apis.alerting.channels.apprise.acceptance import NOT_ACCEPTED, acceptance
from apis.alerting.channels.apprise.payload import payload
from apis.alerting.channels.http import UNREADABLE, clean_text
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.time_limit import within_limit
from apis.alerting.models import Channel
from apis.errors import InvalidInput

if TYPE_CHECKING:
    from apprise import Apprise

LOCAL = ("dbus", "glib", "gio", "gnome", "kde", "macosx", "qt", "syslog", "windows")
"""URL schemes that act on this machine instead of calling a service."""


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked Apprise URL. Raises InvalidInput."""
    if acceptance() is None:
        raise InvalidInput(NOT_ACCEPTED, "url")
    url = clean_text(values.get("url", ""), "url", "an Apprise URL, such as gotify://host/token", 2000)
    if _scheme(url) in LOCAL:
        raise InvalidInput(f"{_scheme(url)}:// acts on this machine and is not allowed.", "url")
    if not _sender(url):
        raise InvalidInput("Apprise does not know this URL. Compare it with the service's page in its wiki.", "url")
    return {"url": url}


def destination(channel: Channel) -> str:
    """Return the service by its scheme: all else may be secret."""
    return f"{_scheme(channel.url)}://…" if channel.url else "The stored URL can no longer be decrypted."


def warning() -> str:
    """Say that it is off, or ""."""
    return "" if acceptance() else NOT_ACCEPTED


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message. Apprise says no more than whether it worked: its log may hold secrets."""
    if acceptance() is None:
        return Outcome(NOT_ACCEPTED)
    if not channel.url:
        return Outcome(UNREADABLE, final=True)
    service = _sender(channel.url)
    if not service:
        return Outcome("Apprise does not know the stored URL. Set it again.", final=True)
    given: dict[str, Any] = payload(message)
    to = destination(channel)

    def notify() -> Outcome:
        if service.notify(**given):
            return Outcome()
        return Outcome(f"Apprise could not deliver this to {to}. Check its URL and the service.")

    return within_limit(notify, to, channel.pk)


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()


def _sender(url: str) -> Apprise:
    """Return Apprise with one service, or none when it does not know the URL."""
    import apprise  # It takes a while to load, and few need it.

    # No plugins, files or threads of its own.
    asset = apprise.AppriseAsset(app_id="corsdash", async_mode=False, plugin_paths=None)
    service = apprise.Apprise(asset=asset)
    service.add(url)
    return service
