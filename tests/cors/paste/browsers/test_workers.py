"""Chrome's messages about the scripts of workers."""

from __future__ import annotations

import pytest

from apis.cors.explain import diagnose
from apis.cors.paste import read_error

PAGE, SCRIPT = "https://shop.example", "https://cdn.example/worker.js"


@pytest.mark.parametrize(
    "text",
    [
        f"Uncaught SecurityError: Failed to construct 'Worker': Script at '{SCRIPT}' cannot be accessed from origin "
        f"'{PAGE}'.\n    at https://static.example/app.js:1",
        f"Failed to construct 'SharedWorker': Script at '{SCRIPT}' cannot be accessed from origin '{PAGE}'.",
        f"SecurityError: Failed to register a ServiceWorker: The origin of the provided scriptURL ('{SCRIPT}') does "
        f"not match the current origin ('{PAGE}').",
    ],
)
def test_a_worker_from_another_origin(text):
    found = read_error(text)
    assert (found.source, found.origin, found.url, found.mode) == ("chrome", PAGE, SCRIPT, "same-origin")
    assert (found.code, found.blocked, found.missing) == ("DisallowedByMode", True, ("credentials",))
    cause = diagnose(found).cause
    assert cause is not None and (cause.code, cause.field) == ("same-origin-mode", None)


def test_a_script_that_a_worker_imports():
    found = read_error(
        f"NetworkError: Failed to execute 'importScripts' on 'WorkerGlobalScope': The script at '{SCRIPT}' failed to "
        "load."
    )
    assert (found.source, found.origin, found.url, found.mode) == ("chrome", "", SCRIPT, "no-cors")
    assert (found.code, found.symptom, found.blocked) == (None, "no-response", True)
    assert found.missing == ("origin", "credentials")
    cause = diagnose(found).cause
    assert cause is not None and cause.field is None
