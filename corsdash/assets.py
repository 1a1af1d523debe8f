"""Static files under an address that names their release, so that browsers may keep them for good."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import shutil
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import brotli
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

log = logging.getLogger(__name__)
_TEXT = {".css", ".js", ".json", ".map", ".svg", ".txt"}
_BROTLI_QUALITY = 7  # 11 saves another 8 % and takes twenty times as long, at every first start.

_OTHER_RELEASE = re.compile(r"^/static/[0-9a-f]{12}/")


def fingerprint(folder: Path) -> str:
    """Twelve hex digits that differ as soon as the name or the content of any file below `folder` does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def compress(folder: Path, release: str, into: Path) -> None:
    """Write each text file of `folder` compressed below `into`/`release`, unless it is there; drop other releases."""
    done = into / release
    if done.is_dir():
        return
    shutil.rmtree(into, ignore_errors=True)
    draft = into / f"{release}.{os.getpid()}"
    for path in folder.rglob("*"):
        if path.suffix in _TEXT and path.is_file():
            data, target = path.read_bytes(), draft / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.with_name(f"{path.name}.br").write_bytes(brotli.compress(data, quality=_BROTLI_QUALITY))
            target.with_name(f"{path.name}.gz").write_bytes(gzip.compress(data, mtime=0))
    draft.rename(done)


def compress_for_release() -> None:
    """Compress this release's static files before the first request. Without them, files go out as they are."""
    try:
        compress(settings.STATICFILES_DIRS[0], settings.STATIC_RELEASE, settings.STATIC_COMPRESSED)
    except OSError as error:
        log.warning("Static files are served uncompressed: %s", error)


class StaticAddresses(StaticFilesStorage):
    """Django's storage of static files, which puts each address together once: every page has twenty of them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[str | None, str] = {}

    def url(self, name: str | None) -> str:
        """Return a file's address in this release."""
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]


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

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """Return the file with its compressed forms, which lie apart from it."""
        plain = super().get_static_file(path, url, stat_cache)
        try:
            name = Path(path).relative_to(settings.STATICFILES_DIRS[0])
        except ValueError:  # A file of another app.
            return plain
        compressed = settings.STATIC_COMPRESSED / settings.STATIC_RELEASE / name
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        return StaticFile(path, headers.items(), encodings={"gzip": f"{compressed}.gz", "br": f"{compressed}.br"})
