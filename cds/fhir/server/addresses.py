"""Which addresses a FHIR server may lie at, checked when the connection is made.

A name is resolved once, each address is looked at, and the connection goes to that very address: a
name that answers with a public address first and a private one later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolverTimeout
from dataclasses import dataclass
from typing import TypeAlias

from cds.fhir.server.sockets import PlainSocket, seconds_left

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

ANYWHERE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
"""For a server that the user typed: wherever it lies."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")
"""The resolver of the system knows no timeout: few threads wait for it, and never the caller."""


class AddressRefused(OSError):
    """The name leads to an address that must not be asked."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Public addresses are open; others only where the site listed them.

    A listed server that is written as an address, or as `localhost`, is listed with that address.
    `networks` are the ranges in which listed names may lie though they are not public.
    """

    networks: tuple[Network, ...] = ()

    def permits(self, host: str, address: Address) -> bool:
        """Whether `host`, which resolved to `address`, may be connected to there."""
        inner = _embedded(address)
        if any(inner.version == net.version and inner in net for net in self.networks):
            return True
        if inner.is_global and not inner.is_multicast and not inner.is_reserved:
            return True
        literal = _literal(host)
        if literal is not None:
            return literal == address and not inner.is_multicast and not inner.is_unspecified
        return host.rstrip(".").lower() == "localhost" and inner.is_loopback

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to one of the permitted addresses of `host`.

        Raises AddressRefused, TimeoutError, or OSError of the last attempt.
        """
        failure: OSError | None = None
        found = self.addresses(host, port)
        permitted = [entry for entry in found if self.permits(host, entry[1])]
        for number, (family, address) in enumerate(permitted):
            sock = PlainSocket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(seconds_left() / (len(permitted) - number))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect((str(address), port))
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        raise failure or AddressRefused("the name of the server leads to a refused address")

    def addresses(self, host: str, port: int) -> list[tuple[int, Address]]:
        """The addresses of a name, within the time that is left. Raises OSError."""
        return resolve(host, port)


def resolve(host: str, port: int) -> list[tuple[int, Address]]:
    """The addresses of a name, within the time that is left. Raises OSError."""
    if _literal(host) is not None:
        return look_up(host, port)
    waiting = _resolvers.submit(look_up, host, port)
    try:
        return waiting.result(seconds_left())
    except ResolverTimeout:
        waiting.cancel()
        raise TimeoutError("the name of the server was not resolved in time") from None


def look_up(host: str, port: int) -> list[tuple[int, Address]]:
    """The addresses of a name, however long the resolver takes. Raises OSError."""
    literal = _literal(host)
    if literal is not None:
        return [(socket.AF_INET if literal.version == 4 else socket.AF_INET6, literal)]
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("the name of the server is no host name") from None
    return [
        (family, ipaddress.ip_address(str(place[0]).partition("%")[0]))
        for family, _, _, _, place in answers
        if family in (socket.AF_INET, socket.AF_INET6)
    ]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does: the packet goes there."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        teredo = address.teredo
        return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
    return address
