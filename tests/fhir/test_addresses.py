"""Which addresses may be connected to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from cds.fhir.server.addresses import ANYWHERE, Guard, is_public
from tests.rows import check_each

REGISTERED = {
    # IANA IPv4 Special-Purpose Address Registry, and multicast
    "0.0.0.0/8": ("this network", False),
    "10.0.0.0/8": ("private use", False),
    "100.64.0.0/10": ("shared address space", False),
    "127.0.0.0/8": ("loopback", False),
    "169.254.0.0/16": ("link local", False),
    "172.16.0.0/12": ("private use", False),
    "192.0.0.0/24": ("IETF protocol assignments", False),
    "192.0.0.0/29": ("IPv4 service continuity prefix (DS-Lite)", False),
    "192.0.0.8/32": ("IPv4 dummy address", False),
    "192.0.0.9/32": ("Port Control Protocol anycast", False),
    "192.0.0.10/32": ("TURN anycast", False),
    "192.0.0.170/31": ("NAT64 and DNS64 discovery", False),
    "192.0.2.0/24": ("documentation (TEST-NET-1)", False),
    "192.31.196.0/24": ("AS112-v4: announced to all", True),
    "192.52.193.0/24": ("AMT: announced to all", True),
    "192.88.99.0/24": ("6to4 relay anycast, deprecated", False),
    "192.168.0.0/16": ("private use", False),
    "192.175.48.0/24": ("direct delegation AS112: announced to all", True),
    "198.18.0.0/15": ("benchmarking", False),
    "198.51.100.0/24": ("documentation (TEST-NET-2)", False),
    "203.0.113.0/24": ("documentation (TEST-NET-3)", False),
    "224.0.0.0/4": ("multicast", False),
    "240.0.0.0/4": ("reserved", False),
    "255.255.255.255/32": ("limited broadcast", False),
    # IANA IPv6 Special-Purpose Address Registry, and what is deprecated or embeds an IPv4 address
    "::1/128": ("loopback", False),
    "::/128": ("unspecified", False),
    "::/96": ("IPv4-compatible, deprecated", False),
    "::ffff:10.0.0.0/104": ("IPv4-mapped: private", False),
    "::ffff:8.8.8.0/120": ("IPv4-mapped: public", True),
    "::ffff:0:0:0/96": ("IPv4-translated (SIIT)", False),
    "64:ff9b::a00:0/104": ("NAT64 of private addresses", False),
    "64:ff9b::808:800/120": ("NAT64 of public addresses", True),
    "64:ff9b:1::/48": ("NAT64, local use", False),
    "100::/64": ("discard only", False),
    "100:0:0:1::/64": ("dummy prefix", False),
    "2001::/23": ("IETF protocol assignments", False),
    "2001::/32": ("Teredo", False),
    "2001:0:808:808:0:ffff:f7f7:f7f7/128": ("Teredo of public addresses", False),
    "2001:1::1/128": ("Port Control Protocol anycast", False),
    "2001:1::2/128": ("TURN anycast", False),
    "2001:1::3/128": ("DNS-SD registration anycast", False),
    "2001:2::/48": ("benchmarking", False),
    "2001:3::/32": ("AMT", False),
    "2001:4:112::/48": ("AS112-v6", False),
    "2001:10::/28": ("ORCHID, deprecated", False),
    "2001:20::/28": ("ORCHIDv2", False),
    "2001:30::/28": ("drone remote ID", False),
    "2001:db8::/32": ("documentation", False),
    "2002:a00::/24": ("6to4 of private addresses", False),
    "2002:7f00::/24": ("6to4 of loopback", False),
    "2002:808:800::/40": ("6to4 of public addresses", True),
    "2620:4f:8000::/48": ("direct delegation AS112: announced to all", True),
    "3fff::/20": ("documentation", False),
    "5f00::/16": ("segment routing (SRv6) SIDs", False),
    "fc00::/7": ("unique local", False),
    "fe80::/10": ("link-local unicast", False),
    "fec0::/10": ("site-local, deprecated", False),
    "ff00::/8": ("multicast", False),
    "4000::/3": ("not given out", False),
    "2600:1f18::5efe:a00:0/104": ("ISATAP of private addresses", False),
    "2600:1f18::200:5efe:a00:0/104": ("ISATAP of private addresses, marked global", False),
    "2600:1f18::5efe:808:800/120": ("ISATAP of public addresses", True),
    # and the neighbours of what is special
    "9.255.255.255/32": ("below private use", True),
    "11.0.0.0/32": ("above private use", True),
    "100.63.255.255/32": ("below shared address space", True),
    "100.128.0.0/32": ("above shared address space", True),
    "172.15.255.255/32": ("below private use", True),
    "172.32.0.0/32": ("above private use", True),
    "191.255.255.255/32": ("below protocol assignments", True),
    "192.0.1.0/32": ("above protocol assignments", True),
    "192.88.98.255/32": ("below 6to4 relays", True),
    "192.88.100.0/32": ("above 6to4 relays", True),
    "198.17.255.255/32": ("below benchmarking", True),
    "198.20.0.0/32": ("above benchmarking", True),
    "223.255.255.255/32": ("below multicast", True),
    "2001:200::/32": ("above protocol assignments", True),
    "2001:db7::/32": ("below documentation", True),
    "2001:db9::/32": ("above documentation", True),
    "2003::/32": ("above 6to4", True),
    "3ffe::/32": ("below documentation", True),
    "3fff:1000::/32": ("above documentation", True),
    "2606:2800:21f:cb07::/64": ("a web server's", True),
}
"""range → what it is, and whether a public server may lie there"""


def test_where_a_public_server_may_lie():
    """By the first and the last address of each range."""

    def check(row):
        network, (_, open_) = row
        first, last = ip_network(network)[0], ip_network(network)[-1]
        for address in {first, last}:
            assert Guard().permits("fhir.example.org", address) is open_
            assert Guard().permits("localhost.example.org", address) is open_

    check_each(REGISTERED.items(), check)


def test_nothing_that_python_knows_as_special_is_public():
    """Beyond the registries' own word for ranges that are announced to all."""
    announced = [ip_network(n) for n, (_, open_) in REGISTERED.items() if open_]
    for network in REGISTERED:
        address = ip_network(network)[0]
        listed = any(address in one for one in announced if one.version == address.version)
        assert address.is_global or listed or not is_public(address), network


