"""The demo AWS besides the dashboard: whether it is wanted, its ports, and the accounts through which it is seen."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings

from apis.aws import identity
from apis.demo import accounts
from apis.demo.history import making
from apis.inventory.models import Account
from apis.management.up.claim import first_free
from corsdash.environment import DEMO_FILE

_AWS_PORT, _GATEWAY_PORT = 4510, 4511
SETTINGS_FILE = "demo-settings.json"


@dataclass(frozen=True)
class Ports:
    """Where the demo AWS and its stand-in gateway listen, on loopback, and whether they run (`on`)."""

    aws: int
    gateway: int
    on: bool = True

    @property
    def endpoint(self) -> str:
        """The demo AWS, as an endpoint URL."""
        return f"http://127.0.0.1:{self.aws}"

    @property
    def command(self) -> list[str]:
        """What starts it."""
        ports = ("--aws-port", str(self.aws), "--gateway-port", str(self.gateway))
        return [sys.executable, "-m", "apis.demo", *ports, "--settings", str(settings.DATA / SETTINGS_FILE)]


def wanted(asked: bool, before: Ports | None) -> bool:
    """Return whether to start it: when asked for, when nothing else is there, or when its accounts are stored."""
    if asked or (before and Account.objects.filter(endpoint_url=before.endpoint, enabled=True).exists()):
        return True
    if before and making.was_interrupted():
        return True
    return not Account.objects.exists() and not identity.has_credentials()


def last_ports(data: Path) -> Ports | None:
    """Return the ports of the last run on this data folder."""
    try:
        return Ports(**json.loads((data / DEMO_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def choose_ports(data: Path, before: Ports | None) -> Ports:
    """Return the same as last time if they are free, so that bookmarks and command lines go on working."""
    aws = first_free(*([before.aws] if before else []), _AWS_PORT)
    gateway = first_free(*([before.gateway] if before else []), _GATEWAY_PORT)
    ports = Ports(aws, gateway)
    _write(data, ports)
    return ports


def close(data: Path, before: Ports | None) -> None:
    """Note that the demo does not run: its addresses are allowed no longer. The ports stay known for the next time."""
    if before and before.on:
        _write(data, replace(before, on=False))


def _write(data: Path, ports: Ports) -> None:
    (data / DEMO_FILE).write_text(json.dumps(asdict(ports)))


def register(ports: Ports, before: Ports | None) -> bool:
    """Update the address of the demo's accounts from the last run; False when there are none.

    Their past day is then to be made, and the accounts with it.
    """
    if before:
        accounts.move(before.endpoint, ports.endpoint)
        accounts.move_gateway(before.gateway, ports.gateway)
    return not making.begin(ports.endpoint)
