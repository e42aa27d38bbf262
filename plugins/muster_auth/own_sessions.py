"""What somebody who is logged in does with their own sessions: see them, and end them."""

from __future__ import annotations

from uuid import UUID

from muster.plugin_api import Caller
from muster_auth.errors import SessionUnknown
from muster_auth.sessions import LiveSession
from muster_auth.token_holders import TokenHolder
from muster_auth.workings import Workings

__all__ = ["OwnSessions"]


class OwnSessions:
    """Lists and ends sessions; whatever ends one is in the audit trail."""

    def __init__(self, workings: Workings) -> None:
        """Work for token holders.

        Args:
            workings: What the parts of the plugin share.
        """
        self._units = workings.units
        self._notes = workings.notes
        self._sessions = workings.sessions
        self._standings = workings.standings

    async def live(self, holder: TokenHolder) -> list[LiveSession]:
        """Return a holder's live sessions, newest first. A query.

        Raises:
            Forbidden: A script has none.
        """
        return await self._sessions.live(holder.account_id)

    async def log_out(self, holder: TokenHolder, caller: Caller) -> None:
        """End the session of a token, or the token where it has none; here at once. A command."""
        session_id = holder.claims.sid
        if session_id is None:
            await self._revoke(holder, caller)
        else:
            await self._end(holder, session_id, caller, "LogOut", "logout")

    async def log_out_everywhere(self, holder: TokenHolder, caller: Caller) -> None:
        """End every session of a holder. A command.

        Raises:
            Forbidden: A script has none.
        """
        own = holder.account_id
        async with self._units() as unit:
            ended = await self._sessions.end_all(unit.connection, own, "logout everywhere")
            if ended:
                told = {"sessions": len(ended)}
                await self._notes.note(unit, caller, "LogOutEverywhere", own, after=told)
            await unit.commit()
        self._standings.forget_all(ended)

    async def end(self, holder: TokenHolder, session_id: UUID, caller: Caller) -> None:
        """End one of a holder's sessions. A command.

        Raises:
            SessionUnknown: They have no such live session.
            Forbidden: A script has none.
        """
        if not await self._end(holder, session_id, caller, "EndSession", "ended"):
            raise SessionUnknown("There is no such session.")

    async def _end(
        self, holder: TokenHolder, session_id: UUID, caller: Caller, action: str, reason: str
    ) -> bool:
        own = holder.account_id
        async with self._units() as unit:
            if not await self._sessions.end(unit.connection, session_id, reason, owner=own):
                return False
            told = {"sessionId": str(session_id)}
            await self._notes.note(unit, caller, action, own, after=told)
            await unit.commit()
        self._standings.forget(session_id)
        return True

    async def _revoke(self, holder: TokenHolder, caller: Caller) -> None:
        jti = holder.claims.jti
        async with self._units() as unit:
            if not await self._standings.revoke(unit.connection, holder.claims):
                return
            await self._notes.note(
                unit, caller, "RevokeScriptToken", jti, subject_kind="script_token"
            )
            await unit.commit()
        self._standings.forget(jti)
