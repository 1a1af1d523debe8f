"""The rules as a service: judge an exchange, explain a call."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Router

from apis.cors.explain import explain
from apis.cors.judging import ExchangeError, judge_case, read_request
from apis.cors.policy import CorsPolicy
from apis.editing.explaining import of_api
from apis.inventory.models import HttpApi
from apis.rest import answers, bodies, values
from apis.rest.door import ERRORS
from apis.rest.problems import Problem, missing

router = Router(tags=["rules"])


@router.post("judge", response={200: answers.Verdict, **ERRORS})
def judge(request: HttpRequest, payload: Body[values.Case]) -> dict[str, Any]:
    """What a browser decides of an exchange: one case of the `judge` command."""
    try:
        return judge_case(payload)
    except ExchangeError as error:
        raise _invalid(error) from error


@router.post("explain", response={200: answers.Explanation, **ERRORS})
def explain_it(request: HttpRequest, payload: bodies.ExplainBody) -> dict[str, Any]:
    """Predict a call against an API's configuration, or against the six fields given, and say what would mend it."""
    try:
        call = read_request(payload.request)
    except ExchangeError as error:
        raise _invalid(error) from error
    if payload.api is None and "cors" not in payload.model_fields_set:
        message = "give an API's id, or six fields as cors (null for off)"
        raise Problem(422, f"api: {message}", [{"field": "api", "message": message}])
    if payload.api is None:
        return explain(CorsPolicy.from_aws(payload.cors), call).as_json()
    row = HttpApi.objects.select_related("current").filter(pk=payload.api).first()
    if row is None:
        raise missing("API")
    policy = CorsPolicy.from_aws(payload.cors) if "cors" in payload.model_fields_set else row.policy
    return of_api(row, policy, call).as_json()


def _invalid(error: ExchangeError) -> Problem:
    return Problem(422, str(error), [{"field": error.field, "message": error.message}])
