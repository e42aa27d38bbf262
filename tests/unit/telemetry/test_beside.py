"""An observer that was there before telemetry hears all that telemetry hears."""

from __future__ import annotations

import pytest

from muster.ports.observation import (
    Answered,
    Gauge,
    Observer,
    RequestActivity,
    StatementActivity,
)
from muster.testing.suites.observer import ObserverSuite
from muster_telemetry.beside import Beside
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
