"""The environment, read once: every setting as NAME or, for secrets in files, NAME_FILE."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv

ROOT = Path(__file__).resolve().parent.parent
env = FileAwareEnv()


def data_folder() -> Path:
    """Where the embedded database, broker and secret key live (CORSDASH_DATA); made, for its owner alone, when new.

    Raises ImproperlyConfigured when it cannot be written.
    """
    folder = Path(env.str("CORSDASH_DATA", default=str(ROOT / ".corsdash"))).expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ImproperlyConfigured(
            f"the data folder {folder} cannot be written ({error.strerror}): make it writable, or name another in "
            "CORSDASH_DATA"
        ) from error
    return folder


def secret_key(data: Path, embedded: bool) -> str:
    """SECRET_KEY from the environment, else one made and kept in the data folder.

    Raises ImproperlyConfigured beyond embedded mode: processes on several machines must share a key that is given.
    """
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    if not embedded:
        raise ImproperlyConfigured("SECRET_KEY is required with DATABASE_URL: set SECRET_KEY or SECRET_KEY_FILE")
    path = data / "secret-key"
    if not path.exists():
        # Written aside and linked into place, so that of two processes starting at once both read the same key.
        draft = data / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        draft.unlink()
    return path.read_text().strip()


def mailer() -> dict[str, Any]:
    """How mail goes out, as an entry of Django's MAILERS, from CORSDASH_EMAIL_URL; unset: printed to the log.

    For example smtp+tls://user:password@mail.example.com:587.
    """
    given = env.email_url("CORSDASH_EMAIL_URL", default="consolemail://")
    entry: dict[str, Any] = {"BACKEND": given["EMAIL_BACKEND"]}
    if entry["BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        entry["OPTIONS"] = {
            "host": given["EMAIL_HOST"] or "localhost",
            "port": given["EMAIL_PORT"] or 25,
            "username": given["EMAIL_HOST_USER"] or "",
            "password": given["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": given.get("EMAIL_USE_TLS", False),
            "use_ssl": given.get("EMAIL_USE_SSL", False),
            "timeout": 10,
        }
    return entry


def broker_socket(data: Path) -> Path:
    """The embedded broker's socket. A socket's path has at most 107 bytes, so a deep data folder gets one elsewhere."""
    path = data / "broker.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    import hashlib
    import tempfile

    short = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"corsdash-{os.getuid()}-{short}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "broker.sock"
