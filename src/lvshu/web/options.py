"""How the workbench is served: which workspace, at which address, with which bounds."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lvshu.core.errors import Problem
from lvshu.web.security.address import Network, networks

FOLDER, DATABASE = "workbench", "state.sqlite"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
MEGABYTE = 1 << 20


def size_text(count: int) -> str:
    """Return a number of bytes as people write it: 200 MB, 0.5 MB, 90 kB; MB are 2^20 bytes."""
    if count >= MEGABYTE // 10:
        return f"{count / MEGABYTE:,.1f}".removesuffix(".0") + " MB"
    return f"{max(count / 1024, 0.1):,.1f}".removesuffix(".0") + " kB"


def too_large(most: int, given: int | None = None) -> Problem:
    """Return what is told of a request or file over its limit.

    Args:
        most: the limit, in bytes.
        given: its size; None where reading stopped at the limit.
    """
    size = (
        {"zh": "过大", "en": "larger"}
        if given is None
        else {"zh": f"有 {size_text(given)}", "en": size_text(given)}
    )
    return Problem("web.too_large", values={"given": size, "most": size_text(most)})


@dataclass(frozen=True)
class WebOptions:
    """What a server is started with.

    Attributes:
        folder: of the workspace.
        host: address that is bound.
        port: TCP port; 0 takes a free one.
        database: URL of what people write (postgresql+pg8000://…); empty: SQLite in the workspace.
        names: further names by which browsers reach the server, beside the bound address.
        login: demand a login even on this machine; at any other address it is always demanded.
        secure_cookies: send cookies over https only (behind a proxy that ends TLS).
        upload_bytes: largest upload, bytes.
        session_hours: how long a login lasts without use.
        trusted_proxies: addresses or networks of our own proxies, whose X-Forwarded-For is believed.
        least_units: a count of fewer records than this is withheld from those who may not see records.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8765
    database: str = ""
    names: tuple[str, ...] = ()
    login: bool = False
    secure_cookies: bool = False
    upload_bytes: int = 200 * MEGABYTE
    session_hours: float = 12.0
    least_units: int = 3
    trusted_proxies: tuple[str, ...] = ()

    @cached_property
    def proxy_networks(self) -> tuple[Network, ...]:
        """Return the networks of the trusted proxies.

        Raises:
            ConfigError: one of them is no address.
        """
        return networks(self.trusted_proxies)

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def needs_login(self) -> bool:
        """Return whether nobody may look without a login."""
        return self.login or not self.is_local

    @property
    def database_url(self) -> str:
        """Return the URL of the database of what people write."""
        return self.database or f"sqlite:///{(self.folder.resolve() / FOLDER / DATABASE).as_posix()}"

    @property
    def host_names(self) -> frozenset[str]:
        """Return the names that a request's Host header may carry (without the port), in lower case."""
        known = {name.lower() for name in self.names}
        if self.is_local:
            return frozenset({*known, *LOOPBACK_NAMES, self.host.lower()})
        return frozenset({*known, self.host.lower(), *LOOPBACK_NAMES})
