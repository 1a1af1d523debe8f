"""Deploying: a stage without auto-deploy shows a change of CORS only once the API is deployed to it.

A deployment puts everything live that waits in the API, its routes and integrations too; pages say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apis.access import audit
from apis.aws import AwsError, deploy
from apis.editing.apply.models import Deployment
from apis.editing.plan.editability import refusal_reason
from apis.errors import AppError, InvalidInput
from apis.inventory.lint_context import by_hand
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading.sync import reach_of
from apis.jobs.claims import Claims

State = Deployment.State
OPEN = (State.WAITING, State.RUNNING)
# Longer than a call to AWS takes with all its tries; a deployment that is made twice does no harm.
CLAIMS = Claims(
    Deployment,
    lasts=timedelta(minutes=3),
    ready=lambda now: Q(state=State.WAITING),
    held=Q(state=State.RUNNING),
    claiming={"state": State.RUNNING},
    related=("api__account",),
)


@dataclass(frozen=True, slots=True)
class StageByHand:
    """A stage without auto-deploy. `waiting_for`: the newest change that is not live in it, as far as known.

    `latest` is its newest deployment from here.
    """

    name: str
    latest: Deployment | None
    waiting_for: Change | None

    @property
    def busy(self) -> bool:
        """Whether a deployment is on its way."""
        return self.latest is not None and self.latest.state in OPEN

    @property
    def alert(self) -> str:
        """Return the kind of alert that announces the stage."""
        if self.latest is not None and self.latest.state == Deployment.State.FAILED:
            return "error"
        return "warning" if self.waiting_for and not self.busy else "info"


def stages_by_hand(api: HttpApi) -> list[StageByHand]:
    """Return the stages that do not deploy automatically, with what waits for it: two queries if there are any."""
    names = by_hand(api)
    if not names:
        return []
    newest: dict[str, Deployment] = {}
    for row in Deployment.objects.filter(api=api, stage__in=names)[:50]:
        newest.setdefault(row.stage, row)
    applied = api.changes.filter(status=Change.Status.APPLIED).exclude(kind=Change.Kind.DISCOVERED)
    change = applied.order_by("-at", "-id").first()
    found = []
    for stage in api.stages or ():
        if stage["name"] in names:
            latest = newest.get(stage["name"])
            waits = change is not None and change.at > _deployed_at(stage.get("updated_at"), latest)
            found.append(StageByHand(stage["name"], latest, change if waits else None))
    return found


def _deployed_at(updated_at: str | None, row: Deployment | None) -> datetime:
    """Return when the stage last changed in AWS or was deployed from here; long ago when unknown."""
    times = [parse_datetime(updated_at) if updated_at else None]
    times.append(row.finished_at if row and row.state == State.DONE else None)
    known = [moment if moment.tzinfo else timezone.make_aware(moment) for moment in times if moment]
    return max(known, default=datetime(1970, 1, 1, tzinfo=timezone.get_default_timezone()))


def request_deployment(api: HttpApi, stage: str, user: User) -> Deployment:
    """Write down that a stage is to be deployed; hand it to a worker. One that is on its way already is returned.

    Raises AppError.
    """
    if why := refusal_reason(api):
        raise AppError(why)
    if stage not in by_hand(api):
        raise InvalidInput(f"No stage {stage[:128]} that needs manual deployment.", "stage")
    try:
        with transaction.atomic():
            row = Deployment.objects.create(
                api=api, stage=stage, asked_by=user, asked_by_name=user.get_username(), at=timezone.now()
            )
            audit.record(user, "deployed a stage", api.name, stage=stage, deployment=row.pk)
            return row
    except IntegrityError:
        return Deployment.objects.get(api=api, stage=stage, state__in=OPEN)


def carry_out(pk: int) -> Deployment | None:
    """Deploy; None when it is done already or another worker is at it. Safe to call again after a worker died."""
    row = CLAIMS.claim(pk)
    if row is None:
        return None
    api = row.api
    try:
        description = f"corsdash, by {row.asked_by_name}"
        made = deploy(reach_of(api.account), api.region, api.api_id, row.stage, description)
    except AwsError as failure:
        return _end(row, State.FAILED, str(failure))
    return _end(row, State.DONE, deployment_id=made)


def give_up(row: Deployment, why: str) -> Deployment:
    """Mark a deployment as failed that was never started."""
    waiting = Deployment.objects.filter(pk=row.pk, state=State.WAITING)
    waiting.update(state=State.FAILED, error=why, finished_at=timezone.now())
    row.refresh_from_db()
    return row


def forgotten() -> list[int]:
    """Return deployments that a lost broker or a dead worker left."""
    return list(CLAIMS.due_rows().filter(at__lt=timezone.now() - timedelta(minutes=1)).values_list("pk", flat=True))


def _end(row: Deployment, state: str, error: str = "", deployment_id: str = "") -> Deployment:
    CLAIMS.finish(row, state=state, error=error, deployment_id=deployment_id, finished_at=timezone.now())
    row.refresh_from_db()
    return row
