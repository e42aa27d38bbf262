"""Reading the gauges that the core and its adapters offer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from muster.ports.observation import Gauge
from muster_telemetry.instruments import Instruments

__all__ = ["GaugeReadings"]

_PATIENCE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class GaugeReadings:
    """Reads every gauge again and again, and sets the instrument of its name.

    What cannot be read for now has no reading: an old one would pass for the truth.
    """

    def __init__(self, instruments: Instruments, seconds: float) -> None:
        """Begin with no gauge.

        Args:
            instruments: Where readings are shown.
            seconds: How often to read.
        """
        self._instruments = instruments
        self._seconds = seconds
        self._gauges: dict[str, Gauge] = {}

    def offered(self, gauge: Gauge) -> None:
        """Take a gauge; the last of a name counts, and one of no catalogue is left out."""
        if self._instruments.gauge(gauge.name) is None:
            _log.warning("gauge_unknown", gauge=gauge.name)
            return
        self._gauges[gauge.name] = gauge

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Read while the context is open."""
        reader = asyncio.create_task(self._keep_reading(), name="gauges of telemetry")
        try:
            yield
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def read(self) -> None:
        """Read every gauge once."""
        await asyncio.gather(*(self._read(gauge) for gauge in list(self._gauges.values())))

    async def _keep_reading(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(self._seconds)

    async def _read(self, gauge: Gauge) -> None:
        instrument = self._instruments.gauge(gauge.name)
        assert instrument is not None, "only those of the catalogue are taken"
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                readings = await gauge.read()
        except Exception as error:  # noqa: BLE001 - whatever its source raises, there is no reading
            _log.debug("gauge_not_read", gauge=gauge.name, error=type(error).__name__)
            self._instruments.forget(instrument)
            return
        for value, number in readings.items():
            instrument.labels(value).set(number)
