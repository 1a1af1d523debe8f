"""What the operations answer, for the OpenAPI document. More members may come; those named here stay."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from apis.rest.values import Cors, Time


class Answer(BaseModel):
    """An answer: members that are not named here go out as well, which ninja's own Schema would drop."""

    model_config = ConfigDict(extra="allow")


class Page[T](BaseModel):
    """A page of a list; `next` is the address of the following one."""

    items: list[T]
    next: str | None


class Account(Answer):
    """An account; how it is reached stays inside."""

    id: int
    name: str
    aws_account_id: str
    regions: list[str]
    read_only: bool
    enabled: bool


class Finding(Answer):
    """What a rule found in a configuration; `fix` is the label of its one-click fix."""

    code: str
    title: str
    severity: Literal["error", "warning", "note"]
    field: str
    value: str | None
    why: str
    todo: str
    fix: str | None


class Api(Answer):
    """An API; `cors` is null when off. Those found by `origin` also have `through` and `since`."""

    id: int
    api_id: str
    name: str
    account: str
    region: str
    endpoint: str
    cors: Cors | None
    version: int
    gone_at: Time | None
    findings: list[Finding]


class Origin(Answer):
    """An entry of AllowOrigins in use; `first` is the change that first brought it in where it still is."""

    origin: str
    apis: int
    accounts: int
    since: Time
    flags: list[str]
    first: dict[str, Any] | None


class FieldDiff(Answer):
    """What differs in one field; for a list, the entries added and removed."""

    field: str
    before: list[str] | int | bool
    after: list[str] | int | bool
    added: list[str]
    removed: list[str]


class Impact(Answer):
    """A call of a `probe` or from an `origin`, before and after; `code` and `reason` say why it is blocked.

    Of a call that is allowed on both sides `reason` says which headers of its answer script can no longer read, or can
    read anew. `stage` names the stage without auto-deploy that the call goes to: then `before` is what the settings in
    AWS say, which need not be live there, and it goes by `after` only once it is deployed.
    """

    call: str
    before: Literal["allowed", "blocked"]
    after: Literal["allowed", "blocked"]
    code: str | None
    reason: str
    stage: str | None


class Conflict(Answer):
    """What the proposer saw, what is live, and what is proposed."""

    seen: Cors | None
    live: Cors | None
    proposed: Cors | None


class Holding(Answer):
    """What browsers go on with: for how many seconds each, what pages may still do, and the order that avoids it."""

    held: dict[str, int]
    still: list[str]
    arriving: list[str]
    safe_order: list[dict[str, Any]]


class Elsewhere(Answer):
    """The same change as another tool writes it down; `patch` of what is live, where the tool keeps files."""

    format: str
    title: str
    text: str
    patch: str


class Plan(Answer):
    """What a proposal would change; `new`, `solved` and `unchanged` are codes of findings.

    `origins_left_out` and `headers_left_out` say how many were not tried, because there are too many: the origins that
    change and the request headers that go come first.
    """

    diff: list[FieldDiff]
    summary: str
    findings: list[Finding]
    new: list[str]
    solved: list[str]
    unchanged: list[str]
    impact: list[Impact]
    origins_left_out: int
    headers_left_out: int
    holding: Holding | None
    elsewhere: list[Elsewhere]
    conflict: Conflict | None
    unchecked: str | None


class Change(Answer):
    """A row of the history; a row's `before` is the `after` of the applied row under it."""

    id: int
    api: int
    kind: str
    status: Literal["pending", "applied", "failed"]
    at: Time
    actor: str | None
    note: str
    summary: str
    before: Cors | None
    after: Cors | None
    group: str | None
    error: str | None


class Verdict(Answer):
    """What a browser decides; `code` is Chrome's name, null when allowed."""

    id: str | int | float | None
    needs_preflight: bool
    allowed: bool
    code: str | None
    reason: str
    exposed: list[str]


class Cause(Answer):
    """Why a call is blocked: a stable code with a page of its own, and the field that it is about, if any."""

    code: str
    title: str
    why: str
    field: str | None
    value: str | None
    certainty: Literal["certain", "likely", "possible"]
    steps: list[str]


class Explanation(Answer):
    """What was read, the API, the cause, fixes, the prediction, the verdict, and what is still to be told."""

    read: dict[str, Any]
    api: dict[str, Any] | None
    cause: Cause | None
    also: list[Cause]
    fixes: list[dict[str, Any]]
    predicted: dict[str, Any] | None
    verdict: dict[str, Any]
    ask: list[dict[str, Any]]
    origins: list[dict[str, Any]]


class Probe(Answer):
    """A probe and its state; `interval` in seconds, `failures` in a row to be down."""

    id: int
    api: int
    name: str
    origin: str
    method: str
    base_url: str
    path: str
    headers: list[str]
    credentials: bool
    expect: Literal["allowed", "blocked"]
    interval: int
    failures: int
    enabled: bool
    state: str
    last_passed_at: Time | None
    not_run: str | None


class Asked(Answer):
    """The probe that is run."""

    probe: int


class Result(Answer):
    """One run of a probe; `error` is set when there was no answer to judge.

    `not_run` names what corsdash's own machine lacked for the call (`descriptors`, `memory`, `threads`, `ports`,
    `network`, `resolver`, `certificates`, `deadline`, `database`, `internal`). Then `passed` is null, `error` says it
    in words, and the run counts neither as passed nor as failed.
    """

    id: int
    at: Time
    passed: bool | None
    verdict: dict[str, Any] | None
    exchange: dict[str, Any] | None
    timings: dict[str, Any]
    error: str | None
    not_run: str | None


class Incident(Answer):
    """A stretch of failing with the change that came right before."""

    id: int
    api: int
    state: Literal["open", "closed"]
    summary: str
    opened_at: Time
    closed_at: Time | None
    acknowledged_at: Time | None
    probes: list[int]
    suspected_change: int | None


class Channel(Answer):
    """A channel; its secret and a webhook's address are never shown again."""

    id: int
    kind: str
    name: str
    address: str
    enabled: bool


class NewChannel(Channel):
    """A channel that was just made, with its signing secret."""

    secret: str | None


class Attempt(Answer):
    """One try to send."""

    at: Time
    status: int | None
    error: str | None
    took_ms: float


class Delivery(Answer):
    """A message to a channel with its attempts."""

    id: int
    message_id: str
    channel: int
    incident: int | None
    event: str
    state: Literal["waiting", "sent", "failed"]
    created_at: Time
    sent_at: Time | None
    next_attempt_at: Time | None
    attempts: list[Attempt]


class Job(Answer):
    """A bulk job that was started, and the group of its changes."""

    job: int
    group: str


class Why(Answer):
    """An API that a job left as it was, and why."""

    api: int
    why: str


class JobProgress(Job):
    """How far a bulk job got."""

    state: str
    done: int
    total: int
    applied: int
    skipped: list[Why]
    failed: list[Why]


class Run(Answer):
    """A sync that was started."""

    run: int


class RegionProgress(Answer):
    """One account's region in a sync."""

    account: str
    region: str
    state: Literal["waiting", "running", "done", "failed"]
    found: int
    changed: int
    drifted: int
    gone: int
    error: str | None


class RunProgress(Run):
    """How far a sync got."""

    state: Literal["running", "done", "failed"]
    started_at: Time
    finished_at: Time | None
    regions: list[RegionProgress]


class Health(Answer):
    """What works and what does not."""

    status: Literal["ok", "degraded"]
    database: Literal["ok", "full", "unreachable"]
    broker: Literal["ok", "full", "unreachable"]
    scheduler: Literal["ok", "late", "unknown"]
