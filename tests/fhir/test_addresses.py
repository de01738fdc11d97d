"""Which addresses may be connected to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from cds.fhir.server.addresses import ANYWHERE, Guard

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
REFUSED = (
    "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "fe80::1", "fc00::1", "100.64.0.1", "224.0.0.1", "ff02::1", "240.0.0.1",
    "255.255.255.255", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "192.0.2.1",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_open(address):
    assert Guard().permits("fhir.example.org", ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_other_addresses_are_refused_to_a_name(address):
    assert not Guard().permits("fhir.example.org", ip_address(address))
    assert not Guard().permits("localhost.example.org", ip_address(address))


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
