"""CloudTrail: who changed APIs of a region, by its event history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from apis.aws.clients import CLOUDTRAIL, pages
from apis.aws.connection import Reach

SOURCE = "apigateway.amazonaws.com"
"""AppSync has an UpdateApi too, so events are looked up by their source, never by their name."""

PAGE, MOST_PAGES = 50, 10
"""Events on a page, the most that CloudTrail gives, and pages that one look-up reads: later ones are older."""

CHANGING = frozenset({"CreateApi", "UpdateApi", "DeleteCorsConfiguration", "ImportApi", "ReimportApi"})
"""The operations after which an API may have other CORS settings."""


@dataclass(frozen=True, slots=True)
class Event:
    """One operation that CloudTrail wrote down. `names` are all the texts in its parameters, an API's id among them;
    `on_cors` is whether these concern CORS: UpdateApi changes an API's name and other things as well.
    """

    id: str
    name: str
    at: datetime
    user: str
    agent: str
    source_ip: str
    names: frozenset[str]
    on_cors: bool = True


def events(reach: Reach, region: str, since: datetime, until: datetime) -> tuple[list[Event], bool]:
    """Return the operations between two moments that may have changed CORS settings, newest first, and whether these
    are all: what reads is in the history as well, and one look-up reads MOST_PAGES pages of it.

    CloudTrail shows an operation up to 15 minutes after it happened, and keeps it for 90 days. Raises AwsError.
    """
    found: list[Event] = []
    answers = pages(
        reach,
        region,
        "LookupEvents",
        service=CLOUDTRAIL,
        page_size=PAGE,
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": SOURCE}],
        StartTime=since,
        EndTime=until,
    )
    complete = False
    for answer in islice(answers, MOST_PAGES):
        found += [_read(one) for one in answer["Events"] if _changed(one)]
        complete = not answer.get("NextToken")
    return sorted(found, key=lambda event: event.at, reverse=True), complete


def _changed(one: dict[str, Any]) -> bool:
    """Return whether an operation may have changed an API, and was not refused."""
    return one.get("EventName") in CHANGING and not _record(one.get("CloudTrailEvent")).get("errorCode")


def _read(one: dict[str, Any]) -> Event:
    record = _record(one.get("CloudTrailEvent"))
    identity = record.get("userIdentity") if isinstance(record.get("userIdentity"), dict) else {}
    assert isinstance(identity, dict)
    return Event(
        id=str(one.get("EventId", "")),
        name=str(one["EventName"]),
        at=one["EventTime"],
        user=str(identity.get("arn") or one.get("Username") or ""),
        agent=str(record.get("userAgent", "")),
        source_ip=str(record.get("sourceIPAddress", "")),
        # The shape of requestParameters is not documented for HTTP APIs.
        names=frozenset([*_texts(record.get("requestParameters")), *_texts(record.get("responseElements"))]),
        on_cors=one["EventName"] != "UpdateApi" or any("cors" in key.lower() for key in _keys(record)),
    )


def _keys(record: dict[str, Any]) -> Iterator[str]:
    """Yield the names of an operation's parameters, those within a body among them."""
    given = record.get("requestParameters")
    for value in [given, *(given.values() if isinstance(given, dict) else ())]:
        if isinstance(value, dict):
            yield from map(str, value)


def _record(text: Any) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
