"""Keep the CORS settings of the demo's APIs in a file, so that a restart does not look like drift.

APIs that were created or deleted are not kept: each start has those of the seed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends

from apis.cors.policy import CorsPolicy


def save(path: Path) -> None:
    """Write the settings of all APIs, whole or not at all."""
    kept = {
        key: {
            "cors": api.cors_configuration,
            "deployed": {
                name: stage.deployed_cors.to_aws()
                for name, stage in list(api.stages.items())
                if getattr(stage, "deployed_cors", None) is not None
            },
        }
        for key, api in _apis()
    }
    new = path.with_suffix(".new")
    new.write_text(json.dumps(kept))
    os.replace(new, path)


def load(path: Path) -> None:
    """Give the planted APIs the settings of a file; without one, or with one that cannot be read, nothing changes."""
    try:
        kept = json.loads(path.read_text())
        for key, api in _apis():
            if key in kept:
                _restore(api, kept[key])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return


def _restore(api: Any, kept: dict[str, Any]) -> None:
    deployed = {name: CorsPolicy.from_aws(cors) for name, cors in kept["deployed"].items()}
    api.cors_configuration = kept["cors"]
    for name, policy in deployed.items():
        if name in api.stages:
            api.stages[name].deployed_cors = policy


def _apis() -> Iterator[tuple[str, Any]]:
    for account, regions in list(apigatewayv2_backends.items()):
        for region, held in list(regions.items()):
            for api in list(held.apis.values()):
                yield f"{account}/{region}/{api.api_id}", api
