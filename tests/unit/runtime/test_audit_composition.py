"""A start that would keep its checkpoints nowhere says so."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from muster.testing import make_app


@pytest.mark.parametrize(
    ("level", "directory", "told"),
    [
        ("DEBUG", None, []),
        ("INFO", None, []),
        ("WARNING", None, ["warning"]),
        ("ERROR", None, ["error"]),
        ("ERROR", "kept", []),
    ],
)
def test_checkpoints_that_stand_nowhere_are_told_where_it_is_seen(
    tmp_path_factory: pytest.TempPathFactory, level: str, directory: str | None, told: list[str]
) -> None:
    settings = {"MUSTER_LOG__LEVEL": level}
    if directory is not None:
        settings["MUSTER_AUDIT__CHECKPOINT_DIRECTORY"] = str(tmp_path_factory.mktemp(directory))
    with capture_logs() as lines, make_app(settings=settings).client() as client:
        client.get("/health")
    found = [line for line in lines if line["event"] == "checkpoints_kept_nowhere"]
    assert [line["log_level"] for line in found] == told
