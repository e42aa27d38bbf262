"""A server process of ``muster serve --workers N``.

``python -m muster.runtime.serving_worker HANDLE`` serves on an inherited socket until
SIGTERM, or until its parent ends.
"""

from __future__ import annotations

import os
import socket
import sys

import click

from muster.plugin_api.errors import CompositionError
from muster.runtime.asgi import create_asgi
from muster.runtime.bootstrap import bootstrap
from muster.runtime.draining_server import DrainingServer
from muster.runtime.exit_codes import REFUSED
from muster.runtime.heap import settle_heap
from muster.runtime.log_setup import set_up_logs
from muster.runtime.tethered import end_with_parent
from muster.runtime.worker_processes import READY

__all__ = ["serve_on"]


def serve_on(listener: socket.socket) -> int:
    """Serve the API on a socket, say when requests are answered, return the exit code."""
    try:
        application = bootstrap(os.environ)
        core = application.settings.core
        set_up_logs(core.log)
        server = DrainingServer(create_asgi(application), core.http, _started)
    except CompositionError as refusal:
        click.echo(f"Muster does not start. {refusal}", err=True)
        return REFUSED
    return server.run_to_exit_code(listener)


def _started() -> None:
    settle_heap()
    click.echo(READY)


if __name__ == "__main__":
    end_with_parent()
    sys.exit(serve_on(socket.socket(fileno=int(sys.argv[1]))))
