"""What stands beside the embedded data, where nobody has said where else."""

from __future__ import annotations

from pathlib import Path

from muster.runtime.bootstrap import bootstrap
from muster.runtime.embedded import _beside_the_data


def beside(**environ: str) -> dict[str, str]:
    return _beside_the_data(bootstrap(environ).settings, environ)


def test_checkpoints_mail_and_the_key_stand_beside_the_data(tmp_path: Path) -> None:
    home = {"MUSTER_EMBEDDED__DATA_DIRECTORY": str(tmp_path)}
    assert beside(**home) == {
        "MUSTER_AUDIT__CHECKPOINT_DIRECTORY": str(tmp_path / "audit"),
        "MUSTER_AUTH__SECRETS_KEY_FILE": str(tmp_path / "auth-secrets.key"),
        "MUSTER_MAIL__DIRECTORY": str(tmp_path / "mail"),
    }


def test_what_was_set_stays_and_who_takes_no_part_has_none(tmp_path: Path) -> None:
    home = {
        "MUSTER_EMBEDDED__DATA_DIRECTORY": str(tmp_path),
        "MUSTER_AUDIT__CHECKPOINT_DIRECTORY": "/elsewhere",
        "MUSTER_PLUGINS__ENABLED": "postgres",
    }
    assert beside(**home) == {}
