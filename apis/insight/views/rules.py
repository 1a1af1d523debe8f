"""The rules of the findings, each with why, example and fix."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apis.cors.lint import RuleEntry, rules
from apis.cors.policy import FIELDS, CorsPolicy
from apis.insight.public_pages import frame_of, public_page


@public_page
@require_GET
def rule_pages(request: HttpRequest) -> HttpResponse:
    """Show every rule of the findings, made from the rules themselves."""
    entries = [
        _shown(entry) | {"example_text": _text(entry.example), "fixed_text": _text(entry.fixed)} for entry in rules()
    ]
    return render(request, "insight/rules.html", {"rules": sorted(entries, key=_by_field), "frame": frame_of(request)})


def _by_field(entry: dict[str, Any]) -> int:
    return FIELDS.index(entry["field"]) if entry["field"] in FIELDS else len(FIELDS)


def _shown(entry: RuleEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("code", "title", "severity", "field", "why", "todo", "fix")}


def _text(policy: CorsPolicy | None) -> str:
    return "" if policy is None else json.dumps(policy.to_aws(), indent=2, ensure_ascii=False)
