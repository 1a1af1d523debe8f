"""The two accounts of the demo AWS, as corsdash reaches them."""

from __future__ import annotations

from apis.alerting.models import Channel
from apis.inventory.models import Account
from apis.probing.models import Probe

REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]
HOME, PARTNER = "123456789012", "210987654321"
PARTNER_ROLE = f"arn:aws:iam::{PARTNER}:role/corsdash-demo"


def register(endpoint: str) -> None:
    """Store the accounts, unless there are some with this endpoint."""
    if Account.objects.filter(endpoint_url=endpoint).exists():
        return
    seen = {"regions": REGIONS, "endpoint_url": endpoint}
    Account.objects.get_or_create(
        name="Demo", defaults={"method": Account.Method.CHAIN, "aws_account_id": HOME, **seen}
    )
    role = {"method": Account.Method.ROLE, "role_arn": PARTNER_ROLE, "aws_account_id": PARTNER}
    Account.objects.get_or_create(name="Demo partner", defaults={**role, **seen})


def move(before: str, endpoint: str) -> None:
    """Follow the demo AWS to another endpoint: its accounts, and channels that send to it."""
    if before == endpoint or not Account.objects.filter(endpoint_url=before).update(endpoint_url=endpoint):
        return
    for channel in Channel.objects.all():
        if channel.url.startswith(f"{before}/"):
            channel.url = endpoint + channel.url.removeprefix(before)
            channel.save(update_fields=["url"])


def move_gateway(before: int, port: int) -> None:
    """Follow the gateway to another port: the addresses that probes call."""
    if before == port:
        return
    for probe in Probe.objects.filter(base_url__contains=f".localhost:{before}"):
        probe.base_url = probe.base_url.replace(f".localhost:{before}", f".localhost:{port}", 1)
        probe.save(update_fields=["base_url"])
