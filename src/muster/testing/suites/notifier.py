"""The conformance suite of notifiers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from muster.ports.notifier import Notice, NoticeRefused, Notifier, NotifierUnavailable
from muster.testing.examples import new_id
from muster.testing.suites.port_suite import PortSuite

__all__ = ["NotifierSuite", "PostOffice"]


class PostOffice(ABC):
    """What stands behind a notifier, and what arrived there."""

    @abstractmethod
    async def arrived(self) -> Sequence[Notice]:
        """Return what arrived, each notice once, in any order; without line feeds at the end."""

    @abstractmethod
    async def close(self) -> None:
        """Take nothing any more."""


class NotifierSuite(PortSuite):
    """Holds a ``Notifier`` to its port.

    Fixtures to override: ``notifier``, and ``office``, behind it, at which nothing has arrived.
    """

    @pytest.fixture
    def notifier(self) -> Notifier:
        """The notifier under test."""
        raise NotImplementedError("override the fixture notifier")

    @pytest.fixture
    def office(self) -> PostOffice:
        """Where its notices arrive."""
        raise NotImplementedError("override the fixture office")

    @pytest.mark.parametrize(
        "text",
        [
            "Hello.",
            "Two lines,\nand a third after an empty one.\n\nDone.",
            "नमस्ते, Nārāyaṇī – 25 €, 👋",
            ".\n..\n.a line that begins with a dot\nFrom here on",
            "https://app.example/invitation#" + "x" * 900,
            "  blanks before and a tab\tbetween",
        ],
        ids=["short", "lines", "letters", "dots", "long", "blanks"],
    )
    async def test_a_notice_arrives_as_it_is(
        self, notifier: Notifier, office: PostOffice, text: str
    ) -> None:
        """Every line of it, whatever the letters."""
        notice = _notice(subject="Welcome, Nārāyaṇī – your account", text=text)
        await notifier.send(notice)
        assert await office.arrived() == [notice]

    async def test_each_arrives(self, notifier: Notifier, office: PostOffice) -> None:
        """Also two to one recipient that say the same."""
        notices = [_notice(), _notice(), _notice(recipient="ravi@example.in")]
        for notice in notices:
            await notifier.send(notice)
        assert {one.id: one for one in await office.arrived()} == {one.id: one for one in notices}

    async def test_sent_again_it_is_known_by_its_id(
        self, notifier: Notifier, office: PostOffice
    ) -> None:
        """It arrives once, or again with the same id."""
        notice = _notice()
        await notifier.send(notice)
        await notifier.send(notice)
        assert await office.arrived() == [notice]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("subject", "Hello\nBcc: mallory@example.in"),
            ("subject", "Hello\r"),
            ("recipient", "meera@example.in\nBcc: mallory@example.in"),
            ("recipient", "meera@example.in, mallory@example.in"),
            ("recipient", "Meera <meera@example.in>"),
            ("recipient", "meera"),
            ("recipient", ""),
        ],
    )
    async def test_what_is_no_notice_is_refused(
        self, notifier: Notifier, office: PostOffice, field: str, value: str
    ) -> None:
        """So that nobody is told what was for somebody else; and it is not said who."""
        with pytest.raises(NoticeRefused) as refused:
            await notifier.send(replace(_notice(), **{field: value}))
        assert "example.in" not in refused.value.message
        assert await office.arrived() == []

    async def test_a_notifier_that_is_away_says_so(
        self, notifier: Notifier, office: PostOffice
    ) -> None:
        """By the port's own error, which may pass; and it does not say who was not told."""
        await office.close()
        with pytest.raises(NotifierUnavailable) as away:
            await notifier.send(_notice())
        assert away.value.retryable
        assert "example.in" not in away.value.message


def _notice(
    recipient: str = "meera@example.in", subject: str = "Hello", text: str = "Hello."
) -> Notice:
    return Notice(new_id(), recipient, subject, text)
