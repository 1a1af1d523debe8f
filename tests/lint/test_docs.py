"""What there is, is documented."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
NAMED = set(re.findall(r"`([^`\n]+)`", CONTRIBUTING))
CODE = [path for place in ("apis", "corsdash", "tests", "templates") for path in (ROOT / place).rglob("*.*")]

pytestmark = pytest.mark.once


def is_file(name: str) -> bool:
    """Return whether a document names a file or a folder by this."""
    return bool(re.fullmatch(r"[\w./-]+(?:/|\.(?:py|md|html|toml|txt|yml))|\.ci/run", name))


def test_every_setting_is_in_the_readme() -> None:
    read = re.compile(r"""\b(?:env(?:\.\w+)?|text|words|networks|ports|certificates|switch|number)\(\s*"([A-Z_]+)\"""")
    sources = [*ROOT.glob("corsdash/**/*.py"), *ROOT.glob("apis/**/*.py")]
    settings = {name for source in sources for name in read.findall(source.read_text())}
    assert len(settings) > 10
    assert {name for name in settings if f"`{name}`" not in README} == set()


def test_every_command_is_in_the_readme() -> None:
    commands = {path.stem for path in ROOT.glob("apis/management/commands/[a-z]*.py")}
    assert {name for name in commands if f"`manage.py {name}" not in README} == set()


def test_every_file_that_contributing_names_is_there() -> None:
    named = {name for name in NAMED if is_file(name)}
    assert len(named) > 30
    files = {f"/{path.relative_to(ROOT)}" for path in [*CODE, *ROOT.glob("*"), *ROOT.glob("*/*")]}
    folders = {f"{parent}/" for path in files for parent in Path(path).parents}
    assert {name for name in named if not any(path.endswith(f"/{name}") for path in files | folders)} == set()


def test_every_name_of_code_that_contributing_names_is_there() -> None:
    named = {name.rpartition(".")[2] for name in NAMED if not is_file(name) and re.fullmatch(r"[\w.-]+", name)}
    assert len(named) > 40
    words = {word for path in CODE if path.suffix == ".py" for word in re.findall(r"\w+", path.read_text())}
    words |= set(re.findall(r"[\w-]+", (ROOT / "pyproject.toml").read_text()))
    assert named - words == set()


def test_every_program_that_contributing_names_is_there() -> None:
    programs = set(re.findall(r"python -m ([\w.]+)", CONTRIBUTING))
    assert len(programs) > 10
    assert {name for name in programs if find_spec(name) is None} == set()


def test_contributing_maps_every_room() -> None:
    rooms = {path.parent.name for path in ROOT.glob("apis/*/__init__.py")} - {"migrations"}
    first_cells = re.findall(r"^\| (`.*?) \|", CONTRIBUTING.partition("## The map")[2], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(first_cells))) == rooms


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "uv run --group test python -m tests"
    assert f"\npip install uv && {command}\n" in README
    assert f"exec {command} " in (ROOT / ".ci" / "run").read_text()


def test_no_address_of_a_registry_is_in_the_tree() -> None:
    """Anyone who clones this fetches packages from where their own tools are set up to."""
    address = re.compile(r"https?://[^ \"]+(/simple/?[\"' ]|/packages/[0-9a-f]{2}/[0-9a-f]{2}/|/-/[\w.-]+\.tgz)")
    texts = [*ROOT.glob("*.*"), *ROOT.glob(".ci/*"), *ROOT.glob("apis/**/*.py"), *ROOT.glob("tests/**/*.py")]
    named = [path for path in texts if path.is_file() and path.name != "uv.lock" and address.search(path.read_text())]
    assert named == []


def test_docker_compose_passes_every_setting_on() -> None:
    """What the README says of a setting holds for containers as well."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    named = set(re.findall(r"^\| `(CORSDASH_\w+)` \|", README, re.MULTILINE))
    assert len(named) > 12
    for service in ("web", "worker", "interactive", "background", "beat", "prepare"):
        given = compose["services"][service]["environment"]
        # The first user is made once, by `prepare`.
        assert named - given.keys() <= ({"CORSDASH_ADMIN_PASSWORD"} if service != "prepare" else set()), service
        for name in named & given.keys():
            assert f"${{{name}:" in given[name], "it comes from .env"


def test_docker_composes_servers_ask_for_passwords() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= set(re.findall(r"^(\w+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    broker, shared = compose["services"]["broker"], compose["x-corsdash"]["environment"]
    assert broker["command"][-2:] == ["--requirepass", "${BROKER_PASSWORD:?set it in .env}"]
    assert shared["REDIS_URL"] == "redis://:${BROKER_PASSWORD:?set it in .env}@broker/0"
