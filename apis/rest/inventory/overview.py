"""The overview."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from apis.insight.overview import Item, sections
from apis.rest.api import ERRORS
from apis.rest.schemas import Answer, Text, Time

router = Router(tags=["overview"])


class OverviewItem(Answer):
    """One row of a section; `id` is of the section's own kind, `cause` a code of Explain, `url` a page."""

    id: int
    title: str
    detail: Text
    at: Time | None
    api: int | None
    cause: Text
    suspected_change: int | None
    url: str

    @staticmethod
    def resolve_api(item: Item) -> int | None:
        """Return the API's id."""
        return item.api.pk if item.api else None


class OverviewSection(Answer):
    """How many there are and the most urgent of them."""

    count: int
    items: list[OverviewItem]


class Overview(Answer):
    """What fails, drifted or waits for a decision.

    Failing probes, open incidents, unreviewed drift, open proposals, grants that end within a day, regions whose sync
    failed and APIs whose configuration has errors.
    """

    failing: OverviewSection
    incidents: OverviewSection
    drift: OverviewSection
    proposals: OverviewSection
    grants: OverviewSection
    syncs: OverviewSection
    findings: OverviewSection


@router.get("overview", response={200: Overview, **ERRORS})
def read_overview(request: HttpRequest) -> dict[str, Any]:
    """What fails, drifted or waits for a decision, the most urgent of each first."""
    return {section.key: section for section in sections()}
