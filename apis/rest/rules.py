"""The rules as a service: judge an exchange, explain a pasted error or a call."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Body as JsonBody
from ninja import Router
from pydantic import Field

from apis.cors.judging import ExchangeError, judge_case
from apis.cors.paste import MAX_PASTE, ReadingError
from apis.cors.policy import CorsPolicy
from apis.insight.paste_answer import answer_call, answer_paste, api_at, read_call
from apis.inventory.models import HttpApi
from apis.rest import values
from apis.rest.api import ERRORS
from apis.rest.exchanges import Credentials, Exchange, FullVerdict, Pair, RequestRead, Verdict
from apis.rest.problems import Problem, missing
from apis.rest.schemas import Answer, Body
from apis.rest.values import Cors, PartialCall

router = Router(tags=["rules"])


class JudgedCase(Verdict):
    """The verdict on one case of the `judge` command."""

    id: str | int | float | None


class ExplainBody(Body):
    """A pasted error or a call to explain, against a stored API or six fields given here.

    `request` corrects or completes what the text states; without a text it is the whole call.
    """

    pasted: str | None = Field(None, max_length=MAX_PASTE)
    api: int | None = None
    cors: Cors | None = None
    origin: str | None = Field(None, max_length=2000)
    request: PartialCall | None = None


class Read(Answer):
    """What was read in the text; null is what it does not state, `assumed` what replaces it."""

    source: str
    origin: str | None
    url: str | None
    method: str | None
    headers: list[Pair]
    credentials: Credentials | None
    mode: str
    code: str | None
    status: int | None
    preflight: bool | None
    preflight_status: int | None
    value: str | None
    redirected_to: str | None
    blocked: bool | None
    observed: Exchange | None
    missing: list[str]
    assumed: list[str]


class ApiFound(Answer):
    """The API that the call goes to."""

    id: int
    api_id: str
    name: str
    region: str


class Cause(Answer):
    """Why a call is blocked: a stable code with a page of its own, and the field that it is about, if any."""

    code: str
    title: str
    why: str
    field: str | None
    value: str | None
    certainty: Literal["certain", "likely", "possible"]
    steps: list[str]


class Fix(Answer):
    """A fix and the six fields after it."""

    label: str
    cors: Cors | None


class Step(Answer):
    """One arrow of the sequence; `confidence` is null for what is certain."""

    from_: str = Field(alias="from")
    to: str
    title: str
    start: str
    headers: list[Pair]
    note: str
    confidence: str | None
    stopped: bool


class Prediction(Answer):
    """What the configuration makes of the call, step by step."""

    cors: Cors | None
    exchange: Exchange
    verdict: FullVerdict
    field: str | None
    value: str | None
    why: str
    rule: str | None
    beside: list[str]
    fixes: list[Fix]
    steps: list[Step]
    doubts: list[str]
    curl: list[str]
    fetch: str
    observed: FullVerdict | None
    differences: list[str]


class Decision(Answer):
    """Whether the call is allowed, null when unknown, and by what: the text, a response or the prediction."""

    allowed: bool | None
    code: str | None
    reason: str
    by: Literal["text", "response", "prediction"]


class Question(Answer):
    """The next missing part, and values to choose from."""

    part: str
    question: str
    choices: list[str]


class OriginOutcome(Answer):
    """Whether a call from a known origin would be allowed."""

    origin: str
    allowed: bool
    code: str | None


class Explanation(Answer):
    """What was read, the API, the cause, fixes, the prediction, the verdict, and the next missing part."""

    read: Read
    api: ApiFound | None
    cause: Cause | None
    also: list[Cause]
    fixes: list[Fix]
    predicted: Prediction | None
    verdict: Decision
    ask: list[Question]
    origins: list[OriginOutcome]
    request: RequestRead


@router.post("judge", response={200: JudgedCase, **ERRORS})
def judge_exchange(request: HttpRequest, payload: JsonBody[values.Case]) -> dict[str, Any]:
    """Judge an exchange as a browser would: one case of the `judge` command."""
    try:
        return judge_case(payload)
    except ExchangeError as error:
        raise _invalid(error) from error


@router.post("explain", response={200: Explanation, **ERRORS}, by_alias=True)
def explain_call(request: HttpRequest, payload: ExplainBody) -> dict[str, Any]:
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
