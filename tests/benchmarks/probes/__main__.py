"""Start what is needed, and run the asked part in that environment."""

from __future__ import annotations

import argparse
import os
import subprocess
from contextlib import ExitStack

from apis.management.up.broker import server_command
from apis.management.up.claim import first_free
from tests.benchmarks.probes import __doc__ as described
from tests.benchmarks.probes import cpu, rate
from tests.benchmarks.probes.hosts import running_hosts
from tests.support import postgres
from tests.support.environment import LEG, clean, temporary_home


def main() -> None:
    """Read the arguments, and run one part."""
    parser = argparse.ArgumentParser(description=(described or "").splitlines()[0])
    parser.add_argument("part", choices=("cpu", "rate"))
    for name, value in (("hosts", 1000), ("rounds", 5), ("rate", 5000), ("minutes", 2), ("hanging", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    home = temporary_home("probes")
    with ExitStack() as stack:
        hosts = stack.enter_context(running_hosts())
        port = first_free()
        valkey = server_command(home / "valkey", "--bind", "127.0.0.1", "--port", str(port))
        stack.callback(subprocess.Popen(valkey, stdout=subprocess.DEVNULL).terminate)
        environ = clean(os.environ, home) | {
            LEG: "postgres",
            "DATABASE_URL": stack.enter_context(postgres.running(home)),
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "SECRET_KEY": "only for a benchmark",
            "CORSDASH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
            "CORSDASH_CA_FILE": str(hosts.authority),
        }
        os.environ.clear()
        os.environ.update(environ)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        if given.part == "cpu":
            cpu.measure(given.hosts, given.rounds, hosts)
        else:
            rate.measure(given.rate, given.minutes, given.hanging, hosts)


if __name__ == "__main__":
    main()
