"""Write tokens.css: the Cloudscape design tokens that the stylesheets use, as custom properties.

    python assets/make_tokens.py [--check]
    python assets/make_tokens.py --from PACKAGE/index-visual-refresh.json

tokens.json holds only the tokens in use. After using a token for the first time, or dropping one, run it with --from on
the package's own file, to take its value from there. Names are Cloudscape's own (`--color-text-body-default`).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
STATIC = ASSETS.parent / "static"
SOURCE = ASSETS / "cloudscape-design-tokens-3.0.110/tokens.json"
TARGET = STATIC / "ui/tokens.css"
PREFIXES = ("color-", "font-", "line-height-", "letter-spacing-", "border-", "space-", "size-", "shadow-", "motion-")

Tokens = dict[str, str | dict[str, str]]


def main() -> int:
    """Write the files, or with --check only compare; 1 when they differ. Exits on a token that nobody knows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from", dest="package", type=Path)
    given = parser.parse_args()
    tokens = _from_package(given.package) if given.package else json.loads(SOURCE.read_text())
    used, defined = _names()
    if unknown := sorted(used - tokens.keys() - defined):
        raise SystemExit(f"no such design token: {', '.join(unknown)}")
    kept = {name: tokens[name] for name in sorted(used & tokens.keys())}
    written = {SOURCE: json.dumps(kept, indent=1) + "\n", TARGET: stylesheet(kept)}
    if given.check:
        return int(any(path.read_text() != text for path, text in written.items()))
    for path, text in written.items():
        path.write_text(text)
    return 0


def stylesheet(tokens: Tokens) -> str:
    """Return the stylesheet, with comfortable sizes and, unless people prefer reduced motion, full durations."""
    lines = [f"    --{name}: {_css(value)};" for name, value in tokens.items()]
    still = [f"      --{name}: 0ms;" for name in tokens if name.startswith("motion-duration")]
    return "\n".join(
        [
            "/* Written by make_tokens.py from @cloudscape-design/design-tokens 3.0.110 (Apache-2.0). Do not edit. */",
            "@layer tokens, base, layout, components, room;",
            "",
            "@layer tokens {",
            "  :root {",
            *lines,
            "  }",
            "  @media (prefers-reduced-motion: reduce) {",
            "    :root {",
            *still,
            "    }",
            "  }",
            "}",
            "",
        ]
    )


def _from_package(path: Path) -> Tokens:
    return {name: token["$value"] for name, token in json.loads(path.read_text())["tokens"].items()}


def _names() -> tuple[set[str], set[str]]:
    """Return the names that look like tokens and are used, and all that our stylesheets define themselves."""
    sheets = [path for path in STATIC.rglob("*.css") if path != TARGET and "vendor" not in path.parts]
    text = "\n".join(path.read_text() for path in sheets)
    used = {name for name in re.findall(r"var\(--([a-z0-9-]+)", text) if name.startswith(PREFIXES)}
    return used, set(re.findall(r"--([a-z0-9-]+):", text))


def _css(value: str | dict[str, str]) -> str:
    if isinstance(value, str):
        return value
    if "light" in value:
        light, dark = value["light"], value["dark"]
        return light if light == dark else f"light-dark({light}, {dark})"
    return next(iter(value.values()))


if __name__ == "__main__":
    sys.exit(main())
