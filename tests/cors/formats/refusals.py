"""Why a text is not imported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_apis


def refusal(value: Any) -> FormatError:
    """The error for a text, or for another value as JSON."""
    with pytest.raises(FormatError) as caught:
        read_apis(value if isinstance(value, str) else json.dumps(value))
    return caught.value
