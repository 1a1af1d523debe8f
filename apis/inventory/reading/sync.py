"""Sync: mirror the HTTP APIs of every account and region, and record what changed without us.

A run has one row per account and region, so that each is fetched, fails and is shown on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DataError, transaction
from django.db.models import Q
from django.utils import timezone

from apis.aws import ApiSeen, AwsError, NotFound, Reach, details, domains, get_api, list_apis, within
from apis.cors.policy import CorsPolicy, PolicyError
from apis.inventory import finding_counts
from apis.inventory.history import history
from apis.inventory.models import Account, Change, HttpApi, SyncRegion, SyncRun
from apis.inventory.reading import endpoint
from apis.jobs import clock

# A region that has been running for longer was being fetched by a worker that died.
LOST_AFTER = timedelta(minutes=15)
# However slow AWS is, a region ends before that, and one API's details before the next person asks.
REGION_SECONDS, API_SECONDS = 600, 120
KEEP_RUNS = timedelta(days=7)
DETAILS_STALE_AFTER = timedelta(hours=1)
# Details cost four calls an API: so many are fetched by a sync itself, the rest when someone looks at the API.
DETAILS_PER_SYNC = 25
# So many APIs that a list lacks are asked for by their ids at once; the others wait for the next sync.
MISSING_ASKED_FOR = 10


@dataclass(slots=True)
class Tally:
    """What a region's sync came to."""

    found: int = 0
    changed: int = 0
    drifted: int = 0
    gone: int = 0
    unread: list[str] = field(default_factory=list)

    @property
    def warning(self) -> str:
        """What of the region could not be read, or ""."""
        if not self.unread:
            return ""
        more = f" and {len(self.unread) - 3} more" if len(self.unread) > 3 else ""
        return f"Could not be read and were skipped: {', '.join(self.unread[:3])}{more}."


def reach_of(account: Account) -> Reach:
    """Return how `aws` connects to an account; accounts with the same AWS account share the rate limit."""
    return Reach(
        key=account.aws_account_id or f"account-{account.pk}",
        method=account.method,
        profile=account.profile,
        role_arn=account.role_arn,
        external_id=account.external_id,
        endpoint_url=account.endpoint_url,
        calls_per_s=settings.CORSDASH_CALLS_PER_S,
        trusted=endpoint.is_operators(account.endpoint_url),
        send=endpoint.send,
    )


def start(user: User | None = None, account: Account | None = None, region: str = "") -> SyncRun:
    """Write down a run of all enabled accounts and regions, or of those given; nothing is fetched yet.

    Raises ValueError when `region` is in none of these accounts.
    """
    now = timezone.now()
    accounts = [account] if account else list(Account.objects.filter(enabled=True))
    places = [(one, name) for one in accounts for name in one.regions if not region or name == region]
    if region and not places:
        raise ValueError(f"no account has the region {region}; add it on the account's page first")
    with transaction.atomic():
        run = SyncRun.objects.create(account=account, region=region, asked_by=user, started_at=now)
        SyncRegion.objects.bulk_create([SyncRegion(run=run, account=one, region=name) for one, name in places])
        if not places:
            run.finished_at = now
            run.save(update_fields=["finished_at"])
    return run


def due() -> SyncRun | None:
    """Start the scheduled run, unless the one before still goes on; also tidies up runs of the past."""
    now = timezone.now()
    SyncRun.objects.filter(started_at__lt=now - KEEP_RUNS).delete()
    lost = SyncRegion.objects.filter(
        Q(run__started_at__lt=now - LOST_AFTER) | Q(run__started_at__gt=now + clock.AHEAD),
        state__in=[SyncRegion.State.RUNNING, SyncRegion.State.WAITING],
    )
    for region in lost.select_related("run"):
        give_up(region, "The worker stopped during this region's sync. The next sync tries again.")
    if SyncRun.objects.filter(finished_at=None, account=None, region="").exists():
        return None
    return start()


