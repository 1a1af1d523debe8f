"""Static files: kept for good by browsers under an address that changes with any of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.templatetags.static import static
from django.test import Client

from corsdash.assets import compress, compress_for_release, fingerprint

STATIC = Path(settings.STATICFILES_DIRS[0])
ROOT = STATIC.parent
LICENCES = {"LICENSE", "NOTICE"}


def test_a_page_asks_for_its_files_by_release(client: Client, db: None) -> None:
    page = client.get("/sign-in/").content.decode()
    address = static("ui/base.css")
    assert address == f"/static/{fingerprint(STATIC)}/ui/base.css"
    assert f'href="{address}"' in page
    answer = client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]


def test_a_file_of_another_release_is_answered_but_not_kept(client: Client, db: None) -> None:
    """While one is rolled out, processes of both answer."""
    answer = client.get("/static/0123456789ab/ui/base.css")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"
    assert client.get("/static/0123456789ab/ui/nothing.css").status_code in (302, 404)
    assert client.get("/static/0123456789ab/../../manage.py").status_code in (302, 404)


def test_the_release_changes_with_a_name_or_a_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    first = fingerprint(tmp_path)
    (tmp_path / "a.css").write_text("b")
    second = fingerprint(tmp_path)
    (tmp_path / "a.css").rename(tmp_path / "c.css")
    assert len({first, second, fingerprint(tmp_path)}) == 3
    (tmp_path / "c.css").rename(tmp_path / "a.css")
    (tmp_path / "a.css").write_text("a")
    assert fingerprint(tmp_path) == first


@pytest.mark.once
@pytest.mark.parametrize(("accepted", "used"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", None)])
def test_files_are_compressed_ahead_of_time(settings: Any, tmp_path: Path, accepted: str, used: str | None) -> None:
    """In the best way that the browser accepts, and the same in the end."""
    settings.STATIC_COMPRESSED = tmp_path / "static"
    compress_for_release()
    answer = Client(headers={"Accept-Encoding": accepted}).get(static("ui/components.css"))
    content = b"".join(answer)
    plain = (STATIC / "ui/components.css").read_bytes()
    assert (answer.get("Content-Encoding"), answer["Vary"]) == (used, "Accept-Encoding")
    assert answer["Content-Length"] == str(len(content))
    assert {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[used](content) == plain
    assert len(content) < len(plain) / 3 or used is None


def test_compressed_files_of_another_release_are_dropped(tmp_path: Path) -> None:
    compress(STATIC, "0123456789ab", tmp_path / "static")
    compress(STATIC, "ba9876543210", tmp_path / "static")
    assert [path.name for path in (tmp_path / "static").iterdir()] == ["ba9876543210"]


@pytest.mark.once
def test_only_what_pages_use_is_served() -> None:
    """Pages name a file, and that file names others."""
    served = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("apis/**/*.py"), *ROOT.glob("corsdash/**/*.py")]
    used: set[str] = set()
    found = {name for path in sources for name in _named_files(path, "")} & served.keys()
    while found:
        used |= found
        named = (_named_files(served[name], name) for name in found if name.endswith((".css", ".js")))
        found = (set().union(*named) & served.keys()) - used
    folders = {name.rpartition("/")[0] for name in used}
    licences = {name for name in served if name.rpartition("/")[2] in LICENCES and name.rpartition("/")[0] in folders}
    assert served.keys() - used - licences == set()


def _named_files(path: Path, base: str) -> set[str]:
    """Return the files that a text names in quotes or in url(), relative to the static file `base`."""
    names = re.findall(r"""["'(]([\w./@-]+\.\w+)["')]""", path.read_text())
    folder = STATIC / base
    return {
        (folder.parent / name).resolve().relative_to(STATIC).as_posix() if name.startswith(".") else name
        for name in names
        if base or not name.startswith((".", "/"))
    }


@pytest.mark.once
def test_vendored_files_are_those_of_the_manifest() -> None:
    manifest = (ROOT / "assets/README.md").read_text()
    listed = re.findall(r"^- `([\w.-]+)` `([\w+/]{86}==)`$", manifest, re.MULTILINE)
    for name, digest in listed:
        (path,) = STATIC.glob(f"vendor/*/{name}")
        assert base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode() == digest, name
    vendored = {path.name for path in STATIC.glob("vendor/**/*") if path.is_file()} - LICENCES
    assert {name for name, _ in listed} == vendored


@pytest.mark.once
def test_every_vendored_package_names_its_version_and_licence() -> None:
    folders = [path for parent in (ROOT / "assets", STATIC / "vendor") for path in parent.iterdir() if path.is_dir()]
    assert len(folders) >= 4
    for folder in folders:
        assert re.search(r"-\d+\.\d+\.\d+$", folder.name), folder.name
        assert (folder / "LICENSE").is_file(), folder.name
