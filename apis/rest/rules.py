"""The rules as a service: judge an exchange, explain a pasted error or a call."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Router

from apis.cors.judging import ExchangeError, judge_case
from apis.cors.paste import ReadingError
from apis.cors.policy import CorsPolicy
from apis.insight.paste_answer import answer_call, answer_paste, api_at, read_call
from apis.inventory.models import HttpApi
from apis.rest import request_schemas, response_schemas, values
from apis.rest.api import ERRORS
from apis.rest.problems import Problem, missing

router = Router(tags=["rules"])


@router.post("judge", response={200: response_schemas.Verdict, **ERRORS})
def judge(request: HttpRequest, payload: Body[values.Case]) -> dict[str, Any]:
    """What a browser decides of an exchange: one case of the `judge` command."""
    try:
        return judge_case(payload)
    except ExchangeError as error:
        raise _invalid(error) from error


@router.post("explain", response={200: response_schemas.Explanation, **ERRORS})
def explain_call(request: HttpRequest, payload: request_schemas.ExplainBody) -> dict[str, Any]:
    """Find why a call is blocked: read a pasted text or take a whole call, and say which field or step fixes it."""
    given = payload.model_fields_set
    if payload.pasted is None and payload.request is None:
        raise _missing("request", "give a pasted text or a call")
    policy = CorsPolicy.from_aws(payload.cors) if "cors" in given else None
    row = None
    if payload.api is not None:
        row = HttpApi.objects.select_related("account", "current").filter(pk=payload.api).first()
        if row is None:
            raise missing("API")
    parts = dict(payload.request or {})
    if payload.origin:
        parts["origin"] = payload.origin
    try:
        if payload.pasted is not None:
            return answer_paste(payload.pasted, api=row, policy=policy, given=parts).as_json()
        if row is None and policy is None and api_at(str(parts.get("url", ""))) is None:
            read_call(parts)
            raise _missing("api", "give an API's id, or six fields as cors (null for off)")
        return answer_call(parts, api=row, policy=policy).as_json()
    except ReadingError as error:
        raise _missing("pasted", str(error)) from error
    except ExchangeError as error:
        raise _invalid(error) from error


def _missing(field: str, message: str) -> Problem:
    return Problem(422, f"{field}: {message}", [{"field": field, "message": message}])


def _invalid(error: ExchangeError) -> Problem:
    return Problem(422, str(error), [{"field": error.field, "message": error.message}])
