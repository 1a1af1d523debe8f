"""The SDK's models, as its sessions read them here."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import create_loader

from apis.aws import clients, sdk_models

pytestmark = pytest.mark.once


@pytest.mark.parametrize("service", [clients.GATEWAY, clients.STS, clients.CLOUDTRAIL])
def test_they_are_the_sdk_s_without_documentation(service: str) -> None:
    ours = sdk_models.loader().load_service_model(service, "service-2")
    theirs = create_loader().load_service_model(service, "service-2")
    assert ours != theirs
    assert ours == _without_documentation(theirs)


def _without_documentation(found: Any) -> Any:
    if isinstance(found, list):
        return [_without_documentation(one) for one in found]
    if not isinstance(found, dict):
        return found
    return {
        name: _without_documentation(value)
        for name, value in found.items()
        if name != "documentation" or not isinstance(value, str)
    }
