"""Which addresses a FHIR server may lie at, checked when the connection is made.

A name is resolved once, each address is looked at, and the connection goes to that very address: a
name that answers with a public address first and a private one later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolverTimeout
from dataclasses import dataclass
from typing import Any, TypeAlias

from cds.fhir.server.sockets import PlainSocket, seconds_left

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

ANYWHERE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
"""For a server that the user typed: wherever it lies."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""all that has been given out of IPv6: whatever lies beside it is local, or nothing yet"""
_SPECIAL: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",  # this host, this network
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private
            "100.64.0.0/10",  # shared by carriers, and by clouds for their own services
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local; the metadata of cloud machines
            "192.0.0.0/24",  # of protocols: DS-Lite, anycast, NAT64 discovery
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4, withdrawn
            "198.18.0.0/15",  # benchmarks
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved; broadcast
            "2001::/23",  # of protocols: Teredo, benchmarks, ORCHID
            "2001:db8::/32", "3fff::/20",  # documentation
        ),
    )
)  # fmt: skip
"""what the registries of special addresses (IANA, for IPv4 and IPv6) hold of no public servers.
Written out, since what Python calls global differs between its versions"""
_ISATAP = (0x00005EFE, 0x02005EFE)
_resolvers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="resolve")
"""The resolver of the system knows no timeout: threads of their own wait for it, never the caller,
and one for a name at a time, so that a name that is never resolved holds up no other."""
_lookups: dict[tuple[str, int], Future[list[Any]]] = {}
_lookups_lock = threading.Lock()


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
        if is_public(inner):
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
        found = resolve(host, port)
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


def resolve(host: str, port: int) -> list[tuple[int, Address]]:
    """The addresses of a name, within the time that is left. Raises OSError."""
    literal = _literal(host)
    if literal is not None:
        return [(socket.AF_INET if literal.version == 4 else socket.AF_INET6, literal)]
    try:
        answers = _look_up(host, port).result(seconds_left())
    except ResolverTimeout:
        raise TimeoutError("the name of the server was not resolved in time") from None
    except UnicodeError:
        raise OSError("the name of the server is no host name") from None
    return [
        (family, ipaddress.ip_address(str(place[0]).partition("%")[0]))
        for family, _, _, _, place in answers
        if family in (socket.AF_INET, socket.AF_INET6)
    ]


def _look_up(host: str, port: int) -> Future[list[Any]]:
    """The look-up of a name that is under way, else a new one."""
    with _lookups_lock:
        running = _lookups.get((host, port))
        if running is None or running.done():
            running = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            _lookups[host, port] = running
        return running


def is_public(address: Address) -> bool:
    """Whether a server that anybody may reach can lie there.

    >>> is_public(ipaddress.ip_address("8.8.8.8")), is_public(ipaddress.ip_address("fec0::1"))
    (True, False)
    """
    if any(address.version == net.version and address in net for net in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    tunnel = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return address in _UNICAST and (not tunnel or is_public(_last_four(address)))


def _last_four(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does: the packet goes there."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return _last_four(address)
        return address.ipv4_mapped or address.sixtofour or address
    return address
