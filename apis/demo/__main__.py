"""`python -m apis.demo --aws-port N --gateway-port M`: says `demo AWS at http://…` when ready; SIGTERM ends it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> None:
    """Read the ports and serve until stopped."""
    reader = argparse.ArgumentParser(prog="python -m apis.demo", description="An AWS to try corsdash on.")
    reader.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    reader.add_argument("--aws-port", type=int, default=0, help="the control plane; 0 is any free port")
    reader.add_argument("--gateway-port", type=int, default=0, help="the APIs' invoke URLs; 0 is any free port")
    reader.add_argument("--settings", type=Path, help="a file that keeps the APIs' CORS settings")
    given = reader.parse_args()
    # The person's own AWS settings have no place here, and could keep moto from starting.
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]

    from apis.demo import serve

    def ready(endpoint: str) -> None:
        sys.stdout.write(f"demo AWS at {endpoint}\n")
        sys.stdout.flush()

    try:
        serve.run(given.host, given.aws_port, given.gateway_port, given.settings, ready)
    except OSError as error:
        sys.exit(f"demo AWS: cannot listen on {given.host} ({error.strerror}): choose other ports")
    # Nothing has to be put away, and taking moto apart object by object would take longer than all the rest.
    os._exit(0)


if __name__ == "__main__":
    main()
