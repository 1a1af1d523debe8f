"""What the tests of the Explain page share: an API, questions, and the words of an answer."""

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


def an_explained_api() -> HttpApi:
    """An API that lets PAGE in to GET."""
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
    """What is said to be wrong with a field, at that field."""
    found = re.search(rf'id="{field}_errors".*?<span>(.*?)</span>', answer.content.decode(), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def asked(client: Client, **call: str) -> Any:
    """The page's answer to a call."""
    return client.get("/explain/", call)