def give_up(region: SyncRegion, why: str) -> None:
    """Mark a region that no one will fetch in this run."""
    _finish(region, Tally(), why)


def run_region(region: SyncRegion) -> Tally:
    """Fetch one account's region and bring its mirror up to date.

    A failure is stored in the row, in words for people. What was mirrored before it stays, and counts.
    """
    SyncRegion.objects.filter(pk=region.pk).update(state=SyncRegion.State.RUNNING, started_at=timezone.now())
    tally, error = Tally(), ""
    try:
        with within(REGION_SECONDS):
            _mirror(region.account, region.region, tally)
            _mirror_domains(region.account, region.region, tally)
    except AwsError as failure:
        error = str(failure)
    except Exception as failure:  # whatever it is, a person must be able to see that this region was not fetched
        error = f"Unexpected {type(failure).__name__}: {failure}"
        _finish(region, tally, error)
        raise
    _finish(region, tally, error)
    return tally


def _finish(region: SyncRegion, tally: Tally, error: str) -> None:
    region.state = SyncRegion.State.FAILED if error else SyncRegion.State.DONE
    region.error, region.finished_at = error or tally.warning, timezone.now()
    region.found, region.changed, region.drifted, region.gone = tally.found, tally.changed, tally.drifted, tally.gone
    region.save()
    unsettled = SyncRegion.objects.filter(run=region.run_id, state__in=["waiting", "running"])
    if not unsettled.exists():
        SyncRun.objects.filter(pk=region.run_id, finished_at=None).update(finished_at=region.finished_at)


def _mirror(account: Account, region: str, tally: Tally) -> None:
    read_at = timezone.now()
    seen = {one.api_id: one for one in list_apis(reach_of(account), region, odd=tally.unread)}
    is_complete = not tally.unread
    known = {
        api.api_id: api
        for api in HttpApi.objects.filter(account=account, region=region).select_related("account", "current")
    }
    tally.found = len(seen)
    pending = set(
        Change.objects.filter(status="pending", api__account=account, api__region=region).values_list("api", flat=True)
    )
    for api_id, one in seen.items():
        try:
            api = _store(account, region, one, known.get(api_id))
            if api.version == 0 or api.pk in pending or _differs(api, one):
                _count(tally, history.record_live(api, one.cors, read_at))
        except (PolicyError, ValueError, DataError):
            # What AWS should never send of this API says nothing about the others.
            tally.unread.append(one.name[:100] or api_id)
    present = HttpApi.objects.filter(account=account, region=region, api_id__in=seen)
    present.update(last_seen_at=read_at, missing_since=None)
    missing = [
        api
        for api in known.values()
        if api.gone_at is None
        and api.api_id not in seen
        and (api.first_seen_at < read_at or clock.is_ahead(api.first_seen_at))
    ]
    tally.gone = _settle_missing(missing, read_at, is_complete)


def _store(account: Account, region: str, one: ApiSeen, api: HttpApi | None) -> HttpApi:
    facts = _facts(one)
    if api is None:
        # Another sync of the region may have found it since: one that was given back after a restart, for one.
        api, is_created = HttpApi.objects.select_related("account", "current").get_or_create(
            account=account, region=region, api_id=one.api_id, defaults=facts
        )
        if is_created:
            return api
    is_new = any(getattr(api, name) != value for name, value in facts.items())
    if is_new or api.gone_at or finding_counts.is_outdated(api):
        history.store_facts(api, gone_at=None, **facts)
    return api


def _settle_missing(missing: Sequence[HttpApi], read_at: datetime, is_complete: bool) -> int:
    """Mark as gone what two complete lists in a row lack, or what AWS says it does not have; return how many."""
    gone = [api.pk for api in missing if api.missing_since and is_complete]
    for api in [api for api in missing if api.pk not in gone][:MISSING_ASKED_FOR]:
        try:
            get_api(reach_of(api.account), api.region, api.api_id)
        except NotFound:
            gone.append(api.pk)
        except AwsError:
            break
    if is_complete:
        newly = [api.pk for api in missing if not api.missing_since]
        HttpApi.objects.filter(pk__in=newly).update(missing_since=read_at)
    return HttpApi.objects.filter(pk__in=gone, gone_at=None).update(gone_at=read_at)


