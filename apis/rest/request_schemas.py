"""What goes into the API: bodies and queries, which refuse what they do not know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, Strict

from apis.cors.paste import MAX_PASTE as LONGEST_PASTE
from apis.rest.values import Cors, PartialCall

MOST_ID = 2**63 - 1
"""The largest number that a database keeps as an id."""


class Body(Schema):
    """A request body: an unknown member is an error, for it would be lost without a word, and so is a wrong type.

    `true` is no version and "yes" no answer, whatever Python makes of them.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


def _in_utc(at: datetime) -> datetime:
    """Return the time in UTC. Raises ValueError for the few that UTC has no year for."""
    try:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time between the years 1 and 9999 in UTC") from None


Moment = Annotated[datetime, Strict(False), AfterValidator(_in_utc)]
"""A time in a body, where JSON has it as text; without an offset it is in UTC."""


class Listing(Schema):
    """The query of a list, in which everything is text."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=1000)


class ApiListing(Listing):
    """Which APIs: by text, account, region, or the origin that they admit."""

    search: str = Field("", max_length=200)
    account: str = Field("", max_length=100)
    region: str = Field("", max_length=30)
    origin: str = Field("", max_length=500)
    standing: Literal["drift", "locked", "departed", ""] = ""


class ChangeListing(Listing):
    """Which changes; see `apis.inventory.change_log.changes_matching`."""

    api: str = Field("", max_length=20)
    account: str = Field("", max_length=100)
    region: str = Field("", max_length=30)
    person: str = Field("", max_length=200)
    kind: str = Field("", max_length=10)
    status: str = Field("", max_length=7)
    origin: str = Field("", max_length=500)
    since: str = Field("", max_length=40)
    until: str = Field("", max_length=40)
    group: str = Field("", max_length=40)


class RestoreBody(Body):
    """To which moment: a time in the past, or the id of the change that is to be in force again."""

    at: Moment | None = None
    change: int | None = Field(None, ge=0, le=MOST_ID)
    note: str = Field("", max_length=500)


class OriginListing(Listing):
    """Which entries of AllowOrigins: by text, account, or what is to be looked at."""

    search: str = Field("", max_length=500)
    account: str = Field("", max_length=100)
    flag: Literal["null", "never", "any", "look-alike", "http", "port", "local", "third-party", ""] = ""


class ProbeListing(Listing):
    """Which probes: those of one API, or all."""

    api: int | None = Field(None, ge=0, le=MOST_ID)


class IncidentListing(Listing):
    """Which incidents."""

    state: Literal["open", "closed", ""] = ""


class PlanBody(Body):
    """A proposal; null switches CORS off. `version` is what the proposer saw."""

    cors: Cors | None
    version: int | None = None


class CorsBody(Body):
    """A proposal to apply. `guard` takes it back by itself when a probe that passed fails because of it."""

    cors: Cors | None
    version: int = Field(ge=1, le=2_000_000_000)
    note: str = Field("", max_length=500)
    guard: bool = False


class NoteBody(Body):
    """Why."""

    note: str = Field(default="", max_length=500)


class ProbeBody(Body):
    """A probe to make."""

    api: int
    origin: str
    name: str = ""
    method: str = "GET"
    base_url: str = ""
    path: str = "/"
    headers: list[str] = []
    credentials: bool = False
    expect: Literal["allowed", "blocked"] = "allowed"
    interval: int = 300
    failures: int = 2
    enabled: bool = True


class ProbePatch(Body):
    """What to change of a probe; what is left out stays as it is."""

    origin: str = ""
    name: str = ""
    method: str = ""
    base_url: str = ""
    path: str = ""
    headers: list[str] = []
    credentials: bool = False
    expect: Literal["allowed", "blocked"] = "allowed"
    interval: int = 0
    failures: int = 0
    enabled: bool = True


class ChannelBody(Body):
    """A channel to make: a webhook needs a url (its secret is made when none is given), e-mail an address."""

    kind: str
    name: str = Field(min_length=1, max_length=100)
    url: str = Field("", max_length=2000)
    address: str = Field("", max_length=320)
    secret: str = Field("", max_length=200)
    proposals: bool = Field(False, description="Whether it is told of proposals, too.")


class ChannelPatch(Body):
    """What to change of a channel; what is left out stays as it is."""

    name: str = Field("", min_length=1, max_length=100)
    url: str = Field("", min_length=1, max_length=2000)
    address: str = Field("", min_length=1, max_length=320)
    secret: str = Field("", min_length=1, max_length=200)
    enabled: bool = True


class SyncBody(Body):
    """What to sync; everything when empty."""

    account: str = ""
    region: str = ""


class ExplainBody(Body):
    """A pasted error or a call to explain, against a stored API or six fields given here.

    `request` corrects or completes what the text tells; without a text it is the whole call.
    """

    pasted: str | None = Field(None, max_length=LONGEST_PASTE)
    api: int | None = None
    cors: Cors | None = None
    origin: str | None = Field(None, max_length=2000)
    request: PartialCall | None = None


class Items(Schema):
    """A page of a list; `next` is the address of the following one."""

    items: list[dict[str, Any]]
    next: str | None
