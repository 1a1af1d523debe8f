"""Guarded requests to other hosts; the only room that imports pycurl.

A call's URL is read by one reader, its name is looked up once, every address is vetted by the guard, and the connection
goes to a vetted address with the name kept for TLS, certificate and Host. No redirects, proxies, cookies or netrc; at
most 16 KiB of headers are taken and 4 KiB of body kept.

    guard = from_settings()
    outcome = send(Call("OPTIONS", "https://api.example.com/items", headers), guard)   # Reply or Failure
    outcomes = send_many(calls, guard)                                                  # in order
    values = run_conversations((preflight_then_call(probe) for probe in probes), guard)
"""

from apis.outbound.call import MAX_BODY, MAX_HEADERS, Call, Failure, Outcome, Reply, Timings
from apis.outbound.descriptors import raise_limit
from apis.outbound.guard import Guard, from_settings
from apis.outbound.local import SENTENCES, Lack, lack_of
from apis.outbound.resolver import Resolver
from apis.outbound.sender import Sender, close_sender, run_conversations, send, send_many

__all__ = [
    "MAX_BODY",
    "MAX_HEADERS",
    "SENTENCES",
    "Call",
    "Failure",
    "Guard",
    "Lack",
    "Outcome",
    "Reply",
    "Resolver",
    "Sender",
    "Timings",
    "close_sender",
    "from_settings",
    "lack_of",
    "raise_limit",
    "run_conversations",
    "send",
    "send_many",
]
