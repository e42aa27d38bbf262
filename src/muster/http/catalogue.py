"""The catalogue of error codes: the one place where a code gets its HTTP status."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["CATALOGUE", "ErrorKind"]


class ErrorKind(Struct, frozen=True):
    """What a code means to a client.

    Attributes:
        status: The HTTP status that carries it.
        meaning: What happened, in one sentence.
        remedy: What the client can do.
    """

    status: int
    meaning: str
    remedy: str


CATALOGUE: dict[str, ErrorKind] = {
    "VALIDATION_FAILED": ErrorKind(
        400, "Fields or parameters are missing, unknown or invalid.", "Correct those in details."
    ),
    "MALFORMED_BODY": ErrorKind(
        400, "The body is no JSON that can be read.", "Send one JSON object in UTF-8."
    ),
    "MALFORMED_REQUEST": ErrorKind(
        400, "The request is no HTTP that can be read.", "Mend the client, or what is between."
    ),
    "INVALID_CURSOR": ErrorKind(
        400,
        "The cursor was not made by this list with these filters.",
        "Begin again without a cursor.",
    ),
    "CERTIFICATE_NUMBER_INVALID": ErrorKind(
        400, "This is no certificate number, or it was mistyped.", "Compare it with the paper."
    ),
    "UNAUTHENTICATED": ErrorKind(401, "Nobody is known to ask.", "Authenticate."),
    "SIGNATURE_INVALID": ErrorKind(
        401,
        "The signature of the request does not hold.",
        "Sign it anew, with a new nonce, as docs/security.md says.",
    ),
    "FORBIDDEN": ErrorKind(403, "The one who asks may not do this.", "Ask someone who may."),
    "SIGNATURE_REQUIRED": ErrorKind(
        403,
        "A service may do this only by a request that it signed.",
        "Sign the request as docs/security.md says.",
    ),
    "NOT_FOUND": ErrorKind(404, "There is no such thing or route.", "Check the id and the path."),
    "METHOD_NOT_ALLOWED": ErrorKind(
        405, "The route does not know this method.", "Use a method named in Allow."
    ),
    "ZONE_NAME_TAKEN": ErrorKind(
        409, "The operator has another zone of this name.", "Choose another name."
    ),
    "FRANCHISE_NAME_TAKEN": ErrorKind(
        409, "Another franchise has this name.", "Choose another name."
    ),
    "REFERENCE_CONFLICT": ErrorKind(
        409, "The bookingReference was used for another request.", "Use a new reference."
    ),
    "VERSION_CONFLICT": ErrorKind(
        409, "Somebody else changed it since it was read.", "Read it again, then change it."
    ),
    "IDENTIFIER_TAKEN": ErrorKind(
        409, "Another account is called so.", "Look for it in the list, or choose another."
    ),
    "SLOT_TAKEN": ErrorKind(
        409, "The trainer's time was claimed by somebody else.", "Choose another time."
    ),
    "TRAINER_NOT_ELIGIBLE": ErrorKind(
        409,
        "The trainer may not take these sessions; nothing was changed.",
        "Name another trainer; details say which rules refused.",
    ),
    "NO_TRAINER_FREE": ErrorKind(
        409,
        "Nobody passes for all of these sessions; nothing was changed.",
        "Hand over fewer sessions at once, or try again later.",
    ),
    "ZONE_HAS_BOOKINGS": ErrorKind(
        409,
        "Assigned bookings would be left outside the zone; nothing was changed.",
        "Look at the preview; with keepBookings they keep their trainers and times.",
    ),
    "ILLEGAL_STATE": ErrorKind(
        409, "Its present state does not allow this.", "Read it again to see its state."
    ),
    "CERTIFICATE_SUSPENDED": ErrorKind(
        409,
        "The certificate is suspended, so it is not handed out.",
        "Ask again once the voided completion is restored.",
    ),
    "CERTIFICATE_NOT_IN_FORCE": ErrorKind(
        410,
        "The certificate was revoked or superseded, so it is not handed out any more.",
        "Look at the list of the booking for one in its place.",
    ),
    "REQUEST_TIMEOUT": ErrorKind(
        408, "The request did not come in whole in time.", "Send it again, and faster."
    ),
    "PAYLOAD_TOO_LARGE": ErrorKind(413, "The body is too large.", "Send at most 10 MB."),
    "URI_TOO_LONG": ErrorKind(414, "Path and query are too long.", "Ask for less at once."),
    "UNSUPPORTED_MEDIA_TYPE": ErrorKind(
        415, "The body is not declared as JSON.", "Send Content-Type: application/json."
    ),
    "HOST_UNKNOWN": ErrorKind(
        421, "Host names a host that is not served here.", "Use one of the API's own names."
    ),
    "INVALID_PURCHASE": ErrorKind(
        422,
        "The purchase breaks rules; nothing was stored.",
        "Correct what details name; each rule has a code.",
    ),
    "TIME_NOT_ALLOWED": ErrorKind(
        422,
        "A session cannot be held at this time; nothing was stored.",
        "Correct what details name; each rule has a code.",
    ),
    "RATE_LIMITED": ErrorKind(429, "Too many requests.", "Wait as Retry-After says."),
    "HEADERS_TOO_LARGE": ErrorKind(431, "The headers are too large.", "Send at most 64 kB."),
    "INTERNAL": ErrorKind(
        500, "A fault of Muster's own.", "Report it with its correlationId; do not just repeat it."
    ),
    "CERTIFICATE_NUMBERS_EXHAUSTED": ErrorKind(
        500, "The random source gives taken numbers.", "Report it with its correlationId."
    ),
    "DEPENDENCY_UNAVAILABLE": ErrorKind(
        503, "Something that Muster needs cannot be reached.", "Repeat it after Retry-After."
    ),
    "TOO_SLOW": ErrorKind(
        503, "The answer took too long and was given up.", "Repeat it after Retry-After."
    ),
    "SHUTTING_DOWN": ErrorKind(503, "This server is going.", "Repeat it; another will answer."),
}
"""Every code that a client can see; ``docs/errors.md`` shows the same."""
