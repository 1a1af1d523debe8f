"""What the tests of the Explain page share: an API, questions, and what an answer shows."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from apis.inventory.models import HttpApi
from tests.inventory.mirror import an_account, an_api

HOST = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
PAGE = "https://app.example.com"
LIVE = {"AllowOrigins": [PAGE], "AllowMethods": ["GET"], "AllowHeaders": ["content-type"]}
STRANGER = "https://www.example.com"
CHROME = (
    f"Access to fetch at '{HOST}/items' from origin '{STRANGER}' has been blocked by CORS policy: "
    "No 'Access-Control-Allow-Origin' header is present on the requested resource."
)


def an_explained_api() -> HttpApi:
    """An API that allows PAGE to GET."""
    row = an_api(
        an_account(),
        "orders",
        LIVE,
        endpoint=HOST,
        api_id="abc123def4",
        stages=[{"name": "$default", "auto_deploy": True}],
    )
    row.routes = [{"key": "ANY /{proxy+}", "authorization": "NONE", "authorizer": "", "target": "t"}]
    row.save()
    return row


def words(answer: Any) -> str:
    """All that a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def problem(answer: Any, field: str) -> str:
    """What is said to be wrong with a field, at that field, to which the field refers."""
    page = answer.content.decode()
    control = next(tag for tag in re.findall(r"<(?:input|textarea|select)[^>]*>", page) if f' id="{field}"' in tag)
    assert f'{field}_errors"' in control and 'aria-invalid="true"' in control
    found = re.search(rf'id="{field}_errors".*?<span>(.*?)</span>', page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def verdict(answer: Any) -> str:
    """What the answer at the top says: success, error, warning or info; "" without an answer."""
    found = re.search(r'id="answer-title".*?class="status (\w+)', answer.content.decode(), re.DOTALL)
    return found[1] if found else ""


def cause(answer: Any) -> str:
    """The code of the cause in the answer; "" when there is none."""
    top = answer.content.decode().partition('id="answer"')[2].partition("</dl>")[0]
    found = re.findall(r'data-cause="([^"]+)"', top)
    return found[-1] if found else ""


def chips(answer: Any) -> dict[str, str]:
    """The parts of the call as the form shows them."""
    values = answer.context["question"].values
    return {name: values[name] for name in ("origin", "url", "method", "headers", "credentials") if values[name]}


def asked(client: Client, **call: str) -> Any:
    """The page's answer to a call."""
    return client.get("/explain/", call)
