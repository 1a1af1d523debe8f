"""Guard: which addresses may be called. Vetting looks at where packets would really go, not at how it is written."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from apis.outbound.call import Unsendable
from apis.outbound.target import LOOPBACK, IPAddress, is_localhost

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# All that has been given out for hosts of the public internet (IANA's registry of IPv6 address space).
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Special-purpose ranges that Python's ipaddress takes for public, in some version at least.
_NOT_PUBLIC: tuple[Network, ...] = (
    ipaddress.IPv4Network("100.64.0.0/10"),  # carrier-grade NAT; a cloud's metadata service lives here
    ipaddress.IPv4Network("168.63.129.16/32"),  # the host agent of Azure's virtual machines
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays, withdrawn (RFC 7526)
    ipaddress.IPv6Network("2001::/23"),  # IETF protocol assignments, Teredo among them
    ipaddress.IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)


@dataclass(frozen=True, slots=True)
class Guard:
    """What `send` allows beyond public addresses: networks as CIDR strings, and a file of further trusted CAs (PEM).

    Raises ValueError that names the network which cannot be read.
    """

    allowed_networks: tuple[str, ...] = ()
    ca_file: str | None = None
    _networks: tuple[Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        networks = []
        for text in self.allowed_networks:
            try:
                networks.append(ipaddress.ip_network(text.strip(), strict=False))
            except ValueError:
                raise ValueError(f"{text!r} is not a network: write it as in 10.0.0.0/8 or fd00::/8.") from None
        object.__setattr__(self, "_networks", tuple(networks))

    def admits(self, address: IPAddress) -> bool:
        """Whether this address may be connected to: public, or inside an allowed network."""
        real = real_address(address)
        if any(real in network for network in self._networks):
            return True
        if isinstance(real, ipaddress.IPv6Address) and real not in _UNICAST:
            return False
        return (
            real.is_global
            and not (real.is_multicast or real.is_reserved)
            and not any(real in network for network in _NOT_PUBLIC)
        )

    def vet(self, host: str, addresses: Iterable[IPAddress]) -> tuple[IPAddress, ...]:
        """The addresses to connect to, in order, without repeats.

        Raises Unsendable ("refused-address") unless every one is admitted: a name with one public and one private
        address is how a guard that looks at the first is passed. Of a name under `.localhost`, which is both
        loopback addresses by definition and no DNS can change, one that is admitted is enough.
        """
        if is_localhost(host):
            addresses = [one for one in LOOPBACK if self.admits(one)] or LOOPBACK
        vetted: dict[IPAddress, None] = {}
        for address in addresses:
            if not self.admits(address):
                where = "is" if host == str(address) else f"resolves to {address}, which is"
                raise Unsendable(
                    "refused-address",
                    f"{host} {where} not a public address: calls go there only when an admin adds its network "
                    "to CORSDASH_ALLOWED_NETWORKS.",
                )
            mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
            vetted[mapped or address] = None
        if not vetted:
            raise Unsendable("resolve", f"{host} has no address: add an A or AAAA record, or correct the name.")
        return tuple(vetted)


def real_address(address: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv4-mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056) one; else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def from_settings() -> Guard:
    """The guard of Django's settings: CORSDASH_ALLOWED_NETWORKS, and CORSDASH_CA_FILE where there is one.

    Raises ImproperlyConfigured that names the network or file which cannot be read.
    """
    from django.conf import settings

    return _guard(tuple(settings.CORSDASH_ALLOWED_NETWORKS), getattr(settings, "CORSDASH_CA_FILE", "") or None)


@lru_cache(maxsize=8)
def _guard(networks: tuple[str, ...], ca_file: str | None) -> Guard:
    from django.core.exceptions import ImproperlyConfigured

    if ca_file and not os.access(ca_file, os.R_OK):
        raise ImproperlyConfigured(f"CORSDASH_CA_FILE: {ca_file} cannot be read.")
    try:
        return Guard(networks, ca_file)
    except ValueError as error:
        raise ImproperlyConfigured(f"CORSDASH_ALLOWED_NETWORKS: {error}") from None
