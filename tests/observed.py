"""An observer that keeps what it hears, so that a test can look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import Any, TypeVar

from muster.plugin_api import (
    API_VERSION,
    Layer,
    Manifest,
    PortLookup,
    PortWrapper,
    SettingsLookup,
    hookimpl,
)
from muster.ports.observation import (
    OBSERVER,
    Activity,
    Answered,
    Fact,
    Gauge,
    Observer,
    StatementActivity,
    Watch,
)

__all__ = ["A_TRACE", "Diary", "Seen", "plugin_of"]

A_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

_PATIENCE_SECONDS = 20

A = TypeVar("A", bound=Activity)


class Seen(Watch):
    """One activity.

    Attributes:
        activity: What was done.
        within: The activity around it.
        facts: What was told of it, in order.
        error: What left it.
    """

    def __init__(
        self,
        activity: Activity,
        within: Seen | None,
        trace_context: str | None,
        heard: Callable[[Fact], None],
    ) -> None:
        self.activity = activity
        self.within = within
        self.facts: list[Fact] = []
        self.error: BaseException | None = None
        self._ended = Event()
        self._trace_context = trace_context
        self._heard = heard

    @property
    def trace_context(self) -> str | None:
        return self._trace_context

    def note(self, fact: Fact) -> None:
        assert not self._ended.is_set(), "a fact comes before the end"
        self._heard(fact)
        self.facts.append(fact)

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    def end(self) -> None:
        self._ended.set()

    def await_end(self) -> Seen:
        """Wait until it has ended, elsewhere; return it."""
        assert self._ended.wait(_PATIENCE_SECONDS), f"{self.activity} does not end"
        return self

    @property
    def answered(self) -> Answered:
        """The one answer that was told."""
        (only,) = (fact for fact in self.facts if isinstance(fact, Answered))
        return only


class Diary(Observer):
    """Keeps every activity in the order of their beginning, and the last gauge of each name."""

    def __init__(
        self,
        trace_context: str | None = None,
        heard: Callable[[Fact], None] = lambda fact: None,
    ) -> None:
        self.seen: list[Seen] = []
        self.gauges: dict[str, Gauge] = {}
        self._trace_context = trace_context
        self._heard = heard
        self._innermost: ContextVar[Seen | None] = ContextVar("innermost", default=None)

    @contextmanager
    def observing(self, activity: Activity) -> Iterator[Watch]:
        seen = Seen(activity, self._innermost.get(), self._trace_context, self._heard)
        self.seen.append(seen)
        token = self._innermost.set(seen)
        try:
            yield seen
        except BaseException as error:
            seen.error = error
            raise
        finally:
            self._innermost.reset(token)
            seen.end()

    def offer(self, gauge: Gauge) -> None:
        self.gauges[gauge.name] = gauge

    def of(self, kind: type[A]) -> list[tuple[A, Seen]]:
        """Every activity of a kind."""
        return [(one.activity, one) for one in self.seen if isinstance(one.activity, kind)]

    @property
    def statements(self) -> list[str]:
        """The text of every statement."""
        return [activity.text for activity, _ in self.of(StatementActivity)]


def plugin_of(diary: Diary) -> type:
    """The plugin that puts a diary in place of the app's observer."""

    class DiaryPlugin:
        MANIFEST = Manifest(name="diary", api_version=API_VERSION)

        @hookimpl
        def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
            return [PortWrapper(OBSERVER, Layer.TELEMETRY, "diary", self._kept)]

        def _kept(self, inner: Observer, ports: PortLookup) -> Observer:
            return diary

    return DiaryPlugin
