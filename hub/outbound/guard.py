"""Which addresses may be reached: public ones, and those somebody allowed by name or network."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address
Resolve = Callable[..., list[tuple[Any, ...]]]

# Public by its number, yet it answers only inside one cloud and hands out what belongs to the machine.
METADATA = frozenset({ip_address("168.63.129.16")})
NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """An address that must not be reached from here."""


class Guard:
    """Resolves a name and gives only the addresses that may be reached."""

    def __init__(self, allow: Iterable[str] = (), resolve: Resolve = socket.getaddrinfo) -> None:
        """``allow`` holds host names, addresses and networks (CIDR)."""
        self._hosts: set[str] = set()
        self._networks = []
        for entry in allow:
            try:
                self._networks.append(ip_network(entry, strict=False))
            except ValueError:
                self._hosts.add(_plain(entry))
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of this host that may be reached; raises ``Forbidden`` where there is none."""
        found = [answer[4][0] for answer in self._resolve(host, port, 0, socket.SOCK_STREAM)]
        if _plain(host) in self._hosts:
            return found
        allowed = [address for address in found if self._may_reach(address)]
        if not allowed:
            raise Forbidden(f"{host} leads to {', '.join(dict.fromkeys(found))}, which is not public")
        return allowed

    def _may_reach(self, text: str) -> bool:
        address: Address = ip_address(text.partition("%")[0])
        if any(address in network for network in self._networks):
            return True
        inner = _inside(address)
        if inner is not None:
            return self._may_reach(str(inner))
        return address.is_global and not address.is_multicast and address not in METADATA


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _inside(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, whichever way it is wrapped."""
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
