"""Files to lint: what each states, what the rules find in it, and whether an origin may call."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from apis.cors.formats import FormatError, StatedApi, read_file
from apis.cors.lint import RULES, Finding, findings

SEVERITIES = ("error", "warning", "note")
_MOST_BYTES = 4 * 1024 * 1024
_URL = "https://api.example.com/"


@dataclass(frozen=True, slots=True)
class OriginCheck:
    """Whether a page's GET may read the API's answer: the browser's code when not, and why."""

    origin: str
    allowed: bool
    code: str | None
    why: str


@dataclass(frozen=True, slots=True)
class LintedApi:
    """One API of a file, with its findings and the origins that were asked about."""

    stated: StatedApi
    findings: Sequence[Finding]
    origins: Sequence[OriginCheck]


@dataclass(frozen=True, slots=True)
class LintedFile:
    """One file: its format and APIs, or the error for which it could not be read."""

    name: str
    format: str = ""
    apis: Sequence[LintedApi] = ()
    error: str = ""
    text: str = field(default="", repr=False)

    def fails(self, worst: str) -> bool:
        """Return whether a finding is at least as severe as `worst`, or an origin is blocked."""
        counted = SEVERITIES[: SEVERITIES.index(worst) + 1]
        return any(
            any(finding.severity in counted for finding in api.findings)
            or any(not check.allowed for check in api.origins)
            for api in self.apis
        )


def lint_file(name: str, origins: Iterable[str] = ()) -> LintedFile:
    """Read one file, `-` for the standard input, and run the rules on every API in it."""
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1) if name == "-" else _content(Path(name))
    except OSError as error:
        return LintedFile(name, error=f"cannot be read: {error.strerror or error}.")
    if len(data) > _MOST_BYTES:
        return LintedFile(name, error=f"is longer than {_MOST_BYTES:,} bytes.")
    try:
        text = _decoded(data)
    except UnicodeDecodeError:
        return LintedFile(name, error="is neither UTF-8 nor UTF-16 text.")
    try:
        format_name, found = read_file(text)
    except FormatError as error:
        return LintedFile(name, error=str(error), text=text)
    asked = tuple(origins)
    apis = [LintedApi(one, findings(one.policy), [_check(one, origin) for origin in asked]) for one in found]
    return LintedFile(name, format_name, apis, text=text)


def _content(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(_MOST_BYTES + 1)


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding)


def _check(api: StatedApi, origin: str) -> OriginCheck:
    """Predict a GET of a page of this origin, and what a browser decides of it."""
    from apis.cors.browser import judge  # only with --origin, for a quick start without it
    from apis.cors.exchange import Request
    from apis.cors.gateway import predict

    predicted = predict(api.policy, Request(origin=origin, url=_URL, method="GET"))
    verdict = judge(predicted.exchange)
    return OriginCheck(origin, verdict.allowed, verdict.code, verdict.reason)


@cache
def titles() -> dict[str, str]:
    """Return the title of each rule by its code."""
    return {rule.code: rule.title for rule in RULES}
