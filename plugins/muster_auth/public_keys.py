"""The public keys that services register: Ed25519, in PEM."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from muster_auth.errors import ApiKeyRefused

__all__ = ["accepted_public_key", "loaded_public_key"]


def accepted_public_key(pem: str) -> str:
    """Return a public key in the form that is stored.

    Args:
        pem: As a service sent it.

    Raises:
        ApiKeyRefused: It is no Ed25519 public key in PEM.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ApiKeyRefused("publicKey", "This is no Ed25519 public key in PEM.")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def loaded_public_key(pem: str) -> Ed25519PublicKey:
    """Return a key that was accepted."""
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, Ed25519PublicKey), "no other was accepted"
    return key
