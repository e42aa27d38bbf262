"""What every suite shares: hypothesis profiles, a seed that can be replayed, ``--pg``."""

from __future__ import annotations

import os
import secrets
import zoneinfo
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import settings

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

pytest_plugins = ["tests.postgres_fixtures"]

# As `bootstrap` does: session times follow from the pinned tzdata, not from the machine's copy.
zoneinfo.reset_tzpath(to=())

settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
settings.register_profile("deep", settings.get_profile("ci"), max_examples=2_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE")
    or ("deep" if os.environ.get("MUSTER_DEEP") == "1" else "ci")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pg",
        metavar="URL",
        default=os.environ.get("MUSTER_TEST_DATABASE_URL"),
        help="a PostgreSQL to test on; default: MUSTER_TEST_DATABASE_URL, else an embedded one",
    )
    parser.addoption(
        "--deep",
        action="store_true",
        help="let the state machines run 1,000 examples of 50 steps",
    )
    parser.addoption(
        "--requests",
        type=int,
        default=200,
        help="how many requests are made up from the whole OpenAPI document; default: 200",
    )


@pytest.hookimpl(tryfirst=True)  # before hypothesis reads its option
def pytest_configure(config: pytest.Config) -> None:
    if config.option.hypothesis_seed is None:
        handed: dict[str, str] = getattr(config, "workerinput", {})
        config.option.hypothesis_seed = handed.get("seed") or str(secrets.randbits(32))


@pytest.fixture(scope="session", autouse=True)
def loggers_that_can_be_captured() -> Iterator[None]:
    """A command that is run in this process sets logs up for good, unless loggers are not kept."""
    configure = structlog.configure

    def configured(**said: Any) -> None:
        configure(**{**said, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", configured)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Hand the controller's seed to a worker of xdist."""
    node.workerinput["seed"] = node.config.option.hypothesis_seed


def pytest_report_header(config: pytest.Config) -> str:
    return f"hypothesis seed: {_replay(config)}"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    # Said again at the end: a quiet run shows no header.
    terminalreporter.write_line(f"hypothesis seed: {_replay(config)}")


def _replay(config: pytest.Config) -> str:
    return f"--hypothesis-seed={config.option.hypothesis_seed}"
