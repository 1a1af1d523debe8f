"""The account through which messages go to AWS."""

from __future__ import annotations

from collections.abc import Callable

from apis import aws
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.time_limit import within_limit
from apis.alerting.models import Channel
from apis.errors import InvalidInput
from apis.inventory.models import Account


def clean_account(given: str, owner: str) -> str:
    """Return the id of the account to send from: the given one, else the target's owner. Raises InvalidInput."""
    if given.strip():
        account = Account.objects.filter(pk=int(given)).first() if given.strip().isdecimal() else None
        if account is None:
            raise InvalidInput("Choose one of the stored accounts.", "account")
        return str(account.pk)
    owners = Account.objects.filter(aws_account_id=owner)
    if len(owners) != 1:
        raise InvalidInput(f"Choose an account: {len(owners)} stored accounts have the number {owner}.", "account")
    return str(owners[0].pk)


def account_of(channel: Channel) -> Account | Outcome:
    """Return the channel's account, or why nothing can be sent."""
    if channel.account is None:
        return Outcome("The account that this channel sends from was deleted. Choose another one.", final=True)
    return channel.account


def outcome_of(channel: Channel, send: Callable[[], None]) -> Outcome:
    """Send through AWS, within the limit, and say what came of it."""

    def try_once() -> Outcome:
        try:
            send()
        except aws.AwsError as error:
            return Outcome(error.message, error.status if 200 <= error.status < 600 else None)
        return Outcome(status=200)

    return within_limit(try_once, "AWS", channel.pk)
