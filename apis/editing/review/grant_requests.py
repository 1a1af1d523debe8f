"""Propose a grant where approval is needed."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from apis.access import audit
from apis.editing.apply import applying
from apis.editing.grants import lifecycle
from apis.editing.grants.models import Grant
from apis.editing.review import proposals
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import ProposalOptions
from apis.inventory.models import HttpApi

State = Grant.State


def request_grant(
    api: HttpApi, origin: str, lasts: int, user: User, kind: str, note: str = "", until: datetime | None = None
) -> Proposal:
    """Propose to let an origin in, for `lasts` seconds from then on, but no longer than `until`.

    Raises AppError and what propose raises.
    """
    lifecycle.check_length(lasts)
    applying.check_note(note)
    after = lifecycle.policy_with_origin(api, origin)
    with transaction.atomic():
        options = ProposalOptions(kind, lifecycle.change_note(note, lasts), review=True)
        made = proposals.propose(api, after, api.version, user, options)
        grant = lifecycle.create_grant(api, origin, lasts, user, note, State.WAITING, proposal=made, until=until)
        audit.record(user, "proposed a grant", api.name, origin=origin, seconds=lasts, grant=grant.pk)
    return made
