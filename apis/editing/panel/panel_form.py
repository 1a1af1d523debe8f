"""The Configure panel: the six fields as a form gives them, in and out.

A list field comes as repeated inputs of its name, plus `<name>_typed`: what is in its text box. The console loses
a typed value unless Add is pressed; here whatever was typed counts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import BadRequest
from django.http import QueryDict

from apis.cors.fields import preflight_lifetime
from apis.cors.formats import FormatError, read_list
from apis.cors.lint import Context, Finding, findings
from apis.cors.lint.configuration import describe_lifetime
from apis.cors.policy import FIELDS, HEADER_OF_FIELD, LIST_FIELDS, LONGEST_ENTRY, MOST_ENTRIES, CorsPolicy

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "*")
"""The methods that the panel offers; any other that an API already allows is offered too."""
_SECONDS = re.compile("[+-]?[0-9]{1,9}", re.ASCII)

HELP = {
    "AllowOrigins": (
        "Sites that may call this API: scheme, host and any non-default port, without path or trailing slash.",
        "https://app.example.com",
    ),
    "AllowHeaders": (
        "Request headers that pages may send, usually Content-Type and Authorization.",
        "content-type",
    ),
    "AllowMethods": ("Methods that pages may use. List those that your routes serve.", ""),
    "ExposeHeaders": (
        "Response headers that scripts may read, besides the safelisted ones.",
        "x-request-id",
    ),
    "MaxAge": (
        "How long browsers may cache a preflight response. A longer time saves requests but delays changes.",
        "600",
    ),
    "AllowCredentials": (
        "Cookies from other origins. Bearer tokens set by scripts do not need this.",
        "",
    ),
}
"""Per field: what it is for, and an example."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The form as filled in: the policy it amounts to and, per field, what could not be read and why.

    `given` holds what is in a field that could not be read: a text, or a list that is too long for the rules.
    """

    policy: CorsPolicy
    errors: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    def rows(self, context: Context, quiet: bool = False) -> list[Row]:
        """Return the six fields in the console's order with their values, help and, unless `quiet`, findings."""
        found = () if quiet else findings(self.policy, context)
        general = [one for one in found if one.field not in FIELDS]
        rows = [self._row(name, [one for one in found if one.field == name]) for name in FIELDS]
        rows[0].findings.extend(general)
        return rows

    def _row(self, name: str, found: list[Finding]) -> Row:
        value: Any = self.given.get(name, self.policy.get(name))
        if name == "MaxAge":
            value = str(value)
        options = []
        if name == "AllowMethods":
            options = [*METHODS, *(method for method in value if method not in METHODS)]
        text, example = HELP[name]
        row = Row(name, HEADER_OF_FIELD[name], value, text, example, self.errors.get(name, ""), found, options)
        row.typed = self.typed.get(name, "")
        if name == "MaxAge" and not row.error:
            kept = preflight_lifetime(str(self.policy.max_age) if self.policy.max_age else None)
            row.kept = f"Cached for {describe_lifetime(kept)}." if any(kept.values()) else "Browsers cache nothing."
        return row


@dataclass(slots=True)
class Row:
    """One field as the panel shows it. `kept`: for MaxAge, how long each browser caches a preflight response;
    `typed`: what is in a list's box because it could not be split.
    """

    name: str
    label: str
    value: Any
    help: str
    example: str
    error: str
    findings: list[Finding]
    options: list[str]
    kept: str = ""
    typed: str = ""

    @property
    def kind(self) -> str:
        """Which widget draws it."""
        if self.name in ("MaxAge", "AllowCredentials", "AllowMethods"):
            return self.name
        return "list"


def panel_of(policy: CorsPolicy) -> Panel:
    """Return the panel filled in with a configuration; off opens as an empty form."""
    return Panel(policy if policy.on else CorsPolicy())


def inputs(policy: CorsPolicy) -> list[tuple[str, list[str]]]:
    """Return the panel's inputs with a configuration in them, as `read` reads them: the way back from the plan."""
    found = [(name, list(policy.get(name))) for name in LIST_FIELDS]
    return [*found, ("MaxAge", [str(policy.max_age)]), ("AllowCredentials", ["on"] * policy.allow_credentials)]


def for_drafts(policy: CorsPolicy) -> str:
    """Return the panel's fields with a configuration in them, as JSON: what drafts in the browser are compared with."""
    return json.dumps(panel_of(policy).policy.to_update() | {"MaxAge": str(policy.max_age)})


def proposal_in(data: QueryDict) -> CorsPolicy:
    """Return the proposal that a plan's page carries along. Raises BadRequest: no page of ours sends anything else."""
    try:
        return CorsPolicy.from_aws(json.loads(str(data["proposal"])))
    except (KeyError, ValueError, RecursionError) as error:
        raise BadRequest("The form contains no proposal.") from error


def read(data: QueryDict) -> Panel:
    """Return the panel as posted. What cannot be read stays in the form and is said in `errors`; nothing is lost."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    given: dict[str, Any] = {}
    typed: dict[str, str] = {}
    for name in LIST_FIELDS:
        entries = [entry.strip() for entry in data.getlist(name)]
        text = data.get(f"{name}_typed", "")
        try:
            entries += read_list(text)
        except FormatError as error:
            errors[name], typed[name] = str(error), text
        entries = list(dict.fromkeys(entry for entry in entries if entry))
        if any(len(entry) > LONGEST_ENTRY for entry in entries):
            errors[name] = f"An entry can have at most {LONGEST_ENTRY} characters."
        elif len(entries) > MOST_ENTRIES:
            errors[name] = f"There are {len(entries)} entries, and at most {MOST_ENTRIES} can be planned: remove some."
            given[name] = entries
        values[name] = entries[:MOST_ENTRIES]
    text = data.get("MaxAge", "").strip()
    values["MaxAge"] = 0
    if _SECONDS.fullmatch(text):
        values["MaxAge"] = int(text)
    elif text:
        given["MaxAge"] = text
        errors["MaxAge"] = f"“{text[:40]}” is not a number of seconds. Enter digits only, such as 600."
    values["AllowCredentials"] = data.get("AllowCredentials") in ("on", "true")
    return Panel(CorsPolicy.from_aws(values), errors, given, typed)


def remove(panel: Panel, what: str) -> Panel:
    """Return the panel without one entry, named `Field:entry`: the × of a token when there is no script."""
    name, _, entry = what.partition(":")
    if name not in LIST_FIELDS:
        return panel
    entries = panel.given.get(name, panel.policy.get(name))
    kept = [value for value in entries if value != entry]
    if name not in panel.given:
        return replace(panel, policy=panel.policy.with_field(name, kept))
    if len(kept) > MOST_ENTRIES:
        return replace(panel, given=panel.given | {name: kept})
    given, errors = panel.given.copy(), panel.errors.copy()
    del given[name], errors[name]
    return replace(panel, policy=panel.policy.with_field(name, kept), given=given, errors=errors)


def fix(panel: Panel, code: str, value: str, context: Context) -> Panel:
    """Return the panel with one finding's fix carried out; as it was when there is no such finding any more."""
    for finding in findings(panel.policy, context):
        if finding.code == code and finding.fix and (not value or str(finding.value) == value):
            return replace(panel, policy=finding.fix.apply(panel.policy))
    return panel
