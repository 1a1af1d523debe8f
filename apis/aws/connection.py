"""Reach: how one AWS account is reached."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from apis.aws.endpoint import Send, is_aws

Method = Literal["chain", "profile", "role"]

CALLS_PER_S = 4.0
"""Calls a second to one account's control plane. AWS allows 10 for everyone together; half of that is the most that
we may ever spend, and at 4 even six calls, the first a fifth of a second late, do not fall into one second."""

MOST_CALLS_PER_S = 5.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How one account is reached; `key` names its budget of calls.

    An `endpoint_url` that is not AWS's own gets placeholder keys instead of real credentials. Its calls go through
    `send`, and no text of its answers is shown, unless the operator of this machine vouches for it: `trusted`. Only an
    endpoint on this very machine may be called more than MOST_CALLS_PER_S times a second. Raises ValueError.
    """

    key: str
    method: str = "chain"
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    endpoint_url: str = ""
    calls_per_s: float = CALLS_PER_S
    trusted: bool = False
    send: Send | None = None

    def __post_init__(self) -> None:
        if self.method not in ("chain", "profile", "role"):
            raise ValueError(f"method: {self.method!r} must be chain, profile or role")
        if self.method == "profile" and not self.profile:
            raise ValueError("profile: name the profile of the AWS configuration to use")
        if self.method == "role" and not self.role_arn:
            raise ValueError("role_arn: name the role to assume")
        if not self.calls_per_s > 0 or (self.calls_per_s > MOST_CALLS_PER_S and not self.is_local):
            raise ValueError(f"calls_per_s: must be above 0 and at most {MOST_CALLS_PER_S:g}")
        if self.endpoint_url and not (self.trusted or self.send):
            raise ValueError("send: an untrusted endpoint needs a guarded sender")

    @property
    def is_aws(self) -> bool:
        """Whether calls reach AWS itself, so that real credentials may be used."""
        return not self.endpoint_url or is_aws(self.endpoint_url)

    @property
    def shows_text(self) -> bool:
        """Whether the text of an error may be shown: anyone who listens elsewhere may be any service of the network."""
        return self.is_aws or self.trusted

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine, where no calls are shared with anyone."""
        host = urlsplit(self.endpoint_url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
