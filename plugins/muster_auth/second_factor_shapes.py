"""What the routes of second factors read and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from muster_auth.pending_logins import PENDING_SECONDS, Pending
from muster_auth.second_factors import ShownFactor
from muster_auth.shapes import DeviceId, OpaqueToken, Password, TokenAnswer

__all__ = [
    "BothFactors",
    "EnrolledAnswer",
    "EnrolmentAnswer",
    "EnrolmentCode",
    "PasswordAgain",
    "PendingCode",
    "PendingToken",
    "RecoveryCodes",
    "SecondFactorCode",
    "SecondStepAnswer",
    "second_step_answer",
]

_Code = Annotated[str, Meta(min_length=6, max_length=20, examples=["123456"])]
_RecoveryCode = Annotated[str, Meta(min_length=1, max_length=100)]
_PendingToken = Annotated[OpaqueToken, Meta(examples=["mw_" + "A" * 43])]


class _OneOfTwo(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A second factor: one of the two.

    Attributes:
        code: Of six digits.
        recovery_code: Instead of it.
    """

    code: _Code | None = None
    recovery_code: Annotated[_RecoveryCode | None, Meta(examples=[None])] = None

    def __post_init__(self) -> None:
        """Check what the types cannot say.

        Raises:
            ValueError: There is none, or there are both.
        """
        if (self.code is None) == (self.recovery_code is None):
            raise ValueError("Show either code or recoveryCode.")

    @property
    def shown(self) -> ShownFactor:
        """What is shown."""
        return ShownFactor(self.code, self.recovery_code)


class SecondFactorCode(_OneOfTwo, frozen=True, kw_only=True):
    """The second step of a login.

    Attributes:
        pending_token: Of the first step.
        device_id: By which the client wants to be known again.
    """

    pending_token: _PendingToken
    device_id: DeviceId = ""


class BothFactors(_OneOfTwo, frozen=True, kw_only=True):
    """Password and second factor, shown again.

    Attributes:
        password: The account's.
    """

    password: Password


class PasswordAgain(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The password, shown again.

    Attributes:
        password: The account's.
    """

    password: Password


class EnrolmentCode(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The first code of a second factor.

    Attributes:
        code: Of six digits.
    """

    code: _Code


class PendingToken(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A login that waits.

    Attributes:
        pending_token: Of its first step.
    """

    pending_token: _PendingToken


class PendingCode(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A login that waits, and the first code of the second factor that it needs.

    Attributes:
        pending_token: Of its first step.
        code: Of six digits.
        device_id: By which the client wants to be known again.
    """

    pending_token: _PendingToken
    code: _Code
    device_id: DeviceId = ""


class SecondStepAnswer(Struct, frozen=True, rename="camel"):
    """What a login needs that has shown the right password.

    Attributes:
        second_factor: ``totp`` is a code; ``enrolment`` is to enrol a second factor first.
        pending_token: For the second step, once, and for nothing else.
        expires_in_seconds: How long it is good.
    """

    second_factor: Literal["totp", "enrolment"]
    pending_token: str
    expires_in_seconds: int


def second_step_answer(pending: Pending) -> SecondStepAnswer:
    """Return what a login is answered that waits for its second step."""
    wanted: Literal["totp", "enrolment"] = "totp" if pending.enrolled else "enrolment"
    return SecondStepAnswer(wanted, pending.token, PENDING_SECONDS)


class EnrolmentAnswer(Struct, frozen=True, rename="camel"):
    """A second factor that a code is to confirm.

    Attributes:
        secret: To be typed into an app, in base32.
        otpauth_uri: The same, to be shown as a picture.
        expires_in_seconds: How long it can be confirmed.
    """

    secret: str
    otpauth_uri: str
    expires_in_seconds: int


class RecoveryCodes(Struct, frozen=True, rename="camel"):
    """Recovery codes, which are never shown again.

    Attributes:
        recovery_codes: Each good once.
    """

    recovery_codes: list[str]


class EnrolledAnswer(TokenAnswer, frozen=True, rename="camel"):
    """Tokens of a session, and the recovery codes of the second factor it began with.

    Attributes:
        recovery_codes: Each good once; never shown again.
    """

    recovery_codes: list[str]
