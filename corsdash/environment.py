"""The environment, read once: every setting as NAME or, for secrets in files, NAME_FILE.

What makes no sense is refused at the start, by name and with what to write instead; values are never repeated where
they may hold a password.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shlex
import stat
import warnings
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv

ROOT = Path(__file__).resolve().parent.parent
env = FileAwareEnv()
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
DEMO_FILE, DATABASE_FILE = "demo.json", "corsdash.sqlite3"
_OUR_FILES = {DEMO_FILE, DATABASE_FILE, "secret-key", "up.lock", "broker", "beat-schedule"}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _wrong(name: str, message: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {message}")


def text(name: str, default: str = "") -> str:
    """Return a setting as it is given; an empty one counts as unset."""
    try:
        return env.str(name, default=default) or default
    except OSError as error:
        raise _wrong(f"{name}_FILE", f"names a file that cannot be read ({error.strerror})") from None


def words(name: str) -> list[str]:
    """Return a list with commas between its entries."""
    return [entry.strip() for entry in text(name).split(",") if entry.strip()]


def networks(name: str) -> list[str]:
    """Return a list of IP networks, and of single addresses with a port (127.0.0.1:9000, [::1]:9000)."""
    found = words(name)
    for entry in found:
        site = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})", entry)
        try:
            ip_network((site[1] or site[2]) if site else entry, strict=False)
        except ValueError:
            raise _wrong(
                name, f"must be networks such as 10.1.0.0/16 or addresses such as 10.1.2.3:9000, not {entry[:40]!r}"
            ) from None
    return found


def plain_networks(name: str) -> list[str]:
    """Return a list of IP networks, without ports."""
    found = words(name)
    for entry in found:
        try:
            ip_network(entry)
        except ValueError:
            raise _wrong(
                name, f"must be networks such as 10.1.0.0/16, with commas between, not {entry[:40]!r}"
            ) from None
    return found


def ports(name: str) -> list[int]:
    """Return a list of TCP ports."""
    found = words(name)
    for entry in found:
        if not re.fullmatch(r"[0-9]{1,5}", entry) or not 0 < int(entry) < 65536:
            raise _wrong(name, f"must be ports such as 8443, with commas between, not {entry[:40]!r}")
    return [int(entry) for entry in found]


def certificates(name: str) -> str:
    """Return the absolute path of a PEM file with certificates; "" when unset."""
    given = text(name)
    if not given:
        return ""
    path = Path(given).expanduser().resolve()
    try:
        held = path.read_bytes()
    except OSError as error:
        raise _wrong(name, f"names a file that cannot be read ({error.strerror})") from None
    if b"-----BEGIN CERTIFICATE-----" not in held:
        raise _wrong(name, "must name a PEM file with at least one certificate (-----BEGIN CERTIFICATE-----)")
    return str(path)


def demo_ports(data: Path) -> list[int]:
    """The ports of the demo AWS and of its gateway, as `up` wrote them down before it started them; else none."""
    try:
        kept = json.loads((data / DEMO_FILE).read_text())
        return [int(kept["aws"]), int(kept["gateway"])] if kept.get("on", True) else []
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []


def switch(name: str) -> bool:
    """true or false; false when unset."""
    given = text(name).strip().lower()
    if given not in _YES + _NO:
        raise _wrong(name, f"must be true or false, not {given[:40]!r}")
    return given in _YES


def number(name: str, default: float, least: float, most: float) -> float:
    """Return a number within its bounds."""
    given = text(name, str(default))
    try:
        found = float(given)
    except ValueError:
        found = float("nan")
    if not least <= found <= most:
        raise _wrong(name, f"must be a number from {least:g} to {most:g}, not {given[:40]!r}")
    return found


def log_level(default: str) -> str:
    """CORSDASH_LOG_LEVEL."""
    given = text("CORSDASH_LOG_LEVEL", default).upper()
    if given not in LOG_LEVELS:
        raise _wrong("CORSDASH_LOG_LEVEL", f"must be one of {', '.join(LOG_LEVELS)}, not {given[:40]!r}")
    return given


def own_url() -> str:
    """CORSDASH_URL: scheme, host and, unless it is the scheme's own, port."""
    given = text("CORSDASH_URL", "http://127.0.0.1:8000").rstrip("/")
    if not re.fullmatch(r"https?://[^/?#@\s]+", given) or not urlsplit(given).hostname:
        raise _wrong("CORSDASH_URL", "must be an address such as https://cors.example.com, without a path or a user")
    return given


