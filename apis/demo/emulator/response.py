"""Reply: an answer of the demo AWS, and its errors in the shapes that AWS gives them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and headers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)

    def json(self) -> Any:
        """Return the body, read."""
        return json.loads(self.body)


def ok(value: Any, status: int = 200) -> Reply:
    """Return a JSON answer."""
    return Reply(status, json.dumps(value).encode())


def nothing() -> Reply:
    """204, as AWS answers deletions."""
    return Reply(204, b"", ())


def error(status: int, code: str, message: str) -> Reply:
    """Return an error of API Gateway's control plane."""
    headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", code))
    return Reply(status, json.dumps({"message": message}).encode(), headers)


def bad_request(message: str) -> Reply:
    """Return what AWS does not take."""
    return error(400, "BadRequestException", message)


def not_found(what: str) -> Reply:
    """Return what is not there."""
    return error(404, "NotFoundException", what)


def xml(operation: str, result: str) -> Reply:
    """Return an answer of STS."""
    body = (
        f'<{operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{operation}Result>{result}'
        f"</{operation}Result><ResponseMetadata><RequestId>{secrets.token_hex(16)}</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    )
    return Reply(200, body.encode(), (("Content-Type", "text/xml"),))


def xml_error(status: int, code: str, message: str) -> Reply:
    """Return an error of STS."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{secrets.token_hex(16)}</RequestId></ErrorResponse>"
    )
    return Reply(status, body.encode(), (("Content-Type", "text/xml"),))
