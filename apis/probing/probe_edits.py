"""Making and changing probes: the one place that says what a probe may be, for the pages and for REST alike."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from apis.access import audit
from apis.cors.browser import needs_preflight
from apis.cors.origins import origin_of
from apis.cors.safelist import is_forbidden_header, is_token, normal_method
from apis.errors import InvalidFields
from apis.inventory.lint_context import base_urls
from apis.inventory.models import HttpApi
from apis.probing.models import CALL, EXPECTATIONS, Probe
from apis.probing.runs.calls import HARMLESS, request_of, sends_actual_request
from apis.probing.runs.expectations import status_range
from apis.probing.runs.schedule import MAX_INTERVAL, MIN_INTERVAL

FIELDS = (
    "name", "origin", "method", "base_url", "path", "headers", "credentials", "expect", "interval", "failures",
    "enabled", "retry_interval", "recoveries", *EXPECTATIONS, "safe", "secret_header",
)  # fmt: skip
"""What a person may set of a probe, and read again. The `secret` they may only set."""
_NUMBERS = (
    ("interval", MIN_INTERVAL, MAX_INTERVAL, "seconds"),
    ("failures", 1, 100, "failures in a row"),
    ("recoveries", 1, 100, "passes in a row"),
)
_OPTIONAL_NUMBERS = (
    ("min_max_age", 0, 86_400, "seconds"),
    ("max_latency", 1, 60_000, "milliseconds"),
    ("certificate_days", 1, 365, "days"),
)
LONGEST_SECRET = 4000
LONGEST_HEADER = 200


def save(api: HttpApi, values: dict[str, Any], user: User | None = None, probe: Probe | None = None) -> Probe:
    """Make a probe of `api`, or change `probe`; what `values` leaves out keeps its value or default.

    A new probe, and one whose call changed or that is switched on again, is due at once. A `secret` of None, or none,
    keeps the stored one. Raises InvalidFields.
    """
    is_new = probe is None
    probe = probe or Probe(api=api, created_by=user)
    call_before, made_up, watched, interval = _call(probe), _made_up_name(probe), probe.enabled, probe.interval
    _fill(probe, values)
    if probe.name in ("", made_up):
        probe.name = _made_up_name(probe)
    if probe.pk is None or probe.interval != interval or (probe.enabled and not watched):
        probe.scheduled_since = timezone.now()
    if probe.pk is None or _call(probe) != call_before or (probe.enabled and not watched):
        # Enabled again, it starts as new: its earlier incident is closed.
        probe.due_at = int(timezone.now().timestamp())
        probe.state, probe.state_since = Probe.State.NEW, None
        probe.failed_in_a_row = probe.passed_in_a_row = 0
        probe.failing_since = None
        if _call(probe) != call_before:
            probe.last_passed_at = None
    probe.save()
    audit.record(user, "added a probe" if is_new else "changed a probe", probe, api=api.name)
    return probe


def prepare(api: HttpApi, values: dict[str, Any]) -> Probe:
    """Return a new probe that is not stored yet. Raises InvalidFields."""
    probe = _fill(Probe(api=api), values)
    probe.name = probe.name or _made_up_name(probe)
    return probe


def _fill(probe: Probe, values: dict[str, Any]) -> Probe:
    """Set what `values` gives, checked. Raises InvalidFields."""
    given = {name: values.get(name, getattr(probe, name)) for name in FIELDS}
    secret = values.get("secret")
    clean = _clean(probe.api, given | {"secret": probe.secret if secret is None else secret})
    for name, value in clean.items():
        setattr(probe, name, value)
    return probe


def _made_up_name(probe: Probe) -> str:
    where = " on every host" if probe.same_on_every_host else ""
    return f"{probe.method} {probe.path} from {probe.origin}"[: 100 - len(where)] + where


def _call(probe: Probe) -> tuple[Any, ...]:
    """Return what is tried and expected, with the address that is meant by none."""
    fields = {name: getattr(probe, name) for name in (*CALL, "secret")}
    return tuple((fields | {"base_url": probe.base_url or next(iter(base_urls(probe.api)), "")}).values())


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
        errors["method"] = "Must be a method that scripts can send, such as GET, POST or DELETE."
    elif len(clean["method"]) > 64:
        errors["method"] = "Must have at most 64 characters."
    clean["path"] = "/" + str(values["path"] or "").strip().lstrip("/")
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in clean["path"]) or "#" in clean["path"]:
        errors["path"] = "Must have no spaces and no #; write a space as %20."
    elif len(clean["path"]) > 1000:
        errors["path"] = "Must have at most 1000 characters."
    clean["base_url"] = str(values["base_url"] or "").rstrip("/")
    if clean["base_url"] and clean["base_url"] not in base_urls(api):
        known = ", ".join(base_urls(api)) or "none known yet"
        errors["base_url"] = f"Must be one of the API's own addresses: {known}."
    clean["headers"], problem = _headers(values["headers"])
    if problem:
        errors["headers"] = problem
    if values["expect"] not in Probe.Expect.values:
        errors["expect"] = 'Must be "allowed" or "blocked".'
    errors |= _number_errors(values)
    for name in ("credentials", "enabled", "safe", "same_on_every_host"):
        if not isinstance(values[name], bool):
            errors[name] = "Must be true or false."
    errors |= _secret_errors(clean)
    errors |= _status_error(clean)
    clean["readable_headers"], problem = _response_headers(values["readable_headers"])
    if problem:
        errors["readable_headers"] = problem
    errors = errors or _unanswerable(api, clean)
    if errors:
        raise InvalidFields(errors)
    return clean


def _number_errors(values: dict[str, Any]) -> dict[str, str]:
    ranges = [*_NUMBERS, *(row for row in _OPTIONAL_NUMBERS if values[row[0]] is not None)]
    if values["retry_interval"] != 0:
        ranges.append(("retry_interval", MIN_INTERVAL, MAX_INTERVAL, "seconds; 0 for no retry"))
    return {
        name: f"Must be a whole number from {low} to {high} ({unit})."
        for name, low, high, unit in ranges
        if isinstance(values[name], bool) or not isinstance(values[name], int) or not low <= values[name] <= high
    }


def _secret_errors(clean: dict[str, Any]) -> dict[str, str]:
    """Check the header with a secret value, and make it one of the request headers."""
    name, secret = str(clean["secret_header"] or "").strip(), clean["secret"]
    clean["secret_header"] = name
    if not name:
        clean["secret"] = ""
        return {}
    if not is_token(name) or len(name) > LONGEST_HEADER or is_forbidden_header(name.lower(), ""):
        return {"secret_header": f"{name[:60]} is not a header that script can set."}
    if not isinstance(secret, str) or len(secret) > LONGEST_SECRET:
        return {"secret": f"Must be a text of at most {LONGEST_SECRET} characters."}
    if any(not 32 <= ord(sign) < 127 for sign in secret) or secret.strip() != secret:
        return {"secret": "Must have printable ASCII characters only, and no blanks around them."}
    if name.lower() not in [one.lower() for one in clean["headers"]]:
        clean["headers"] = [*clean["headers"], name]
    return {}


def _status_error(clean: dict[str, Any]) -> dict[str, str]:
    clean["status"] = str(clean["status"] or "").replace(" ", "")
    try:
        if clean["status"]:
            status_range(clean["status"])
    except ValueError:
        return {"status": "Must be a status such as 200, or a range such as 200-299."}
    return {}


def _unanswerable(api: HttpApi, clean: dict[str, Any]) -> dict[str, str]:
    """Return expectations that this call can tell nothing about."""
    probe = Probe(api=api, **clean)
    if probe.readable_headers and probe.expect == Probe.Expect.BLOCKED:
        return {"readable_headers": "A blocked page reads no headers: expect “allowed”, or leave this blank."}
    if probe.readable_headers and not sends_actual_request(probe):
        return {"readable_headers": f"Only the preflight of {probe.method} is sent. Mark the method as safe to call."}
    if probe.min_max_age and not (needs_preflight(request_of(probe)) or probe.method not in HARMLESS):
        return {"min_max_age": "This call sends no preflight. Add a request header or choose another method."}
    return {}


def _origin_error(origin: str) -> dict[str, str]:
    if not origin:
        return {"origin": "Enter the calling page's origin, such as https://app.example.com."}
    if len(origin) > 300:
        return {"origin": "Must have at most 300 characters."}
    sent = origin_of(origin)
    if origin != "null" and (sent is None or sent == "null"):
        return {"origin": "Must be an origin, such as https://app.example.com or http://localhost:3000."}
    if sent != origin:
        return {"origin": f"Browsers send this origin as {sent}. Use that."}
    return {}


def expect_opposite(probe: Probe, user: User) -> Probe:
    """Expect the other verdict, and nothing besides that it rules out."""
    values: dict[str, Any] = {"expect": Probe.Expect.ALLOWED}
    if probe.expect == Probe.Expect.ALLOWED:
        values = {"expect": Probe.Expect.BLOCKED, "readable_headers": [], "status": "", "min_max_age": None}
    return save(probe.api, values, user, probe)


def delete(probe: Probe, user: User | None) -> None:
    """Delete a probe: it stops. Its flips and incidents are history, so its row stays."""
    probe.enabled, probe.deleted_at = False, timezone.now()
    probe.save(update_fields=["enabled", "deleted_at"])
    audit.record(user, "deleted a probe", probe, api=probe.api.name)


def _response_headers(given: Any) -> tuple[list[str], str]:
    if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
        return [], "Must be a list of header names."
    names = list({name.lower(): name for name in filter(None, map(str.strip, given))}.values())
    wrong = next((name for name in names if not is_token(name) or len(name) > LONGEST_HEADER), None)
    if wrong:
        return names, f"{wrong[:60]} is not a header name."
    return names, "" if len(names) <= 50 else "At most 50 headers."


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
        if not is_token(name) or len(name) > LONGEST_HEADER:
            return names, f"{name[:60]} is not a header name."
        if is_forbidden_header(name.lower(), ""):
            return names, f"Scripts cannot set {name}; browsers drop it."
    return names, ""
