"""AWS's SNS, EventBridge and SQS, as moto plays them over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from apis.inventory.models import Account
from tests.support.servers import until

NUMBER = "123456789012"
REGION = "eu-central-1"


def _typed(app: Any) -> Any:
    """Moto calls its JSON text/html; AWS names its type."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if "HTTP_X_AMZ_TARGET" in environ:
                headers = [one for one in headers if one[0].lower() != "content-type"]
                headers.append(("Content-Type", "application/x-amz-json-1.1"))
            return start_response(status, headers, *rest)

        return app(environ, start)

    return application


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """The address of a moto server."""
    app = _typed(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def sender(moto_url: str, account: Account, settings: Any) -> Account:
    """The stored account whose credentials send."""
    settings.CORSDASH_DEMO_ENDPOINT = moto_url
    Account.objects.filter(pk=account.pk).update(aws_account_id=NUMBER, endpoint_url=moto_url)
    account.refresh_from_db()
    return account


def client(url: str, service: str) -> Any:
    """A client of someone who reads what was sent."""
    return boto3.client(service, region_name=REGION, endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="x")


class Queue:
    """An SQS queue in which messages arrive."""

    def __init__(self, url: str, name: str) -> None:
        self.sqs = client(url, "sqs")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{NUMBER}:{name}"

    def bodies(self, count: int) -> list[Any]:
        """The messages, parsed, once there are `count`."""
        found: list[Any] = []

        def enough() -> bool:
            answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            found.extend(json.loads(one["Body"]) for one in answer.get("Messages", []))
            return len(found) >= count

        until(enough, f"{count} messages have arrived in the queue")
        return found
