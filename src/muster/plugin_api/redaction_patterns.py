"""Secrets and personal data that are known by their shape, wherever they stand in a text.

Every pattern is read once over the text in time linear in its length: a long text that nearly
matches must not stop the server.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from muster.plugin_api.redaction_keys import Kind, kind_of

__all__ = ["REDACTED", "redacted_text"]

REDACTED = "[redacted]"
"""What stands in the place of what was taken out."""

_KEY = re.compile(r"""(?<![\w-])([^\W\d][\w-]{1,60}+)\\?["']?[ ]{0,3}(?:=>|[:=])[ ]{0,3}""")

# Possessive are characters alone: Python before 3.11.5 errs where a possessive group has a choice.
_QUOTED = (
    r"""(?:"[^"\\]*+(?:\\.[^"\\]*+)*(?:"|$)|'[^'\\]*+(?:\\.[^'\\]*+)*(?:'|$)"""
    r"""|\\"[^"\\]*+(?:\\"|$))"""
)
_NOT_YET = r"(?!\[redacted\])"
_SECRET_VALUE = re.compile(rf"""{_QUOTED}|{_NOT_YET}[^\s&"']+""", re.DOTALL)
_HEADER_VALUE = re.compile(rf"{_QUOTED}|[^\r\n]+", re.DOTALL)
"""The values of these have spaces, so they go to the end of the line."""

_PERSONAL_VALUE = re.compile(rf"""{_QUOTED}|(?<==){_NOT_YET}[^\s,;&)\]}}"']+""", re.DOTALL)
"""Quoted, as in JSON and in what Python shows of an object, or as in a query: prose stays."""

_ROW = re.compile(r"(?i)(failing row contains )\(.*|(\bkey \([^()\r\n]{0,200}\)=)\(.*")
"""PostgreSQL's details: they quote the row that was refused."""

_BEARER = re.compile(r"(?i)\b(bearer[ ]+)(?!tokens?\b)[^\s,;\"']+")
_BASIC = re.compile(r"\b([Bb]asic[ ]+)(?=[a-z]*+[A-Z0-9+/=])[A-Za-z0-9+/_-]{6,}={0,2}")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{4,}+\.[\w-]++(?:\.[\w-]*+)*")
_API_KEY = re.compile(r"(?<![\w-])(muster_[a-z2-7]{12}_)[\w-]{8,}+")
"""Of a service; its prefix says which one leaked."""

_TOKEN = re.compile(r"(?<![\w-])(m[a-z]_)[\w-]{43,}+")
"""Of a session, a login or a mail; its beginning says for what it is."""

_VALUES = {
    Kind.SECRET: _SECRET_VALUE,
    Kind.HEADER: _HEADER_VALUE,
    Kind.PERSONAL: _PERSONAL_VALUE,
}
_NO_SPACE = re.compile(r"\S+")
_OF_ADDRESSES = "/:?#[]@!$&'()*+,;=%"

_LOCAL = r"[\w.!#$%*+^`{|}~\-\u0080-\U0010ffff]"
_HOST = r"[\w.\-\u0080-\U0010ffff]"
_E_MAIL = re.compile(rf"(?<!{_LOCAL})(?<!\w'){_LOCAL}++(?:(?<=\w)'(?=\w){_LOCAL}++)*@\[?{_HOST}++")
_PHONE = re.compile(
    r"""
    (?<![\w.])\+\d(?:[ ().\-]{0,3}\d){6,14}(?!\w)      # +91 98765 43210
    |(?<![\w.+:-])(?:
        00[1-9](?:[ -]?\d){7,13}                       # 0091 98765 43210
        |\(0?\d{2,5}\)[ -]?\d{3,4}[ -]?\d{3,5}         # (020) 7946 0958
        |0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}               # 020 7946 0958
        |\d{3}[ -]\d{3}[ -]\d{4}                       # 415 555 2671
        |\d{5}[ -]\d{5}                                # 98765 43210
        |0[1-9]\d{8,9}                                 # 02079460958
        |[6-9]\d{9}                                    # 9876543210
    )(?![\w-]|\.\d)
    """,
    re.VERBOSE,
)
"""A number of ten digits that begins with 1 is an instant rather than a telephone."""

_CERTIFICATE = re.compile(
    r"(?i)(?<![a-z0-9])cert[ -]{0,2}(?:[0-9oil][ -]{0,2}){8}(?:[0-9a-z][ -]{0,2}){16}[0-9a-z*~$=]"
)
"""Read as forgivingly as the core reads the number of a certificate; whoever has one may ask."""


def redacted_text(text: str) -> str:
    """Return a text without the secrets and the personal data that its shape gives away.

    Args:
        text: Of any length.
    """
    if "%" in text:
        text = _NO_SPACE.sub(_decoded_where_private, text)
    return _redacted(text)


def _redacted(text: str) -> str:
    # Before the keys: a number has spaces, at which a value without quotes ends.
    text = _PHONE.sub(REDACTED, text)
    if ":" in text or "=" in text:
        text = _ROW.sub(_key_alone, _without_private_values(text))
    if "@" in text:
        if "://" in text:
            text = _NO_SPACE.sub(_without_credentials, text)
        text = _E_MAIL.sub(REDACTED, text)
    if "eyJ" in text:
        text = _JWT.sub(REDACTED, text)
    if "muster_" in text:
        text = _API_KEY.sub(rf"\1{REDACTED}", text)
    if "_" in text:
        text = _TOKEN.sub(rf"\1{REDACTED}", text)
    if " " in text:
        text = _BEARER.sub(rf"\1{REDACTED}", text)
        text = _BASIC.sub(rf"\1{REDACTED}", text)
    if "cert" in text.lower():
        text = _CERTIFICATE.sub(REDACTED, text)
    return text


def _without_private_values(text: str) -> str:
    kept: list[str] = []
    done = 0
    for found in _KEY.finditer(text):
        if found.start() < done or (kind := kind_of(found[1])) is Kind.OPEN:
            continue
        if value := _VALUES[kind].match(text, found.end()):
            kept += text[done : found.end()], REDACTED
            done = value.end()
    return "".join(kept) + text[done:]


def _key_alone(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}{REDACTED}"


def _without_credentials(found: re.Match[str]) -> str:
    word = found[0]
    scheme, mark, rest = word.partition("://")
    _, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{REDACTED}@{place}" if mark and at else word


def _decoded_where_private(found: re.Match[str]) -> str:
    word = found[0]
    decoded = unquote(word) if "%" in word else word
    told = _redacted(decoded) if decoded != word else decoded
    # Encoded again: a line break from an address must not become one of the log.
    return word if told == decoded else quote(told, safe=_OF_ADDRESSES, errors="replace")
