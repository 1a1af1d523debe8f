"""Answer a pasted error or a call: read it, find the API that it goes to, and find the cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F

from apis.cors.exchange import Request
from apis.cors.explain import Diagnosis, diagnose
from apis.cors.hosts import host_of_url
from apis.cors.judging import MODES, ExchangeError, read_request
from apis.cors.origins import parse_url
from apis.cors.paste import MOST_HEADERS, Reading, choose, read_calls, reading_of
from apis.cors.policy import CorsPolicy
from apis.cors.routing import base_of
from apis.inventory.lint_context import base_urls, target_of
from apis.inventory.models import HttpApi
from apis.isolation import process as isolation


@dataclass(frozen=True, slots=True)
class PasteAnswer:
    """The diagnosis and the API that it is about, None when no API of the inventory was found."""

    diagnosis: Diagnosis
    api: HttpApi | None

    def as_json(self) -> dict[str, Any]:
        """Return the form of the REST contract."""
        row = self.api
        about = {"id": row.pk, "api_id": row.api_id, "name": row.name, "region": row.region} if row else None
        return {"api": about, **self.diagnosis.as_json()}


def answer_paste(
    text: str,
    *,
    api: HttpApi | None = None,
    policy: CorsPolicy | None = None,
    given: Mapping[str, Any] | None = None,
    inventory: bool = True,
) -> PasteAnswer:
    """Read a text and find the cause; `given` corrects what was read, part by part.

    `policy` takes the place of the API's configuration. `inventory` false looks up no API. Raises ReadingError when the
    text cannot be read, TooMuchWork or Busy when it is too large, ExchangeError for a wrong part.
    """
    known: dict[str, HttpApi | None] = {}

    def is_known(url: str) -> bool:
        if url not in known and len(known) < 20:
            known[url] = api_at(url)
        return known.get(url) is not None

    reading = choose(isolation.read(read_calls, text, "pasted"), is_known if inventory else None)
    reading = corrected(reading, given or {})
    if api is None and inventory and policy is None:
        api = api_at(reading.url)
    return PasteAnswer(diagnose(reading, target_of(api, policy)), api)


def answer_call(
    call: Mapping[str, Any], *, api: HttpApi | None = None, policy: CorsPolicy | None = None, inventory: bool = True
) -> PasteAnswer:
    """Find the cause of a whole call. Raises ExchangeError for a part that is wrong or missing."""
    request = read_call(call)
    if api is None and policy is None and inventory:
        api = api_at(request.url)
    return PasteAnswer(diagnose(reading_of(request), target_of(api, policy)), api)


def read_call(call: Mapping[str, Any]) -> Request:
    """Return a call of bounded size. Raises ExchangeError."""
    headers = call.get("headers")
    if isinstance(headers, list) and len(headers) > MOST_HEADERS:
        raise ExchangeError("request.headers", f"has {len(headers)} entries; at most {MOST_HEADERS} are taken")
    return read_request(call)


def corrected(reading: Reading, given: Mapping[str, Any]) -> Reading:
    """Return a reading with the parts that a person gave in place of those that were read. Raises ExchangeError."""
    parts = {name: value for name, value in given.items() if value not in (None, "") and name in _PARTS}
    if not parts:
        return reading
    whole = {
        "origin": reading.origin or "https://page.invalid",
        "url": reading.url if parse_url(reading.url) else "https://api.invalid/",
        "method": reading.method,
        "headers": [list(pair) for pair in reading.headers],
        "credentials": reading.credentials,
        "mode": reading.mode if reading.mode in MODES else "cors",
    }
    request = read_call(whole | parts)
    found = {name: getattr(request, name) for name in parts}
    missing = tuple(name for name in reading.missing if name not in parts)
    return replace(reading, **found, missing=missing)


_PARTS = ("origin", "url", "method", "headers", "credentials", "mode")


def api_at(url: str) -> HttpApi | None:
    """Return the API that a URL leads to, by the id in an execute-api name or by its custom domain; None if unknown.

    Several APIs may share a domain: it is the one whose address the URL is under the longest.
    """
    there_first = (F("gone_at").asc(nulls_first=True), "id")
    rows = HttpApi.objects.select_related("account", "current").order_by(*there_first)
    host = host_of_url(url)
    named = rows.filter(api_id=host.api_id).first() if host.api_id else None
    if named is not None:
        return named
    found = parse_url(url)
    if found is None or not found.host:
        return None
    own = rows.filter(endpoint__iendswith=found.origin.partition(":")[2]).first()
    if own is not None:
        return own
    names = {found.host, f"*.{found.host.partition('.')[2]}"}
    sharing = [row for row in rows.exclude(domains=[])[:1000] if names & {one["name"].lower() for one in row.domains}]
    bases = {base: row for row in reversed(sharing) for base in base_urls(row)}
    # Of an address that no stage and no path answers, the page says so about the first API that is there.
    return bases.get(base_of(url, list(bases)) or "", sharing[0] if sharing else None)
