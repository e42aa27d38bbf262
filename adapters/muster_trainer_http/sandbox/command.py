"""``muster trainer-sandbox``: the sample service as a process."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click

from muster.domain.trainers import Trainer
from muster_trainer_http.sandbox.roster import RosterRefused, read_trainers
from muster_trainer_http.sandbox.server import Sandbox

__all__ = ["trainer_sandbox"]


@click.command("trainer-sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    default=8100,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where to listen; 0 takes a free port.",
)
@click.option(
    "--trainers",
    "roster",
    metavar="FILE.json",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON array of trainers, each in the shape of the bulk contract.",
)
@click.option(
    "--generate",
    default=5,
    show_default=True,
    type=click.IntRange(0, 500),
    help="How many sample trainers to make up for a zone and course that nobody was given for.",
)
@click.option(
    "--token",
    envvar="TRAINER_SERVICE_TOKEN",
    help="Ask for this bearer token.  [env: TRAINER_SERVICE_TOKEN]",
)
def trainer_sandbox(
    host: str, port: int, roster: Path | None, generate: int, token: str | None
) -> None:
    """Run a sample trainer service, for trying things out.

    It speaks the bulk contract over real HTTP. Point Muster at it with
    TRAINER_SERVICE_URL. It prints its URL as one line when it listens and runs until
    SIGTERM or Ctrl-C.

    \b
    PUT    /sandbox/trainers  replace the trainers by a JSON array
    POST   /sandbox/trainers  add a JSON array of trainers
    PUT    /sandbox/faults    misbehave as a JSON object says
    DELETE /sandbox/faults    behave again
    GET    /sandbox/calls     how many calls were made
    DELETE /sandbox/calls     count from zero again
    """  # noqa: D301
    trainers = [] if roster is None else _trainers_of(roster)
    sandbox = Sandbox(trainers, generate=generate, token=token, host=host, port=port)
    try:
        asyncio.run(_serve(sandbox))
    except OSError as failed:
        raise click.ClickException(f"cannot listen on {host}:{port}: {failed.strerror}") from None


def _trainers_of(file: Path) -> list[Trainer]:
    try:
        return read_trainers(file.read_bytes())
    except (RosterRefused, OSError) as refused:
        raise click.BadParameter(str(refused), param_hint="--trainers") from None


async def _serve(sandbox: Sandbox) -> None:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    async with sandbox as url:
        click.echo(f"trainer sandbox at {url}")
        await told_to_stop.wait()
