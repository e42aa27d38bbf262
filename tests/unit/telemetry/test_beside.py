"""An observer that was there before telemetry hears all that telemetry hears."""

from __future__ import annotations

import pytest

from muster.ports.observation import (
    OBSERVER,
    Answered,
    Gauge,
    Observer,
    RequestActivity,
    StatementActivity,
)
from muster.runtime.bootstrap import bootstrap
from muster.testing.app_under_test import make_app
from muster.testing.suites.observer import ObserverSuite
from muster_memory.plugin import MemoryPlugin
from muster_telemetry.beside import Beside
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.plugin import TelemetryPlugin
from tests.observed import A_TRACE, Diary

REQUEST = RequestActivity("GET", "/v1/zones", "c", None)
OTHER_TRACE = A_TRACE[:-2] + "00"


class TestBeside(ObserverSuite):
    """Held to the suite like every observer."""

    @pytest.fixture
    def observer(self) -> Observer:
        return Beside(Diary(), Diary())


def test_both_hear_everything() -> None:
    diaries = inner, outer = Diary(), Diary()
    observer = Beside(inner, outer)

    async def read() -> dict[str, float]:
        return {}

    with observer.observing(REQUEST) as watch:
        watch.note(Answered(500))
        with pytest.raises(ValueError, match="no"), observer.observing(StatementActivity("SELECT")):
            raise ValueError("no")
    observer.offer(Gauge("things", "Things.", "kind", read))
    for diary in diaries:
        request, statement = diary.seen
        assert request.answered == Answered(500)
        assert statement.within is request
        assert isinstance(statement.error, ValueError)
        assert request.has_ended
        assert "things" in diary.gauges


@pytest.mark.parametrize(
    ("inner", "outer", "handed_on"),
    [(None, A_TRACE, A_TRACE), (A_TRACE, None, A_TRACE), (OTHER_TRACE, A_TRACE, A_TRACE)],
)
def test_one_trace_is_handed_on(inner: str | None, outer: str | None, handed_on: str) -> None:
    with Beside(Diary(inner), Diary(outer)).observing(REQUEST) as watch:
        assert watch.trace_context == handed_on


def test_where_nobody_was_there_before_nobody_stands_beside() -> None:
    """Two watches of everything, one of which hears nothing, would be half of what it costs."""
    served = bootstrap({}, [MemoryPlugin, TelemetryPlugin])
    for application in (served, make_app([TelemetryPlugin]).application):
        assert type(application.ports.get(OBSERVER)) is ListeningObserver
