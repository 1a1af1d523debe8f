"""Write icons.svg: every icon in lucide-*/icons as a symbol of one sprite, for `{% icon "name" %}`.

Stroke and fill come from the class `icon`: a symbol inherits from where it is used, not from the sprite.

    python assets/make_icons.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
ICONS = ASSETS / "lucide-1.62.0/icons"
TARGET = ASSETS.parent / "static/ui/icons.svg"


def main() -> int:
    """Write the file, or with --check only compare; 1 when it differs."""
    symbols = []
    for path in sorted(ICONS.glob("*.svg")):
        shapes = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
        if not shapes:
            raise SystemExit(f"{path.name} is not an SVG file")
        inner = " ".join(shapes[1].split())
        symbols.append(f'<symbol id="{path.stem}" viewBox="0 0 24 24">{inner}</symbol>')
    head = "<!-- Written by make_icons.py from lucide-static 1.62.0 (ISC, parts MIT). Do not edit. -->"
    text = "\n".join([head, '<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""])
    if "--check" in sys.argv:
        return int(TARGET.read_text() != text)
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
