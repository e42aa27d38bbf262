"""The parts of the audit trail that an app composes: its sealer, and the key of checkpoints."""

from __future__ import annotations

import logging
from hashlib import sha256

import structlog

from muster.ports.audit import AUDIT_CHAIN
from muster.ports.clock import CLOCK
from muster.ports.deployment_keys import DEPLOYMENT_KEYS
from muster.ports.entropy import ENTROPY
from muster.runtime.audit_sealing import AuditSealer
from muster.runtime.bootstrap import Application
from muster.runtime.settings import CoreSettings

__all__ = ["checkpoint_key", "sealer_of"]

_CHECKPOINT_KEY = "audit_checkpoints"
_KEY_BYTES = 32

_log = structlog.get_logger(__name__)


async def checkpoint_key(application: Application) -> bytes:
    """Return the key that signs checkpoints: of the settings, else one of the deployment's.

    The deployment's is made when it is first asked for.

    Args:
        application: Running.
    """
    if (secret := application.settings.core.audit.checkpoint_secret) is not None:
        return sha256(secret.encode()).digest()
    proposed = application.ports.get(ENTROPY).bits(_KEY_BYTES * 8).to_bytes(_KEY_BYTES, "big")
    return await application.ports.get(DEPLOYMENT_KEYS).key(_CHECKPOINT_KEY, proposed)


def sealer_of(application: Application) -> AuditSealer:
    """Return the sealer of one server; the log tells if it would keep checkpoints nowhere.

    Raises:
        CompositionError: A port that it needs is not provided.
    """
    _tell_of_nowhere(application.settings.core)
    ports = application.ports
    return AuditSealer(
        ports.get(AUDIT_CHAIN),
        lambda: checkpoint_key(application),
        ports.get(CLOCK),
        application.settings.core.audit,
    )


def _tell_of_nowhere(core: CoreSettings) -> None:
    level = logging.getLevelNamesMapping()[core.log.level]
    if core.audit.checkpoint_directory is None and level > logging.INFO:
        # As severe as it must be to be seen.
        _log.log(
            level,
            "checkpoints_kept_nowhere",
            hint="Set MUSTER_AUDIT__CHECKPOINT_DIRECTORY, or MUSTER_LOG__LEVEL=INFO.",
        )