@pytest.mark.parametrize(
    ("host", "address", "open_"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("[::1]", "::1", True),
        ("10.1.2.3", "10.1.2.4", False),
        ("224.0.0.1", "224.0.0.1", False),
        ("0.0.0.0", "0.0.0.0", False),
        ("localhost", "127.0.0.1", True),
        ("localhost", "10.0.0.1", False),
    ],
)
def test_a_server_listed_by_its_address_is_listed_with_it(host, address, open_):
    assert Guard().permits(host, ip_address(address)) is open_


def test_a_site_may_list_ranges():
    guard = Guard((ip_network("10.20.0.0/16"),))
    assert guard.permits("fhir.hospital.example", ip_address("10.20.3.4"))
    assert guard.permits("fhir.hospital.example", ip_address("::ffff:10.20.3.4"))
    assert not guard.permits("fhir.hospital.example", ip_address("10.21.3.4"))
    assert not guard.permits("fhir.hospital.example", ip_address("127.0.0.1"))


def test_a_server_that_the_user_typed_may_lie_anywhere():
    assert Guard(ANYWHERE).permits("fhir.test", ip_address("127.0.0.1"))


def test_a_site_lists_what_an_address_stands_for():
    """Not the form in which it is written: 6to4 and NAT64 of loopback stay refused."""
    guard = Guard((ip_network("fd00:20::/32"), ip_network("10.20.0.0/16")))
    assert guard.permits("fhir.hospital.example", ip_address("fd00:20::7"))
    assert guard.permits("fhir.hospital.example", ip_address("64:ff9b::a14:304"))
    assert not guard.permits("fhir.hospital.example", ip_address("64:ff9b::7f00:1"))
    assert not guard.permits("fhir.hospital.example", ip_address("fec0:20::7"))
