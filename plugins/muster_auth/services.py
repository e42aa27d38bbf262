"""Services: programs that ask in their own name, and show an API key."""

from __future__ import annotations

from collections.abc import Callable

from muster.plugin_api import Authenticator, Credentials, PortLookup, Principal
from muster_auth.authenticator import bearer
from muster_auth.key_register import KeyRegister
from muster_auth.key_texts import is_api_key
from muster_auth.nonces import Nonces
from muster_auth.presented_keys import PresentedKeys
from muster_auth.signatures import Signatures, is_signed
from muster_auth.workings import Workings

__all__ = ["Services", "key_authenticator"]


class Services:
    """The API keys of one running app.

    Attributes:
        keys: Makes, rotates and revokes them.
    """

    def __init__(self, workings: Workings) -> None:
        """Compose it.

        Args:
            workings: What the parts of the plugin share.
        """
        units, clock = workings.units, workings.clock
        self._presented = PresentedKeys(units, clock)
        self._signatures = Signatures(clock, Nonces(units))
        self.keys = KeyRegister(workings, self._presented.forget)

    async def principal(self, shown: str, credentials: Credentials) -> Principal:
        """Return which service shows a key.

        Args:
            shown: The key.
            credentials: The request, of which more is read where it says that it is signed.

        Raises:
            Unauthenticated: The key opens nothing, or the signature does not hold.
        """
        key = await self._presented.key(shown)
        signed = is_signed(credentials)
        if signed:
            await self._signatures.verify(key, credentials)
        return Principal(f"service:{key.id}", key.permissions, key.scope, unsigned=not signed)


def key_authenticator(running: Callable[[], Services]) -> Authenticator:
    """Return the authenticator of services.

    Args:
        running: Returns those of the running app.
    """

    async def authenticate(credentials: Credentials, _: PortLookup) -> Principal | None:
        shown = bearer(credentials.header("authorization"))
        if shown is None or not is_api_key(shown):
            return None
        return await running().principal(shown, credentials)

    return Authenticator("api_key", authenticate)
