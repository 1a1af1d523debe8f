"""Write `exports.txt` again: `uv run --group test python -m tests.cors.formats.exports`.

The exports are kept as compilers and AWS's own tools accepted them: try a new text with its tool before you commit it.
"""

from __future__ import annotations

from tests.cors.formats.exports.test_exports import EXPORTS, written

EXPORTS.write_text(written(), "utf-8")
