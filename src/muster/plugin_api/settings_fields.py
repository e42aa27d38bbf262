"""What the fields of a settings Struct carry beside their type: a hint, a secret, a name."""

from __future__ import annotations

from typing import Any

from msgspec import Meta

__all__ = ["setting"]


def setting(
    hint: str,
    *,
    env: str | None = None,
    secret: bool = False,
    **constraints: Any,
) -> Meta:
    """Describe one setting, in the annotation of its field.

    Args:
        hint: What it does and its unit, in one sentence; shown with a fault and in docs.
        env: The environment variable that sets it where that is not
            ``MUSTER_<SECTION>__<FIELD>``.
        secret: Whether its value is masked wherever settings are shown.
        **constraints: Of ``msgspec.Meta``: ``ge``, ``le``, ``pattern`` and so on.
    """
    return Meta(
        description=hint,
        extra={"env": env, "secret": secret},
        **constraints,
    )
