"""Static files under an address that names their release, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from whitenoise.middleware import WhiteNoiseMiddleware

_OTHER_RELEASE = re.compile(r"^/static/[0-9a-f]{12}/")


def fingerprint(folder: Path) -> str:
    """Twelve hex digits that differ as soon as the name or the content of any file below `folder` does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, which answers for another release's address as well, with today's file and for once.

    While a new release is rolled out, a page of one process may ask another for its files.
    """

    def __call__(self, request: HttpRequest) -> Any:
        """Serve a static file, or pass the request on."""
        found = _OTHER_RELEASE.match(request.path_info)
        ours = self.static_prefix
        if not found or not ours or request.path_info.startswith(ours):
            return super().__call__(request)
        request.path_info = ours + request.path_info[found.end() :]
        answer = super().__call__(request)
        answer["Cache-Control"] = "no-cache"
        return answer
