"""A real server in a thread: uvicorn, PostgreSQL, and a sample trainer service over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event

from anyio.from_thread import BlockingPortal, start_blocking_portal

from muster.http.readiness import Readiness
from muster.runtime.asgi import MusterAsgi, create_asgi
from muster.runtime.bootstrap import bootstrap
from muster.runtime.draining_server import DrainingServer
from muster.runtime.serving import bound_socket
from muster.runtime.settings import HttpSettings
from muster_trainer_http.sandbox import Sandbox
from tests.http.api import Api

START_SECONDS = 30

ADAPTERS_ALONE = {"MUSTER_PLUGINS__ENABLED": "postgres,trainer_http"}
"""The API is tested with no plugin but the adapters: the core needs none of the others."""


class ServerUnderTest:
    """What a test may do to a running server beside sending it requests."""

    def __init__(self, api: Api, sandbox: Sandbox, readiness: Readiness) -> None:
        self.api = api
        self.sandbox = sandbox
        self.readiness = readiness


@contextmanager
def serving(
    database_url: str, plugins: Iterable[type] | None = None, **environ: str
) -> Iterator[ServerUnderTest]:
    """Serve the API on a free port, with a sample trainer service beside it."""
    sandbox = Sandbox()
    with (
        start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(sandbox) as trainer_service,
    ):
        settings = {
            **ADAPTERS_ALONE,
            "DATABASE_URL": database_url,
            "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
            "TRAINER_SERVICE_URL": trainer_service,
            # Every question reaches the sample service, so that a test may change its roster.
            "TRAINER_SNAPSHOT_FRESH": "0",
            **environ,
        }
        application = bootstrap(settings, plugins)
        patience = application.settings.core.http.client_seconds
        app = create_asgi(application)
        with _running(portal, app, patience) as api:
            yield ServerUnderTest(api, sandbox, app.readiness)


@contextmanager
def _running(portal: BlockingPortal, app: MusterAsgi, client_seconds: float) -> Iterator[Api]:
    started = Event()
    settings = HttpSettings(drain_seconds=0, grace_seconds=2, client_seconds=client_seconds)
    with bound_socket("127.0.0.1", 0) as listener:
        server = DrainingServer(app, settings, started.set)
        ended: Future[None] = portal.start_task_soon(server.serve, [listener])
        ended.add_done_callback(lambda _: started.set())
        try:
            assert started.wait(START_SECONDS), "the server did not start in time"
            assert not ended.done(), ended.exception()
            yield Api(listener.getsockname()[1])
        finally:
            server.drain()
            ended.result(START_SECONDS)
