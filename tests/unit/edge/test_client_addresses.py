"""Who asks, past any chain of trusted proxies, whatever the client sends of its own.

The truth is built, not parsed: a client, the proxies between it and us, and what each of them
appends by its rules.
"""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from hypothesis import given
from hypothesis import strategies as st

from muster.plugin_api import Address, address_of
from muster_edge.client_addresses import origin_of
from muster_edge.forwarded_hops import ForwardedBy, hops
from muster_edge.networks import Networks

TRUSTED = ("10.0.0.0/8", "fd00::/8", "::ffff:172.16.0.0/108")

v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6)


def believed(address: Address) -> bool:
    """By the bits, with nothing of the code under test."""
    number = int(address)
    if isinstance(address, IPv4Address):
        return number >> 24 == 10 or number >> 20 == (172 << 4) + 1
    return number >> 120 == 0xFD


def mapped(address: IPv4Address) -> IPv6Address:
    return IPv6Address((0xFFFF << 32) + int(address))


def is_mapped(address: Address) -> bool:
    return isinstance(address, IPv6Address) and int(address) >> 32 == 0xFFFF


clients = st.one_of(v4, v6).filter(lambda one: not believed(one) and not is_mapped(one))
proxies = st.one_of(
    st.integers(0, 2**24 - 1).map(lambda low: IPv4Address((10 << 24) + low)),
    st.integers(0, 2**20 - 1).map(lambda low: IPv4Address((((172 << 4) + 1) << 20) + low)),
    st.integers(0, 2**120 - 1).map(lambda low: IPv6Address((0xFD << 120) + low)),
)
lies = st.one_of(
    st.text(st.sampled_from('for=,;"\\[]:. \t1209af_unknown'), max_size=40),
    st.text(st.characters(max_codepoint=255), max_size=20),
    st.lists(st.one_of(v4, v6, proxies).map(str), max_size=4).map(", ".join),
    st.lists(st.one_of(v4, proxies).map(lambda one: f"for={one}"), max_size=4).map(", ".join),
    st.one_of(v4, proxies).map(lambda one: f'for={one};host="'),
)


def plain_forms(address: Address) -> list[str]:
    if isinstance(address, IPv4Address):
        return [str(address), f"{address}:51234", str(mapped(address)), f"[{mapped(address)}]:1"]
    return [str(address), address.exploded.upper(), f"[{address}]", f"[{address}]:51234"]


def entries(address: Address, by: ForwardedBy) -> list[str]:
    """The ways in which proxies write of whom they were asked."""
    plain = plain_forms(address)
    if by is ForwardedBy.X_FORWARDED_FOR:
        return plain
    quoted = [f'for="{form}"' for form in plain]
    tokens = [f"For={address}"] if isinstance(address, IPv4Address) else []
    return [*quoted, *tokens, *(f'by=_us;{one};proto=https;host="a.b:1"' for one in quoted)]


def seen(peer: Address, lines: list[str], by: ForwardedBy) -> Address | None:
    headers = [(by.value.encode(), line.encode("latin-1")) for line in lines]
    known = address_of(str(peer))
    assert known is not None
    return origin_of(known, "http", hops(headers, by), Networks(TRUSTED)).address


@given(st.data(), clients, st.lists(proxies, max_size=4), st.lists(lies, max_size=3))
def test_the_client_is_seen_whatever_it_claims(
    data: st.DataObject, client: Address, chain: list[Address], claims: list[str]
) -> None:
    by = data.draw(st.sampled_from(ForwardedBy))
    lines = list(claims)
    for known in [client, *chain][: len(chain)]:
        entry = data.draw(st.sampled_from(entries(known, by)))
        if lines and data.draw(st.sampled_from([True, False])):
            lines[-1] += data.draw(st.sampled_from([",", ", ", "\t, "])) + entry
        else:
            lines.append(entry)
    peer = [client, *chain][-1]
    if isinstance(peer, IPv4Address) and data.draw(st.sampled_from([True, False])):
        peer = mapped(peer)
    assert seen(peer, lines, by) == client


@given(st.lists(proxies, min_size=1, max_size=4), st.sampled_from(ForwardedBy))
def test_where_all_are_trusted_the_farthest_asked(chain: list[Address], by: ForwardedBy) -> None:
    lines = [entries(one, by)[0] for one in chain[:-1]]
    assert seen(chain[-1], lines, by) == chain[0]


@given(proxies, st.sampled_from(["unknown", "_hidden", "", "1.2.3", "1.2.3.4.5", "[::1", "a b"]))
def test_an_entry_that_cannot_be_read_is_nobody(peer: Address, entry: str) -> None:
    assert seen(peer, [f"192.0.2.1, {entry}"], ForwardedBy.X_FORWARDED_FOR) is None
    assert seen(peer, [f'for=192.0.2.1, for="{entry}"'], ForwardedBy.FORWARDED) is None


@given(st.data(), clients, st.integers(0, 128))
def test_networks_hold_whom_the_bits_say(data: st.DataObject, base: Address, prefix: int) -> None:
    kind, bits = (IPv4Address, 32) if isinstance(base, IPv4Address) else (IPv6Address, 128)
    free = bits - min(prefix, bits)
    near = st.integers(0, bits).map(lambda bit: int(base) ^ ((1 << bit) >> 1))
    asked = data.draw(st.one_of(v4, v6, near.map(kind)))
    address = address_of(str(asked))
    assert address is not None
    network = f"{kind(int(base) >> free << free)}/{bits - free}"
    same = isinstance(address, kind) and int(address) >> free == int(base) >> free
    assert (address in Networks([network])) == same


@given(v4, st.integers(0, 32))
def test_ipv4_is_the_same_however_it_is_wrapped(address: IPv4Address, prefix: int) -> None:
    wrapped = str(mapped(address))
    assert address_of(wrapped) == address_of(f"{wrapped}%eth0") == address
    free = 32 - prefix
    base = mapped(IPv4Address(int(address) >> free << free))
    assert address in Networks([str(IPv6Network((int(base), 96 + prefix)))])


@given(st.text(string.printable, max_size=30))
def test_what_is_no_address_is_none(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        assert address_of(text) is None
    else:
        assert address_of(text) is not None
