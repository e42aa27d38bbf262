"""The routes of second factors under ``/plugins/auth``."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, delete, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from muster.plugin_api import HttpRoutes, caller_of
from muster_auth.exchanges import (
    HttpRequest,
    Running,
    client_of,
    holder_of,
    private,
    token_answer,
)
from muster_auth.second_factor_shapes import (
    BothFactors,
    EnrolledAnswer,
    EnrolmentAnswer,
    EnrolmentCode,
    PasswordAgain,
    PendingCode,
    PendingToken,
    RecoveryCodes,
    SecondFactorCode,
)
from muster_auth.second_factors import ENROLMENT_SECONDS, Enrolment
from muster_auth.shapes import TokenAnswer

__all__ = ["second_factor_routes"]

_TAGS = ["Second factors"]
_OWN = "/second-factor"
_AT_LOGIN = "/login/second-factor"


def second_factor_routes(running: Running, access_token_seconds: int) -> Sequence[HttpRoutes]:
    """Return the routes: the second step of a login for everybody, one's own for who is known.

    Args:
        running: Returns the authentication of the running app.
        access_token_seconds: How long access tokens live.
    """
    return [
        HttpRoutes(_at_login(running, access_token_seconds), public=True),
        HttpRoutes([*_own_enrolment(running), *_own_factor(running)]),
    ]


def _at_login(running: Running, seconds: int) -> list[HTTPRouteHandler]:
    @post(_AT_LOGIN, status_code=200, operation_id="showSecondFactor", tags=_TAGS)
    async def show(request: HttpRequest, data: JSONBody[SecondFactorCode]) -> Response[TokenAnswer]:
        auth = running()
        client = client_of(request, data.device_id)
        opened = await auth.second_step.finish(data.pending_token, data.shown, client)
        return private(token_answer(await auth.handed(opened), seconds))

    @post(
        f"{_AT_LOGIN}/enrolment",
        status_code=200,
        operation_id="beginEnrolmentAtLogin",
        tags=_TAGS,
    )
    async def begin(data: JSONBody[PendingToken]) -> Response[EnrolmentAnswer]:
        return _begun(await running().second_step.begin_enrolment(data.pending_token))

    @post(
        f"{_AT_LOGIN}/enrolment/confirm",
        status_code=200,
        operation_id="confirmEnrolmentAtLogin",
        tags=_TAGS,
    )
    async def confirm(
        request: HttpRequest, data: JSONBody[PendingCode]
    ) -> Response[EnrolledAnswer]:
        auth = running()
        client = client_of(request, data.device_id)
        opened, codes = await auth.second_step.confirm_enrolment(
            data.pending_token, data.code, client
        )
        tokens = await auth.handed(opened)
        answer = EnrolledAnswer(
            tokens.access_token, "Bearer", seconds, tokens.refresh_token, tokens.session_id, codes
        )
        return private(answer)

    return [show, begin, confirm]


def _own_enrolment(running: Running) -> list[HTTPRouteHandler]:
    @post(_OWN, status_code=200, operation_id="beginEnrolment", tags=_TAGS)
    async def begin(
        request: HttpRequest, data: JSONBody[PasswordAgain]
    ) -> Response[EnrolmentAnswer]:
        holder = await holder_of(running, request)
        own = running().own_second_factor
        return _begun(await own.begin(holder, data.password, caller_of(request)))

    @post(f"{_OWN}/confirm", status_code=200, operation_id="confirmEnrolment", tags=_TAGS)
    async def confirm(
        request: HttpRequest, data: JSONBody[EnrolmentCode]
    ) -> Response[RecoveryCodes]:
        holder = await holder_of(running, request)
        own = running().own_second_factor
        return private(RecoveryCodes(await own.confirm(holder, data.code, caller_of(request))))

    return [begin, confirm]


def _own_factor(running: Running) -> list[HTTPRouteHandler]:
    @delete(_OWN, operation_id="removeSecondFactor", tags=_TAGS)
    async def remove(request: HttpRequest, data: JSONBody[BothFactors]) -> None:
        holder = await holder_of(running, request)
        own = running().own_second_factor
        await own.remove(holder, data.password, data.shown, caller_of(request))

    @post(f"{_OWN}/recovery-codes", status_code=200, operation_id="renewRecoveryCodes", tags=_TAGS)
    async def renew(request: HttpRequest, data: JSONBody[BothFactors]) -> Response[RecoveryCodes]:
        holder = await holder_of(running, request)
        own = running().own_second_factor
        codes = await own.renew_recovery_codes(
            holder, data.password, data.shown, caller_of(request)
        )
        return private(RecoveryCodes(codes))

    return [remove, renew]


def _begun(enrolment: Enrolment) -> Response[EnrolmentAnswer]:
    return private(EnrolmentAnswer(enrolment.secret, enrolment.uri, ENROLMENT_SECONDS))
