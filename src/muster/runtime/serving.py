"""``muster serve``: what is missing is embedded, then the API is served until a signal."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Mapping

from muster.runtime.asgi import create_asgi
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.draining_server import DrainingServer
from muster.runtime.embedded import embedded_services
from muster.runtime.heap import settle_heap
from muster.runtime.interrupts import Interrupts
from muster.runtime.open_doors import refuse_open_doors
from muster.runtime.worker_processes import WorkerProcesses

__all__ = ["bound_socket", "serve"]


def serve(
    application: Application, environ: Mapping[str, str], announce: Callable[[str], object]
) -> int:
    """Serve the API until SIGTERM or SIGINT.

    Args:
        application: Composed from the environment, to say how; it is not opened.
        environ: The environment, with everything that the command line says.
        announce: Called with the address, such as ``http://127.0.0.1:8000``, once requests
            are answered.

    Returns:
        0 after an orderly end, 130 after a second SIGINT, 1 where the app could not be
        opened; the log says why.

    Raises:
        CompositionError: It would let everybody in from everywhere.
        OSError: The address cannot be listened on.
        Interrupted: A signal came before requests were answered.
        EmbeddedPostgresError: PostgreSQL is missing or failed.
        ChildFailed: A process that is needed did not start.
    """
    settings = application.settings.core.http
    refuse_open_doors(application)
    with (
        Interrupts() as interrupts,
        bound_socket(settings.host, settings.port) as listener,
        embedded_services(environ) as filled,
    ):
        interrupts.check()
        address = _address(settings.host, listener)
        if settings.workers > 1:
            workers = WorkerProcesses(settings, filled, listener, interrupts)
            return workers.run(lambda: announce(address))
        app = create_asgi(bootstrap(filled))

        def started() -> None:
            settle_heap()
            announce(address)

        server = DrainingServer(app, settings, started)
        # The server's own handlers take over when it starts; until then it is told.
        interrupts.tell(lambda: server.handle_exit(signal.SIGTERM, None))
        return server.run_to_exit_code(listener)


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that has the address and does not accept yet.

    Raises:
        OSError: The address is taken, or is not this machine's.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
