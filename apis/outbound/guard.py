"""Guard: which addresses may be called. Vetting looks at where packets would really go, not at how it is written."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from apis.outbound.call import Unsendable
from apis.outbound.target import LOOPBACK, IPAddress, Target, is_localhost

WEB_PORTS = frozenset((80, 443))
"""The ports of public addresses that may always be called."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_REMEMBERED = 10_000
_SITE = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})")
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
    """What `send` allows beyond the web ports of public addresses, and a file of further trusted CAs (PEM).

    `allowed_networks` are networks as CIDR strings, any port of which may be called, or one address with one port, as
    in 127.0.0.1:9000; `allowed_ports` are further ports of public addresses. Raises ValueError that names the network
    which cannot be read.
    """

    allowed_networks: tuple[str, ...] = ()
    ca_file: str | None = None
    allowed_ports: tuple[int, ...] = ()
    _networks: tuple[Network, ...] = field(init=False, repr=False, compare=False)
    _sites: frozenset[tuple[IPAddress, int]] = field(init=False, repr=False, compare=False)
    _known: dict[tuple[IPAddress, int], bool] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        networks: list[Network] = []
        sites = set()
        for text in self.allowed_networks:
            try:
                if found := _SITE.fullmatch(text.strip()):
                    sites.add((ipaddress.ip_address(found[1] or found[2]), int(found[3])))
                else:
                    networks.append(ipaddress.ip_network(text.strip(), strict=False))
            except ValueError:
                raise ValueError(
                    f"{text!r} is not a network; use a form such as 10.0.0.0/8, fd00::/8 or 10.0.0.5:9000."
                ) from None
        object.__setattr__(self, "_networks", tuple(networks))
        object.__setattr__(self, "_sites", frozenset(sites))

    def allows(self, address: IPAddress, port: int) -> bool:
        """Return whether this port of this address may be connected to."""
        allowed = self._known.get((address, port))
        if allowed is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            allowed = self._names(address, port) or (
                is_public(address) and (port in WEB_PORTS or port in self.allowed_ports)
            )
            self._known[address, port] = allowed
        return allowed

    def _names(self, address: IPAddress, port: int) -> bool:
        """Return whether the allowed networks name this address, or this address with this port."""
        real = real_address(address)
        return (real, port) in self._sites or any(real in network for network in self._networks)

    def refusal(self, target: Target) -> str:
        """Return why a target is refused that can be judged without a lookup, or ""."""
        addresses = LOOPBACK if is_localhost(target.host) else (target.literal,) if target.literal else ()
        try:
            if addresses:
                self.vet(target.host, addresses, target.port)
        except Unsendable as refusal:
            return refusal.message
        return ""

    def vet(self, host: str, addresses: Iterable[IPAddress], port: int) -> tuple[IPAddress, ...]:
        """Return the addresses to connect to, in order, without repeats.

        Raises Unsendable ("refused-address") unless every one is allowed: a name with one public and one private
        address is how a guard that looks at the first is passed. Of a name under `.localhost`, which is both
        loopback addresses by definition and no DNS can change, one that is allowed is enough.
        """
        if is_localhost(host):
            addresses = [one for one in LOOPBACK if self.allows(one, port)] or LOOPBACK
        vetted: dict[IPAddress, None] = {}
        for address in addresses:
            if not self.allows(address, port):
                if is_public(address):
                    raise Unsendable(
                        "refused-address",
                        f"Port {port} of {host} is not allowed: public addresses are called on ports 80 and 443, and "
                        "on others only when an admin adds them to CORSDASH_ALLOWED_PORTS.",
                    )
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


@lru_cache(maxsize=_REMEMBERED)
def is_public(address: IPAddress) -> bool:
    """Return whether an address belongs to the public internet."""
    real = real_address(address)
    if isinstance(real, ipaddress.IPv6Address) and real not in _UNICAST:
        return False
    return (
        real.is_global
        and not (real.is_multicast or real.is_reserved)
        and not any(real in network for network in _NOT_PUBLIC)
    )


def real_address(address: IPAddress) -> IPAddress:
    """Return the IPv4 address inside an IPv4-mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056) one; else the address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def from_settings() -> Guard:
    """Return the guard of Django's settings: CORSDASH_ALLOWED_NETWORKS, CORSDASH_ALLOWED_PORTS and CORSDASH_CA_FILE.

    Raises ImproperlyConfigured that names the network or file which cannot be read.
    """
    from django.conf import settings

    networks = (*settings.CORSDASH_ALLOWED_NETWORKS, *settings.CORSDASH_DEMO_ADDRESSES)
    return _guard(networks, settings.CORSDASH_CA_FILE or None, tuple(settings.CORSDASH_ALLOWED_PORTS))


@lru_cache(maxsize=8)
def _guard(networks: tuple[str, ...], ca_file: str | None, ports: tuple[int, ...]) -> Guard:
    from django.core.exceptions import ImproperlyConfigured

    if ca_file and not os.access(ca_file, os.R_OK):
        raise ImproperlyConfigured(f"CORSDASH_CA_FILE: {ca_file} cannot be read.")
    try:
        return Guard(networks, ca_file, ports)
    except ValueError as error:
        raise ImproperlyConfigured(f"CORSDASH_ALLOWED_NETWORKS: {error}") from None
