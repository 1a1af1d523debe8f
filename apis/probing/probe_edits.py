"""Making and changing probes: the one place that says what a probe may be, for the pages and for REST alike."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from apis.access import audit
from apis.cors.origins import origin_of
from apis.cors.safelist import is_forbidden_header, is_token, normal_method
from apis.errors import InvalidFields
from apis.inventory.lint_context import base_urls
from apis.inventory.models import HttpApi
from apis.probing.models import CALL, Probe
from apis.probing.schedule import MAX_INTERVAL, MIN_INTERVAL

FIELDS = (
    "name", "origin", "method", "base_url", "path", "headers", "credentials", "expect", "interval", "failures",
    "enabled",
)  # fmt: skip
"""What a person may set of a probe."""


def save(api: HttpApi, values: dict[str, Any], user: User | None = None, probe: Probe | None = None) -> Probe:
    """Make a probe of `api`, or change `probe`; what `values` leaves out keeps its value or default.

    A new probe, and one whose call changed or that is switched on again, is due at once. Raises InvalidFields.
    """
    is_new = probe is None
    probe = probe or Probe(api=api, created_by=user)
    call_before, made_up, watched = _call(probe), _made_up_name(probe), probe.enabled
    clean = _clean(api, {name: values.get(name, getattr(probe, name)) for name in FIELDS})
    for name, value in clean.items():
        setattr(probe, name, value)
    if probe.name in ("", made_up):
        probe.name = _made_up_name(probe)
    if probe.pk is None or _call(probe) != call_before or (probe.enabled and not watched):
        # Switched on again it starts anew as well: what it was before it was off has been closed, and is no news.
        probe.due_at = int(timezone.now().timestamp())
        probe.state, probe.state_since = Probe.State.NEW, None
        probe.failed_in_a_row = probe.passed_in_a_row = 0
        probe.failing_since = None
        if _call(probe) != call_before:
            probe.last_passed_at = None
    probe.save()
    audit.record(user, "added a probe" if is_new else "changed a probe", probe, api=api.name)
    return probe


def call_to_try(api: HttpApi, values: dict[str, Any]) -> Probe:
    """Return a probe that is not stored, to try its call once. Raises InvalidFields."""
    return Probe(api=api, **_clean(api, {name: values.get(name, getattr(Probe(), name)) for name in FIELDS}))


def _made_up_name(probe: Probe) -> str:
    return f"{probe.method} {probe.path} from {probe.origin}"[:100]


def _call(probe: Probe) -> tuple[Any, ...]:
    """What is tried and expected, with the address that is meant by none."""
    told = {name: getattr(probe, name) for name in CALL}
    return tuple((told | {"base_url": probe.base_url or next(iter(base_urls(probe.api)), "")}).values())


def _clean(api: HttpApi, values: dict[str, Any]) -> dict[str, Any]:
    errors: dict[str, str] = {}
    clean = dict(values)
    clean["name"] = str(values["name"] or "").strip()
    if len(clean["name"]) > 100:
        errors["name"] = "Must have at most 100 characters."
    clean["origin"] = str(values["origin"] or "").strip()
    errors |= _origin_error(clean["origin"])
    clean["method"] = normal_method(str(values["method"] or "").strip())
    if not is_token(clean["method"]) or clean["method"].upper() in ("CONNECT", "TRACE", "TRACK"):
        errors["method"] = "Must be a method that script can send, such as GET, POST or DELETE."
    elif len(clean["method"]) > 64:
        errors["method"] = "Must have at most 64 characters."
    clean["path"] = "/" + str(values["path"] or "").strip().lstrip("/")
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in clean["path"]) or "#" in clean["path"]:
        errors["path"] = "Must have no blanks and no #; write a blank as %20."
    elif len(clean["path"]) > 1000:
        errors["path"] = "Must have at most 1000 characters."
    clean["base_url"] = str(values["base_url"] or "").rstrip("/")
    if clean["base_url"] and clean["base_url"] not in base_urls(api):
        known = ", ".join(base_urls(api)) or "none is known yet"
        errors["base_url"] = f"Must be one of the API's own addresses: {known}."
    clean["headers"], problem = _headers(values["headers"])
    if problem:
        errors["headers"] = problem
    if values["expect"] not in Probe.Expect.values:
        errors["expect"] = 'Must be "allowed" or "blocked".'
    for name, low, high, unit in (
        ("interval", MIN_INTERVAL, MAX_INTERVAL, "seconds"),
        ("failures", 1, 100, "failures in a row"),
    ):
        value = values[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            errors[name] = f"Must be a whole number from {low} to {high} ({unit})."
    for name in ("credentials", "enabled"):
        if not isinstance(values[name], bool):
            errors[name] = "Must be true or false."
    if errors:
        raise InvalidFields(errors)
    return clean


def _origin_error(origin: str) -> dict[str, str]:
    if not origin:
        return {"origin": "Needed: the page that calls, such as https://app.example.com."}
    if len(origin) > 300:
        return {"origin": "Must have at most 300 characters."}
    sent = origin_of(origin)
    if origin != "null" and (sent is None or sent == "null"):
        return {"origin": "Must be an origin, such as https://app.example.com or http://localhost:3000."}
    if sent != origin:
        return {"origin": f"Browsers send this origin as {sent}; use that."}
    return {}


def delete(probe: Probe, user: User) -> None:
    """Delete a probe: it stops. Its flips and incidents are history, so its row stays."""
    probe.enabled, probe.deleted_at = False, timezone.now()
    probe.save(update_fields=["enabled", "deleted_at"])
    audit.record(user, "deleted a probe", probe, api=probe.api.name)


def _headers(given: Any) -> tuple[list[str], str]:
    if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
        return [], "Must be a list of header names."
    # A browser sends a header once, whatever the case of its name.
    found: dict[str, str] = {}
    for name in filter(None, map(str.strip, given)):
        found.setdefault(name.lower(), name)
    names = list(found.values())
    if len(names) > 50:
        return names, "At most 50 headers."
    for name in names:
        if not is_token(name) or len(name) > 200:
            return names, f"{name[:60]} is not a header name."
        if is_forbidden_header(name.lower(), ""):
            return names, f"Script cannot set {name}: browsers drop it."
    return names, ""
