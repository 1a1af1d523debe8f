"""Writes tokens.css: those of Cloudscape's published design tokens that our stylesheets use, as custom properties.

    python static/look/make_tokens.py [--check]

Run it after using a token for the first time. Names are Cloudscape's own (`--color-text-body-default`); a name that a
stylesheet uses and nobody defines stops it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent
SOURCE = STATIC / "vendor/cloudscape-design-tokens-3.0.110/index-visual-refresh.json"
TARGET = STATIC / "look/tokens.css"
PREFIXES = ("color-", "font-", "line-height-", "letter-spacing-", "border-", "space-", "size-", "shadow-", "motion-")


def main() -> int:
    """Write the file, or with --check only compare; 1 when it differs or a stylesheet uses an unknown name."""
    tokens = json.loads(SOURCE.read_text())["tokens"]
    sheets = [path for path in STATIC.rglob("*.css") if path != TARGET and "vendor" not in path.parts]
    text = "\n".join(path.read_text() for path in sheets)
    used = {name for name in re.findall(r"var\(--([a-z0-9-]+)", text) if name.startswith(PREFIXES)}
    unknown = sorted(name for name in used if name not in tokens and f"--{name}:" not in text)
    if unknown:
        print("no such design token:", ", ".join(unknown), file=sys.stderr)
        return 1
    text = sheet({name: tokens[name]["$value"] for name in sorted(used & tokens.keys())})
    if "--check" in sys.argv:
        return int(TARGET.read_text() != text)
    TARGET.write_text(text)
    return 0


def sheet(values: dict[str, str | dict[str, str]]) -> str:
    """The stylesheet. Of two sizes it takes the comfortable one, of two durations the one for people who like motion."""
    lines = [f"    --{name}: {_css(value)};" for name, value in values.items()]
    still = [f"      --{name}: 0ms;" for name in values if name.startswith("motion-duration")]
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


def _css(value: str | dict[str, str]) -> str:
    if isinstance(value, str):
        return value
    if "light" in value:
        light, dark = value["light"], value["dark"]
        return light if light == dark else f"light-dark({light}, {dark})"
    return next(iter(value.values()))


if __name__ == "__main__":
    sys.exit(main())
