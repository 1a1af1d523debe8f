"""Update many rows, each with its own values, by one prepared statement.

Django's `bulk_update` builds a CASE of every row and field, which costs several times as much for the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model

_LENGTH = re.compile(r"\(.*\)")


def update_rows[Row: Model](table: type[Row], rows: Sequence[Row], names: Sequence[str]) -> None:
    """Write these fields of rows that are stored already; signals and `auto_now` are left out."""
    if not rows:
        return
    key = table._meta.pk
    fields: list[Field[Any, Any]] = [table._meta.get_field(name) for name in names]  # type: ignore[misc]
    values = [
        (*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk) for row in rows
    ]
    quote = connection.ops.quote_name
    name, columns = quote(table._meta.db_table), [quote(field.column) for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = [*(field.db_type(connection) or "" for field in fields), key.rel_db_type(connection) or ""]
            # Without a length: a cast to varchar(8) would cut a longer value off instead of refusing it.
            arrays = ", ".join(f"%s::{_LENGTH.sub('', kind)}[]" for kind in kinds)
            sets = ", ".join(f"{column} = u.{column}" for column in columns)
            source = f"unnest({arrays}) AS u({', '.join(columns)}, row_key)"
            cursor.execute(
                f"UPDATE {name} t SET {sets} FROM {source} WHERE t.{quote(key.column)} = u.row_key",
                [list(column) for column in zip(*values, strict=True)],
            )
        else:
            sets = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(f"UPDATE {name} SET {sets} WHERE {quote(key.column)} = %s", values)
