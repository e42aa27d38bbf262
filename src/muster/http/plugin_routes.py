"""Where the routes of plugins stand, and who reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from litestar import Router
from litestar.types import Guard

from muster.http.body import JsonBody
from muster.http.identification import known_caller
from muster.http.parameters import valid_parameters
from muster.plugin_api.contributions import HttpRoutes
from muster.plugin_api.errors import CompositionError

__all__ = ["GRANTED_PATHS", "plugin_router"]

GRANTED_PATHS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "documents": frozenset({"/v1/certificates/{number:str}/document"}),
        "jobs": frozenset({"/admin/jobs"}),
        "telemetry": frozenset({"/metrics"}),
    }
)
"""Paths outside ``/plugins`` that a plugin may ask for, by the plugin's name: those at which
everybody looks for what it answers."""


def plugin_router(name: str, routes: HttpRoutes) -> Router:
    """Return the router of what a plugin contributes.

    Args:
        name: The plugin's.
        routes: What it contributes.

    Raises:
        CompositionError: It asks for a path that it is not granted.
    """
    path = f"/plugins/{name}"
    if routes.granted_path is not None:
        path = routes.granted_path
        if path not in GRANTED_PATHS.get(name, ()):
            raise CompositionError(
                f"The plugin {name!r} asks for the path {path!r}, which it is not granted; its "
                f"routes stand under /plugins/{name}."
            )
    guards: list[Guard] = [] if routes.public else [known_caller]
    if routes.strict_parameters:
        guards.append(valid_parameters)
    return Router(
        path,
        route_handlers=list(routes.handlers),
        dto=JsonBody,
        return_dto=None,
        guards=guards,
    )
