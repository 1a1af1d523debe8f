"""Errors of verbs, shown at the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping

from django.forms import BaseForm

from apis.errors import AppError


def add_errors(form: BaseForm, error: AppError, inputs: Mapping[str, str] | None = None) -> None:
    """Add what a verb refused to the fields at fault, or to the whole form where it has no such field.

    `inputs` names the form's field where the verb calls it something else.
    """
    if not error.errors:
        form.add_error(None, error.message)
    for name, message in error.errors.items():
        field = (inputs or {}).get(name, name)
        form.add_error(field if field in form.fields else None, message)