def database() -> dict[str, Any]:
    """DATABASE_URL as an entry of Django's DATABASES."""
    if not re.match(r"(postgres|postgresql|sqlite)://", text("DATABASE_URL")):
        raise _wrong("DATABASE_URL", "must be like postgres://user:password@host/name")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return env.db_url("DATABASE_URL")
    except (ValueError, UserWarning, ImproperlyConfigured):
        raise _wrong("DATABASE_URL", "cannot be read: write it like postgres://user:password@host/name") from None


def broker_url(data: Path) -> str:
    """CELERY_BROKER_URL, else REDIS_URL, else the socket of the embedded broker."""
    for name in ("CELERY_BROKER_URL", "REDIS_URL"):
        given = text(name)
        if given and not re.match(r"[a-z][a-z0-9+.-]*://", given):
            raise _wrong(name, "must be an address such as redis://host/0")
        if given:
            return given
    return f"redis+socket://{broker_socket(data)}"


def data_folder() -> Path:
    """Return where the embedded database, broker and secret key live (CORSDASH_DATA), for its owner alone.

    Raises ImproperlyConfigured when it cannot be written, or is open to others and not ours to close.
    """
    folder = Path(text("CORSDASH_DATA", str(ROOT / ".corsdash"))).expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tighten(folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ImproperlyConfigured(
            f"the data folder {folder} cannot be written ({error.strerror}): make it writable, or name another in "
            "CORSDASH_DATA"
        ) from error
    return folder


def _tighten(folder: Path) -> None:
    """Close a folder to other users, when it is ours; a folder that also holds other things is not."""
    state = folder.stat()
    ours = state.st_uid == os.geteuid()
    # A folder that a group shares with us is how volumes are mounted for one user of many.
    if not state.st_mode & (0o077 if ours else 0o007):
        return
    names = {path.name for path in folder.iterdir()}
    if ours and not state.st_mode & stat.S_ISVTX and (not names or names & _OUR_FILES):
        folder.chmod(0o700)
        return
    raise ImproperlyConfigured(
        f"the data folder {folder} can be read by other users, and secrets are kept in it: "
        f"run `chmod 700 {shlex.quote(str(folder))}`, or name another in CORSDASH_DATA"
    )


def keep_private(data: Path, database_file: str) -> None:
    """Make what lies in the data folder readable by its owner alone, the database from its first moment on."""
    if database_file:
        (data / database_file).touch(mode=0o600)
    for path in data.iterdir():
        try:
            held = path.lstat()
            if stat.S_ISREG(held.st_mode) and held.st_uid == os.geteuid() and held.st_mode & 0o077:
                path.chmod(0o600)
        except FileNotFoundError:
            continue  # another process's temporary file


def secret_key(data: Path, embedded: bool) -> str:
    """SECRET_KEY from the environment, else one made and kept in the data folder.

    Raises ImproperlyConfigured beyond embedded mode: processes on several machines must share a key that is given.
    """
    given = text("SECRET_KEY")
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
    """Return how mail is sent, as an entry of Django's MAILERS, from CORSDASH_EMAIL_URL; unset: e-mail channels say so.

    For example smtp+tls://user:password@mail.example.com:587.
    """
    if not re.match(r"(smtp|smtps|smtp\+tls|smtp\+ssl|consolemail|filemail|dummymail)://", _email_url()):
        raise _wrong("CORSDASH_EMAIL_URL", "must be like smtp+tls://user:password@mail.example.com:587")
    given = env.email_url_config(_email_url(), None)
    entry: dict[str, Any] = {"BACKEND": given["EMAIL_BACKEND"]}
    if entry["BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        entry["BACKEND"] = "apis.outbound.smtp.EmailBackend"
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


def _email_url() -> str:
    return text("CORSDASH_EMAIL_URL", "consolemail://")


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
