"""``muster serve``."""

from __future__ import annotations

import rich_click as click

from muster import __version__
from muster.runtime.cli.starting import composed, environ_of, plain_refusals
from muster.runtime.exit_codes import REFUSED
from muster.runtime.log_setup import set_up_logs

__all__ = ["serve"]


class _AddressRefused(click.ClickException):
    exit_code = REFUSED


@click.command(
    epilog="Examples: muster serve --port 9000 · "
    "DATABASE_URL=postgresql://… muster serve --workers 4"
)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1, by MUSTER_HTTP__HOST]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.  [default: 8000, by MUSTER_HTTP__PORT]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Server processes.  [default: 1, by MUSTER_HTTP__WORKERS]",
)
@click.pass_context
def serve(context: click.Context, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the API until SIGTERM or Ctrl-C.

    The first signal makes the server unready at once; it goes on serving for
    MUSTER_HTTP__DRAIN_SECONDS, then finishes what is in flight within
    MUSTER_HTTP__GRACE_SECONDS. A second Ctrl-C ends it at once.
    """
    # The server is not needed for help, and slow to import.
    from muster.runtime.serving import serve as serve_api

    said = {"HOST": host, "PORT": port, "WORKERS": workers}
    environ = environ_of(context)
    for name, value in said.items():
        if value is not None:
            environ[f"MUSTER_HTTP__{name}"] = str(value)
    with plain_refusals():
        application = composed(environ)
        set_up_logs(application.settings.core.log)
        try:
            code = serve_api(application, environ, _announce)
        except OSError as error:
            http = application.settings.core.http
            raise _AddressRefused(
                f"Cannot listen on {http.host} port {http.port}: {error.strerror or error}"
            ) from error
    context.exit(code)


def _announce(address: str) -> None:
    click.echo(f"Muster {__version__} listens at {address} (API pages: {address}/docs)")
