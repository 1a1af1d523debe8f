#!/usr/bin/env python
"""corsdash's command line: `manage.py up` starts everything, `manage.py help` lists the rest."""

import os
import sys


def main() -> None:
    """Run a management command; `lint` needs neither settings nor Django, and starts without them."""
    if sys.argv[1:2] == ["lint"]:
        from apis.management.lint.command import main as lint

        sys.exit(lint(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"corsdash: {error}")
    except (OperationalError, ProgrammingError) as error:
        what = str(error).strip().partition("\n")[0]
        sys.exit(f"corsdash: the database is not usable ({what}). Is it running, and was `manage.py prepare` run?")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # Ctrl-C, as a shell reports it.
        sys.exit(130)
