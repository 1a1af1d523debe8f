"""Secrets at rest: encrypted with keys derived from SECRET_KEY, readable after a rotation through its fallbacks."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str | bytes) -> bytes:
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"corsdash stored secrets")
    return base64.urlsafe_b64encode(kdf.derive(key if isinstance(key, bytes) else key.encode()))


def encrypt(text: str | None) -> str:
    """Return a text encrypted; the empty text stays empty."""
    return _fernet().encrypt(text.encode()).decode() if text else ""


def decrypt(text: str | None) -> str:
    """Return what was encrypted, or "" when no key opens it any more."""
    if not text:
        return ""
    try:
        return _fernet().decrypt(text.encode()).decode()
    except InvalidToken:
        return ""


class SecretField(models.TextField):
    """Text that the database holds only encrypted. What no key opens any more reads as empty: it must be set again."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt; the empty text stays empty, so that "not set" can be seen in the database."""
        return encrypt(value)

    def from_db_value(self, value: str | None, *_: Any) -> str:
        """Decrypt."""
        return decrypt(value)
