"""What is remembered for half a second, and what is forgotten at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from muster_auth import remembered
from muster_auth.remembered import Remembered

PATIENCE_SECONDS = 2


class Database:
    """What is asked: each question waits until its answer is handed over."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[str]] = []

    def ask(self) -> Awaitable[str]:
        self.asked.append(asyncio.get_running_loop().create_future())
        return self.asked[-1]


class Stage:
    """A memory, the time that goes by for it, and whom it asks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.database = Database()
        self.memory: Remembered[str, str] = Remembered(lambda: self.seconds)

    async def asker(self, question: str = "who") -> asyncio.Task[str]:
        """Somebody who has asked, and is answered or waits."""
        task = asyncio.create_task(self._answer(question))
        # One turn of the loop begins this task, the next one what it begins.
        for _ in range(3):
            await asyncio.sleep(0)
        return task

    async def _answer(self, question: str) -> str:
        return await self.memory.answer(question, self.database.ask)


def play(script: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    async def played() -> None:
        await asyncio.wait_for(script(Stage()), PATIENCE_SECONDS)

    asyncio.run(played())


def test_what_is_pending_when_it_is_forgotten_is_not_kept() -> None:
    async def script(stage: Stage) -> None:
        early = await stage.asker()
        stage.memory.forget("who")
        (before,) = stage.database.asked
        before.set_result("alive")
        assert await early == "alive", "it was when this one asked"
        late = await stage.asker()
        assert len(stage.database.asked) == 2
        stage.database.asked[1].set_result("dead")
        assert await late == "dead"

    play(script)


@pytest.mark.parametrize("first", [0, 1])
def test_who_asks_after_that_does_not_wait_for_what_was_pending(first: int) -> None:
    """Whichever of the two is answered first, the later question's answer is kept."""

    async def script(stage: Stage) -> None:
        early = await stage.asker()
        stage.memory.forget("who")
        late = await stage.asker()
        before, after = stage.database.asked
        answers = [(before, "alive", early), (after, "dead", late)]
        for answer, said, asker in (answers[first], answers[1 - first]):
            answer.set_result(said)
            assert await asker == said
        assert await (await stage.asker()) == "dead"
        assert len(stage.database.asked) == 2

    play(script)


def test_many_who_ask_at_once_ask_once() -> None:
    async def script(stage: Stage) -> None:
        askers = [await stage.asker() for _ in range(20)]
        other = await stage.asker("another")
        same, another = stage.database.asked
        same.set_result("alive")
        another.set_result("too")
        assert {await asker for asker in askers} == {"alive"}
        assert await other == "too"

    play(script)


def test_half_a_second_is_counted_from_the_question() -> None:
    async def script(stage: Stage) -> None:
        slow = await stage.asker()
        stage.seconds = 0.49
        beside = await stage.asker()
        stage.seconds = 0.5
        late = await stage.asker()
        first, second = stage.database.asked
        second.set_result("dead")
        first.set_result("alive")
        assert [await one for one in (slow, beside, late)] == ["alive", "alive", "dead"]
        assert await (await stage.asker()) == "dead"
        assert len(stage.database.asked) == 2

    play(script)


def test_who_goes_away_takes_nothing_from_the_others() -> None:
    async def script(stage: Stage) -> None:
        first, second = await stage.asker(), await stage.asker()
        first.cancel()
        await asyncio.wait([first])
        (pending,) = stage.database.asked
        pending.set_result("alive")
        assert await second == "alive"
        assert await (await stage.asker()) == "alive"

    play(script)


def test_what_was_not_answered_is_asked_again() -> None:
    async def script(stage: Stage) -> None:
        askers = [await stage.asker() for _ in range(2)]
        stage.database.asked[0].set_exception(ConnectionError)
        for asker in askers:
            with pytest.raises(ConnectionError):
                await asker
        again = await stage.asker()
        stage.database.asked[1].set_result("alive")
        assert await again == "alive"

    play(script)


def test_a_failure_after_a_forget_leaves_the_later_answer() -> None:
    async def script(stage: Stage) -> None:
        early = await stage.asker()
        stage.memory.forget("who")
        late = await stage.asker()
        before, after = stage.database.asked
        after.set_result("dead")
        before.set_exception(ConnectionError)
        with pytest.raises(ConnectionError):
            await early
        assert await late == await (await stage.asker()) == "dead"
        assert len(stage.database.asked) == 2

    play(script)


def test_no_more_is_remembered_than_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST", 2)

    async def script(stage: Stage) -> None:
        for question in ("a", "b", "c", "b", "a"):
            asker = await stage.asker(question)
            if not (answer := stage.database.asked[-1]).done():
                answer.set_result(question)
            assert await asker == question
        assert len(stage.database.asked) == 4

    play(script)
