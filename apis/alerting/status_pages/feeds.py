"""A status page's incidents as an Atom feed, and its incidents and maintenance as a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed

from apis.alerting.status_pages.models import StatusPage
from apis.alerting.status_pages.report import (
    DAYS,
    MOST_INCIDENTS,
    MOST_OCCURRENCES,
    IncidentStatus,
    incidents_of,
    maintenance_of,
    printable,
    selected,
)

CALENDAR_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(minutes=15)

type Item = tuple[Published, IncidentStatus]


@dataclass(frozen=True, slots=True)
class Published:
    """A status page with the addresses at which its reader found it."""

    page: StatusPage
    url: str
    feed_url: str
    host: str
    now: datetime

    def tag(self, what: str) -> str:
        """Return the same id for a thing for good, whatever the link's token (RFC 4151)."""
        return f"tag:{self.host},{self.page.created_at:%Y-%m-%d}:status/{self.page.pk}{what}"


if TYPE_CHECKING:
    from icalendar import Event

    _Feed = Feed[tuple["Published", IncidentStatus], "Published"]
else:
    _Feed = Feed


class IncidentFeed(_Feed):
    """The open incidents and those of the last 30 days."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Published:
        """Return the page that the feed is about."""
        published: Published = kwargs["published"]
        return published

    def title(self, published: Published) -> str:
        """Name the page."""
        return f"{printable(published.page.name)}: incidents"

    def subtitle(self, published: Published) -> str:
        """Say what it leaves out."""
        return f"Open incidents and those of the last {DAYS} days, at most {MOST_INCIDENTS}."

    def link(self, published: Published) -> str:
        """Lead to the page."""
        return published.url

    def feed_url(self, published: Published) -> str:
        """Name the feed's own address."""
        return published.feed_url

    def feed_guid(self, published: Published) -> str:
        """Return the feed's id."""
        return published.tag("")

    def items(self, published: Published) -> list[Item]:
        """Return the incidents, with the page they are shown on."""
        found = incidents_of(list(selected(published.page)), published.now)
        return [(published, one) for one in found]

    def item_title(self, item: Item) -> str:
        """Say what happened."""
        return item[1].title if item[1].until is None else f"{item[1].title} (resolved)"

    def item_description(self, item: Item) -> str:
        """Say since when, until when and where."""
        one = item[1]
        until = f" until {one.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if one.until else ", ongoing"
        return f"{', '.join(one.apis)}: failing from {one.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC{until}."

    def item_link(self, item: Item) -> str:
        """Lead to the incident's place on the page."""
        return f"{item[0].url}#incident-{item[1].id}"

    def item_guid(self, item: Item) -> str:
        """Return the incident's id."""
        return item[0].tag(f"/incident/{item[1].id}")

    def item_pubdate(self, item: Item) -> datetime:
        """Return when it began."""
        return item[1].since

    def item_updateddate(self, item: Item) -> datetime:
        """Return when it was resolved, or began."""
        return item[1].until or item[1].since


def calendar_of(published: Published) -> bytes:
    """Return the calendar (RFC 5545) of a page: its incidents, and its maintenance of the next 30 days."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//corsdash//status page//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", printable(published.page.name))
    left_out = f"Incidents of the last {DAYS} days, at most {MOST_INCIDENTS}, and maintenance of the next {DAYS} days, "
    calendar.add("x-wr-caldesc", f"{left_out}at most {MOST_OCCURRENCES} windows.")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    apis = list(selected(published.page))
    for incident in incidents_of(apis, published.now):
        event = _event(published, f"incident-{incident.id}", incident.since, incident.until or published.now)
        event.add("summary", incident.title)
        event.add("description", ", ".join(incident.apis))
        event.add("url", f"{published.url}#incident-{incident.id}")
        event.add("categories", ["Incident"])
        calendar.add_component(event)
    for one in maintenance_of(apis, published.now):
        starts_at, ends_at = one.when
        event = _event(
            published, f"maintenance-{one.id}-{starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}", starts_at, ends_at
        )
        event.add("summary", f"Maintenance: {one.name}")
        event.add("description", ", ".join(one.apis))
        event.add("url", published.url)
        event.add("categories", ["Maintenance"])
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found


def _event(published: Published, key: str, starts_at: datetime, ends_at: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{key}-status-{published.page.pk}@{published.host}")
    event.add("dtstamp", published.now.astimezone(UTC))
    event.add("dtstart", starts_at.astimezone(UTC))
    event.add("dtend", ends_at.astimezone(UTC))
    event.add("transp", "TRANSPARENT")
    return event
