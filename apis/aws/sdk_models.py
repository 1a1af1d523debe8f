"""The SDK's models of AWS's services: read once, and without their documentation."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.loaders import Loader


@lru_cache(maxsize=1)
def loader() -> Loader:
    """Return the loader of all sessions: each would otherwise read, and keep, its own copy of the models."""
    from botocore.loaders import JSONFileLoader, Loader

    class Files(JSONFileLoader):
        """The SDK's, which keeps the documentation and makes ordered dictionaries: three times as large."""

        def _load_file(self, full_path: str, open_method: Any) -> Any:
            if not Path(full_path).is_file():
                return None
            with open_method(full_path, "rb") as file:
                return json.loads(file.read(), object_hook=_without_documentation)

    return Loader(file_loader=Files())


def preload(*services: str) -> None:
    """Read what clients of these services need, for all processes that are forked from this one."""
    import boto3.session  # noqa: F401  Half of the time that the first session takes.
    import botocore.endpoint  # noqa: F401

    for name in ("endpoints", "partitions", "sdk-default-configuration"):
        loader().load_data_with_path(name)
    for service in services:
        for kind in ("service-2", "endpoint-rule-set-1"):
            loader().load_service_model(service, kind)


def _without_documentation(found: dict[str, Any]) -> dict[str, Any]:
    # A member of that name is no text.
    if isinstance(found.get("documentation"), str):
        del found["documentation"]
    return found
