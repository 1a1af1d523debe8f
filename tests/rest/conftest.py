"""What these tests stand on."""

from tests.support.mirrored import account, api, faults, live, outside

__all__ = ["account", "api", "faults", "live", "outside"]
