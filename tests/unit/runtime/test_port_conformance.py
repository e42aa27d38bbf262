"""Whether what stands behind a port keeps to its Protocol."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol

import pytest

from muster.runtime.port_conformance import deviations


class Lamp(Protocol):
    @abstractmethod
    def light(self, colour: str, *, seconds: float = 1) -> None: ...

    @abstractmethod
    async def wait(self) -> None: ...

    @property
    @abstractmethod
    def on(self) -> bool: ...


class GoodLamp:
    def light(self, colour: str, *, seconds: float = 2) -> None: ...

    async def wait(self) -> None: ...

    @property
    def on(self) -> bool:
        return True

    def more(self) -> None: ...


class OtherName(GoodLamp):
    def light(self, color: str, *, seconds: float = 1) -> None: ...


class OtherKind(GoodLamp):
    def light(self, colour: str, seconds: float = 1) -> None: ...


class NotWaiting(GoodLamp):
    def wait(self) -> None: ...  # type: ignore[override]


class NoProperty(GoodLamp):
    def on(self) -> bool:  # type: ignore[override]
        return True


class NoMethod(GoodLamp):
    wait = 1  # type: ignore[assignment]


class Proxy:
    def __getattr__(self, name: str) -> Any:
        return getattr(GoodLamp(), name)


def test_an_adapter_may_have_more() -> None:
    assert deviations(GoodLamp(), Lamp) == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (OtherName, ["light takes (color, keyword-only seconds), not (colour, keyword-only sec"]),
        (OtherKind, ["light takes (colour, seconds=…), not (colour, keyword-only seconds)"]),
        (NotWaiting, ["wait is a coroutine on one side only"]),
        (NoProperty, ["on is a property on one side only"]),
        (NoMethod, ["wait is no method"]),
        (Proxy, ["light is missing", "on is missing", "wait is missing"]),
    ],
)
def test_deviations_are_told(kind: type, found: list[str]) -> None:
    told = deviations(kind(), Lamp)
    assert len(told) == len(found)
    assert all(line.startswith(start) for line, start in zip(told, found, strict=True))


def test_a_static_method_counts_with_all_its_parameters() -> None:
    class Static(GoodLamp):
        @staticmethod
        async def wait() -> None: ...

    assert deviations(Static(), Lamp) == []


def test_a_class_method_counts_without_its_class() -> None:
    class OfTheClass(GoodLamp):
        @classmethod
        async def wait(cls) -> None: ...

    assert deviations(OfTheClass(), Lamp) == []