def _differs(api: HttpApi, one: ApiSeen) -> bool:
    return CorsPolicy.from_aws(one.cors) != api.policy


def _count(tally: Tally, change: Change | None) -> None:
    if change is not None:
        tally.changed += 1
        tally.drifted += change.kind == Change.Kind.DRIFT


def _facts(one: ApiSeen) -> dict[str, object]:
    return {
        "name": one.name[:256],
        "description": one.description,
        "endpoint": one.endpoint,
        "disable_execute_api_endpoint": one.disable_execute_api_endpoint,
        "managed": one.managed,
        "tags": one.tags,
        "created_in_aws_at": one.created_at,
    }


def _mirror_domains(account: Account, region: str, tally: Tally) -> None:
    by_api: dict[str, list[dict[str, object]]] = {}
    odd: list[str] = []
    found_domains = domains(reach_of(account), region, odd)
    if odd:
        # Whose domains these are is not known: each API keeps those that it had.
        tally.unread += odd
        return
    for domain in found_domains:
        for mapping in domain.mappings:
            by_api.setdefault(mapping.api_id, []).append(
                {
                    "name": domain.name,
                    "path": mapping.path,
                    "stage": mapping.stage,
                    "scheme": domain.scheme,
                    "mutual_tls": domain.mutual_tls,
                }
            )
    for api in HttpApi.objects.filter(account=account, region=region):
        found = by_api.get(api.api_id, [])
        if found != api.domains:
            history.store_facts(api, domains=found)


def reread_api(api: HttpApi) -> Change | None:
    """Read one API's configuration again, nothing else; returns the change found, if any. Raises AwsError."""
    read_at = timezone.now()
    return history.record_live(api, get_api(reach_of(api.account), api.region, api.api_id).cors, read_at)


def refresh(api: HttpApi) -> Change | None:
    """Read one API again, with its routes, stages and authorizers; returns the change found, if any.

    What AWS answers instead is kept in `details_error`, for the API's page.
    """
    read_at: datetime = timezone.now()
    change, error = None, ""
    try:
        with within(API_SECONDS):
            live = get_api(reach_of(api.account), api.region, api.api_id)
            more = details(reach_of(api.account), api.region, api.api_id)
        history.store_facts(api, gone_at=None, missing_since=None, last_seen_at=read_at, **_facts(live))
        change = history.record_live(api, live.cors, read_at)
        history.store_facts(
            api,
            routes=more.routes,
            stages=more.stages,
            integrations=more.integrations,
            authorizers=more.authorizers,
            details_at=read_at,
        )
    except NotFound:
        HttpApi.objects.filter(pk=api.pk, gone_at=None).update(gone_at=read_at)
        error = "AWS no longer has this API."
    except (AwsError, PolicyError) as failure:
        error = str(failure)
    HttpApi.objects.filter(pk=api.pk).update(details_error=error)
    return change


def needing_details(account: Account, region: str) -> list[int]:
    """Return the newest APIs of a region whose routes have never been read, at most DETAILS_PER_SYNC of them."""
    apis = HttpApi.objects.filter(account=account, region=region, details_at=None, gone_at=None, details_error="")
    return list(apis.order_by("-id").values_list("pk", flat=True)[:DETAILS_PER_SYNC])


def is_stale(api: HttpApi) -> bool:
    """Return whether the API's routes and stages are worth reading again when someone looks at it."""
    return not read_since(api, timezone.now() - DETAILS_STALE_AFTER)


def read_since(api: HttpApi, moment: datetime) -> bool:
    """Return whether the API's routes and stages were read at a moment or later."""
    return api.details_at is not None and api.details_at >= moment and not clock.is_ahead(api.details_at)
