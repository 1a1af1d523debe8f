"""Which certificate authorities are believed: the system's, else certifi's, and one's own file besides."""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import lru_cache
from pathlib import Path

# Debian and Alpine, Fedora and RHEL, openSUSE, macOS.
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@lru_cache(maxsize=8)
def bundle(extra: str | None = None) -> str:
    """Return the path of a PEM file with the trusted CAs; with `extra`, of a joined copy, kept until the process ends.

    One file and no folder, because curl keeps a parsed store only then, and parsing costs more than a handshake.
    Raises OSError when `extra` cannot be read, RuntimeError when the machine has no CAs at all.
    """
    common = _common()
    if extra is None:
        return common
    joined = Path(common).read_bytes() + b"\n" + Path(extra).read_bytes()
    handle, path = tempfile.mkstemp(prefix="corsdash-ca-", suffix=".pem")
    with os.fdopen(handle, "wb") as file:
        file.write(joined)
    atexit.register(Path(path).unlink, missing_ok=True)
    return path


def _common() -> str:
    for path in _SYSTEM:
        if os.path.isfile(path):
            return path
    try:
        import certifi
    except ImportError:
        raise RuntimeError("No CA certificates found: install your system's ca-certificates package.") from None
    return certifi.where()
