"""What the demo runs on: a database that is thrown away, and real processes on free ports."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct

from muster import __version__
from muster.application.roles import Role
from muster.runtime.child_processes import ChildFailed, running_child
from muster.runtime.embedded import EMBEDDABLE, POSTGRES, SANDBOX_ANNOUNCEMENT, TRAINER_SERVICE
from muster.runtime.embedded_postgres import running_postgres
from muster.runtime.interrupts import Interrupts

__all__ = ["Stage", "set_stage"]

_PATIENCE_SECONDS = 60.0
_LISTENS = f"Muster {__version__} listens at "
_FOREIGN = ("MUSTER_", "TRAINER_", "DATABASE_URL", "REDIS_URL", "PG")


class Stage(Struct, frozen=True):
    """Where everything listens.

    Attributes:
        api: Address of the API.
        sandbox: Address of the sample trainer service.
        token: An administrator's access token.
    """

    api: str
    sandbox: str
    token: str


@contextmanager
def set_stage(interrupts: Interrupts, tell: Callable[[str], object]) -> Iterator[Stage]:
    """Start PostgreSQL, migrate it, start the trainer service and the API; end them all.

    Nothing of the user's is touched: no setting of theirs reaches these processes, and the
    data stands in a temporary directory.

    Args:
        interrupts: Asked between all steps.
        tell: Called with the name of each step.

    Raises:
        ChildFailed: A process did not start; the message ends with what it said.
        EmbeddedPostgresError: PostgreSQL is missing or failed.
        Interrupted: Somebody asked for an end.
    """
    with ExitStack() as stack:
        home = stack.enter_context(_temporary_home())
        log = home / "demo.log"
        errors = stack.enter_context(log.open("w"))
        environ = _own_environ(home)
        try:
            tell("Starting the sample trainer service")
            sandbox = stack.enter_context(
                running_child(
                    ["trainer-sandbox", "--port", "0", "--generate", "0"],
                    environ,
                    name="sample trainer service",
                    errors=errors,
                )
            )
            tell("Starting PostgreSQL")
            url = stack.enter_context(running_postgres(home / "postgres", durable=False))
            interrupts.check()
            environ[EMBEDDABLE[POSTGRES]] = url
            tell("Migrating the database")
            _run_to_end(["db", "upgrade"], environ, errors, interrupts)
            address = sandbox.await_line(SANDBOX_ANNOUNCEMENT, _PATIENCE_SECONDS, interrupts.check)
            environ[EMBEDDABLE[TRAINER_SERVICE]] = address
            tell("Starting the API")
            server = stack.enter_context(
                running_child(["serve"], environ, name="API", errors=errors)
            )
            # Both end at the same time, then PostgreSQL.
            stack.callback(sandbox.ask_to_end)
            token = _administrators_token(environ, errors, interrupts)
            said = server.await_line(_LISTENS, _PATIENCE_SECONDS, interrupts.check)
        except ChildFailed as error:
            errors.flush()
            raise ChildFailed(f"{error}\n{_end_of(log)}") from error
        yield Stage(api=said.split()[0], sandbox=address, token=token)


@contextmanager
def _temporary_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="muster-demo-"))
    # For root, PostgreSQL runs as another user, who must get to the data.
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home)


def _own_environ(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **kept,
        "MUSTER_HTTP__PORT": "0",
        "MUSTER_HTTP__DRAIN_SECONDS": "0",
        "MUSTER_LOG__LEVEL": "WARNING",
        "MUSTER_AUTH__ACCESS_TOKEN_SECONDS": "3600",
        "MUSTER_AUTH__SECRETS_KEY_FILE": str(home / "auth-secrets.key"),
        # One client opens over 500 zones in a few seconds.
        "MUSTER_EDGE__LIMITS": "write=off,read=off,everything=off,address=off",
    }


def _run_to_end(
    arguments: list[str], environ: Mapping[str, str], errors: IO[str], interrupts: Interrupts
) -> None:
    with running_child(
        arguments, environ, name=f"muster {' '.join(arguments)}", errors=errors
    ) as one:
        code = one.wait(_PATIENCE_SECONDS, interrupts.check)
    if code:
        raise ChildFailed(f"The {one.name} ended with {code}.")


def _administrators_token(
    environ: Mapping[str, str], errors: IO[str], interrupts: Interrupts
) -> str:
    command = ["auth", "token", "--role", Role.COMPANY_ADMIN.value]
    with running_child(command, environ, name="muster auth token", errors=errors) as one:
        return one.await_line("", _PATIENCE_SECONDS, interrupts.check).strip()


def _end_of(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
