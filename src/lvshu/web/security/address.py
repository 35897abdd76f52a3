"""From which address a request comes: the other end of its connection, or what a proxy that we trust says of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from lvshu.core.errors import ConfigError, Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED_FOR = "x-forwarded-for"
MOST_HOPS = 20
HOME_PREFIX = 64
"""Bits of an IPv6 address that name a customer's network; one machine may take any address in it (RFC 4291)."""


def networks(proxies: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks of proxies, each given as an address or as network/bits.

    Raises:
        ConfigError: everything that is neither.
    """
    found: list[Network] = []
    problems: list[Problem] = []
    for one in proxies:
        try:
            found.append(ipaddress.ip_network(one.strip(), strict=False))
        except ValueError:
            problems.append(Problem("web.trusted_proxy", values={"found": one[:80]}))
    if problems:
        raise ConfigError(*problems)
    return tuple(found)


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the address of who asks.

    What a header says is believed only as far as trusted proxies wrote it: from the right, the first address that is
    no trusted proxy. A client can write any address to the left of that.

    Args:
        peer: the other end of the connection.
        forwarded: the headers X-Forwarded-For, joined by commas.
        trusted: networks of our own proxies.

    Source: RFC 7239, section 8 (which entries of the chain can be relied on).
    """
    if not trusted or not _is_in(peer, trusted):
        return peer
    found = peer
    for hop in reversed(forwarded.split(",")[-MOST_HOPS:]):
        known = _address(hop)
        if known is None:
            break
        found = str(known)
        if not _is_in(found, trusted):
            break
    return found


def lock_address(remote: str) -> str:
    """Return by what an address is told apart where failed logins are counted: of IPv6 its network of 64 bits."""
    known = _address(remote)
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, HOME_PREFIX), strict=False))
    return str(known) if known is not None else remote[:64]


def _address(text: str) -> Address | None:
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    known = _address(address)
    return known is not None and any(known in network for network in trusted)
