"""Static files: kept for good by browsers under an address that changes with any of them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.test import Client

from corsdash.assets import fingerprint

STATIC = Path(settings.STATICFILES_DIRS[0])


def test_a_page_asks_for_its_files_by_release(client: Client, db: None) -> None:
    page = client.get("/sign-in/").content.decode()
    address = static("look/base.css")
    assert address == f"/static/{fingerprint(STATIC)}/look/base.css"
    assert f'href="{address}"' in page
    answer = client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]


def test_a_file_of_another_release_is_answered_but_not_kept(client: Client, db: None) -> None:
    """While one is rolled out, processes of both answer."""
    answer = client.get("/static/0123456789ab/look/base.css")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"
    assert client.get("/static/0123456789ab/look/nothing.css").status_code in (302, 404)
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
