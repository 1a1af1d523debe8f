"""Ids as AWS makes them."""

from __future__ import annotations

import random
import string

LENGTH = 10
"""API Gateway's ids have ten characters; moto's have eight letters."""


def new_id(source: random.Random | None = None) -> str:
    """Return a random id."""
    return "".join((source or random.SystemRandom()).choices(string.ascii_lowercase + string.digits, k=LENGTH))
