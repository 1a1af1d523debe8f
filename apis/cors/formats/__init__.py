"""Formats of a CORS configuration: each is one module, and `registry` lists them.

`FORMATS[name].export(policy, context)` writes, `.parse(text)` reads, `detect_and_parse(text)` finds out which it is,
`read_apis(text)` returns every API of a pasted text, `read_file(text)` those of a file, and `read_list(text)` the
entries of one field. What cannot be read ends in FormatError and in nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apis.cors.formats.format import ExportContext, Format, FormatError
from apis.cors.formats.found import StatedApi
from apis.cors.formats.lists import read_list
from apis.cors.formats.pasted import detect_and_parse, read_api, read_apis, read_file

if TYPE_CHECKING:
    from apis.cors.formats.registry import FORMATS

__all__ = [
    "FORMATS",
    "ExportContext",
    "Format",
    "FormatError",
    "StatedApi",
    "detect_and_parse",
    "read_api",
    "read_apis",
    "read_file",
    "read_list",
]


def __getattr__(name: str) -> Any:
    """Import all formats only for who asks for them: the linter reads one, and has to start quickly."""
    if name == "FORMATS":
        from apis.cors.formats.registry import FORMATS

        return FORMATS
    raise AttributeError(name)
