"""Rows as files of CSV and JSON, line by line, so that a download of any length takes no memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse


class _Line:
    """What csv writes to: hands each line on."""

    def write(self, text: str) -> str:
        return text


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """Return a file of this name for spreadsheets, with the columns' names first."""
    writer = csv.writer(_Line())
    lines = (writer.writerow([_plain(value) for value in row]) for row in rows)
    answer = StreamingHttpResponse(chain([writer.writerow(columns)], lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def as_json(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> StreamingHttpResponse:
    """Return a file of this name with one array of objects, each with these columns on a line."""
    answer = StreamingHttpResponse(_array(columns, rows), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _array(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield before + "\n" + json.dumps({name: row[name] for name in columns}, ensure_ascii=False)
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _plain(text: str) -> str:
    """Return text that spreadsheets do not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
