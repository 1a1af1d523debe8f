"""Log records, as filters read them."""

from __future__ import annotations

from logging import LogRecord


def message_of(record: LogRecord) -> str:
    """Return a record's message; unformatted where its arguments do not fit, which its handler reports.

    An error in a filter, unlike one in a handler, would fail the caller of the logger.
    """
    try:
        return record.getMessage()
    except Exception:
        return str(record.msg)
