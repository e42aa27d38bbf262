"""The settings of the edge."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from muster.plugin_api import setting
from muster_edge.cross_origin import checked_origin
from muster_edge.forwarded_hops import ForwardedBy
from muster_edge.gates import host_name
from muster_edge.limit_table import limit_table
from muster_edge.networks import Networks
from muster_edge.size_table import SizeTable

__all__ = ["EdgeSettings"]

_SCHEMES_OF_REDIS = ("redis://", "rediss://", "unix://")


class EdgeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is let near, what every answer carries, how much anybody may ask."""

    trusted_proxies: Annotated[
        tuple[str, ...],
        setting("Networks of the proxies that are believed when they say who asked them (CIDR)."),
    ] = ()
    forwarded_by: Annotated[
        ForwardedBy,
        setting(
            "In which header they say so: 'x-forwarded-for' (with X-Forwarded-Proto) or "
            "'forwarded'; the other one is not looked at."
        ),
    ] = ForwardedBy.X_FORWARDED_FOR
    hosts: Annotated[
        tuple[str, ...],
        setting("Names in Host, without port, under which the API is served; none is any."),
    ] = ()
    allow: Annotated[
        tuple[str, ...], setting("Networks whose requests are answered (CIDR); none is all.")
    ] = ()
    deny: Annotated[
        tuple[str, ...],
        setting("Networks whose requests are refused, also where they are allowed (CIDR)."),
    ] = ()
    admin_allow: Annotated[
        tuple[str, ...], setting("The same for paths under /admin, in addition; none is all.")
    ] = ()
    admin_deny: Annotated[
        tuple[str, ...], setting("Networks whose requests to /admin are refused (CIDR).")
    ] = ()
    hsts_seconds: Annotated[
        int,
        setting(
            "For how many seconds browsers shall use nothing but TLS, told to those that do; "
            "0 tells nobody.",
            ge=0,
        ),
    ] = 31_536_000
    hsts_subdomains: Annotated[
        bool, setting("Whether that holds for subdomains of the host, too.")
    ] = False
    cors_origins: Annotated[
        tuple[str, ...],
        setting("Origins whose pages may use the API, scheme://host[:port] to the letter."),
    ] = ()
    cors_credentials: Annotated[
        bool, setting("Whether these pages may send cookies and client certificates.")
    ] = False
    cors_max_age_seconds: Annotated[
        int, setting("How long browsers may keep the answer to a preflight.", ge=0, le=86_400)
    ] = 600
    limits: Annotated[
        dict[str, str],
        setting(
            "Limits other than the default (name=requests/seconds, or name=off): login, verify, "
            "read, write, everything, address, errors."
        ),
    ] = {}
    sizes: Annotated[
        dict[str, int],
        setting(
            "How large requests may be, other than the default (/path:what=number): headers, uri, "
            "parameters, parameter, body, depth."
        ),
    ] = {}
    redis_url: Annotated[
        str | None,
        setting(
            "Where requests are counted over all processes, redis://…; unset, each process "
            "counts by itself.",
            env="REDIS_URL",
            secret=True,
        ),
    ] = None
    redis_seconds: Annotated[
        float,
        setting("After how many seconds Redis is taken to be away.", gt=0, le=10),
    ] = 1.0
    request_seconds: Annotated[
        float,
        setting(
            "After how many seconds a request whose answer has not begun is given up; 0 never.",
            ge=0,
        ),
    ] = 30.0

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: A network, host, origin, limit, size or URL is none.
        """
        if self.redis_url is not None and not self.redis_url.startswith(_SCHEMES_OF_REDIS):
            raise ValueError(f"the URL of Redis begins with {', '.join(_SCHEMES_OF_REDIS)}")
        lists = (self.trusted_proxies, self.allow, self.deny, self.admin_allow, self.admin_deny)
        for networks in lists:
            Networks(networks)
        for host in self.hosts:
            if host_name(host) != host.lower() or "*" in host:
                raise ValueError(f"{host!r} is no host; write a name or address without port")
        for origin in self.cors_origins:
            checked_origin(origin)
        limit_table(self.limits)
        SizeTable(self.sizes)
