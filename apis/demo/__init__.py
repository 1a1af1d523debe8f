"""The demo AWS: moto adjusted to behave as AWS does, and a stand-in gateway that serves the APIs.

Both listen on this machine only and use no real account. `python -m apis.demo` runs them as a separate process,
`start()` in threads for tests. State lives in memory: each start begins with the same APIs, under the same ids; `up`
keeps their CORS settings. `history` plays the past day on it, through the other rooms, and `banner` shows what to try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apis.demo.serve import Demo


def start(host: str = "127.0.0.1", aws_port: int = 0, gateway_port: int = 0) -> Demo:
    """Start both in threads of this process; port 0 is any free one. Only one demo AWS fits into a process."""
    from apis.demo import serve  # moto is slow to import, and no one else needs it

    return serve.start(host, aws_port, gateway_port)
