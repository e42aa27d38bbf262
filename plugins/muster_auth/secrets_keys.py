"""The keys that seal secrets: from the settings, or made once and kept in a file."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import structlog

from muster.plugin_api import CompositionError, own_directory
from muster.ports.entropy import Entropy
from muster_auth.sealed_secrets import KEY_BITS, decoded_key, key_id
from muster_auth.settings import AuthSettings

__all__ = ["secrets_keys"]

_log = structlog.get_logger(__name__)

_FILE = "auth-secrets.key"
_OWNER_ALONE = 0o600
_OTHERS = 0o077


def secrets_keys(
    settings: AuthSettings, entropy: Entropy, environ: Mapping[str, str]
) -> list[bytes]:
    """Return the keys, the newest first.

    Args:
        settings: Name keys, or the file of one.
        entropy: Makes the first key.
        environ: Says where the user keeps data.

    Raises:
        CompositionError: The file cannot be used.
    """
    older = [decoded_key(key) for key in settings.older_secrets_keys]
    if settings.secrets_key is not None:
        return [decoded_key(settings.secrets_key), *older]
    chosen = settings.secrets_key_file
    place = (Path(chosen) if chosen else own_directory(environ) / _FILE).expanduser()
    try:
        return [_kept(place, entropy), *older]
    except OSError as error:
        raise CompositionError(
            f"The file of the key that seals secrets, {place}, cannot be used "
            f"({error.strerror}). Set MUSTER_AUTH__SECRETS_KEY, or name another place in "
            "MUSTER_AUTH__SECRETS_KEY_FILE."
        ) from error


def _kept(place: Path, entropy: Entropy) -> bytes:
    if not place.exists():
        _make(place, entropy)
    if place.stat().st_mode & _OTHERS:
        raise CompositionError(
            f"The file of the key that seals secrets, {place}, is open to others than its owner. "
            f"Close it: chmod 600 {place}."
        )
    try:
        return decoded_key(place.read_text("ascii"))
    except ValueError as error:
        raise CompositionError(
            f"The file of the key that seals secrets, {place}, holds no key: a key is "
            "32 bytes in base64."
        ) from error


def _make(place: Path, entropy: Entropy) -> None:
    """Make the file whole or not at all, and never a second one: servers may start at once."""
    key = entropy.bits(KEY_BITS).to_bytes(KEY_BITS // 8, "big")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{entropy.bits(64):016x}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ALONE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, place)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    _log.warning("secrets_key_made", file=str(place), key=key_id(key).hex())
