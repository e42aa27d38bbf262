"""The key that seals secrets: from the settings, else from a file that is made once."""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from muster.plugin_api import CompositionError
from muster.testing.entropy import SeededEntropy
from muster_auth.secrets_keys import secrets_keys
from muster_auth.settings import AuthSettings

ONE, OTHER = b"1" * 32, b"2" * 32


def found(place: Path, seed: int = 1) -> bytes:
    (key,) = secrets_keys(AuthSettings(secrets_key_file=str(place)), SeededEntropy(seed), {})
    return key


def test_a_key_of_the_settings_goes_before_the_file(tmp_path: Path) -> None:
    one, other = (b64encode(key).decode() for key in (ONE, OTHER))
    settings = AuthSettings(
        secrets_key=one, older_secrets_keys=(other,), secrets_key_file=str(tmp_path / "key")
    )
    assert secrets_keys(settings, SeededEntropy(1), {}) == [ONE, OTHER]
    assert not (tmp_path / "key").exists()


def test_a_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    place = tmp_path / "new" / "key"
    key = found(place)
    assert found(place, seed=2) == key
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in place.parent.iterdir()] == ["key"]


def test_servers_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(20) as threads:
        keys = set(threads.map(lambda seed: found(tmp_path / "key", seed), range(100)))
    assert len(keys) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_a_file_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "key"
    found(place)
    place.chmod(0o640)
    with pytest.raises(CompositionError, match="chmod 600"):
        found(place)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 44])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "key"
    place.write_bytes(content)
    place.chmod(0o600)
    with pytest.raises(CompositionError, match="holds no key"):
        found(place)


def test_a_place_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CompositionError, match="MUSTER_AUTH__SECRETS_KEY"):
        found(tmp_path / "file" / "key")


def test_without_a_file_it_is_a_place_of_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    secrets_keys(AuthSettings(), SeededEntropy(1), {"XDG_DATA_HOME": str(tmp_path)})
    assert (tmp_path / "muster" / "auth-secrets.key").is_file()
