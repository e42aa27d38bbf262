"""Nobody is let in from other machines by accident."""

from __future__ import annotations

import ipaddress

from muster.plugin_api.errors import CompositionError
from muster.runtime.bootstrap import Application
from muster.runtime.settings import OpenAccess

__all__ = ["refuse_open_doors"]


def refuse_open_doors(application: Application) -> None:
    """Let nobody in from elsewhere while no plugin can tell who they are.

    Raises:
        CompositionError: The server would listen to other machines, nothing
            authenticates, and the settings do not say that this is meant.
    """
    core = application.settings.core
    if application.authenticators:
        return
    if core.access.open is OpenAccess.LOOPBACK and not _is_loopback(core.http.host):
        raise CompositionError(
            f"No enabled plugin authenticates, and {core.http.host} is no loopback address: "
            "everybody who reaches it could do everything. Listen on 127.0.0.1, or set "
            "MUSTER_ACCESS__OPEN to 'everywhere' if that is meant, or to 'nobody'."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
