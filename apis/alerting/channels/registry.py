"""Finds the kinds of channels: every folder of this package with a KIND."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path

from apis.alerting.channels.kind import ChannelKind
from apis.alerting.models import Channel


@cache
def kinds() -> dict[str, ChannelKind]:
    """Return every kind by its name, in the order of their labels."""
    folder = Path(__file__).parent
    names = [found.name for found in pkgutil.iter_modules([str(folder)]) if found.ispkg]
    found = [import_module(f"apis.alerting.channels.{name}").KIND for name in names]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.label.lower())}


def kind_of(channel: Channel) -> ChannelKind:
    """Return the kind of a channel."""
    return kinds()[channel.kind]
