"""An app with its real logs whose route fails with personal data; to be run as a process.

Standard error has the log lines, standard output one line of JSON for each report to Sentry.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence

import structlog
from litestar import get
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from muster.plugin_api import API_VERSION, HttpRoutes, Manifest, SettingsLookup, hookimpl
from muster.runtime.log_setup import set_up_logs
from muster.runtime.settings import LogFormat, LogSettings
from muster.testing.app_under_test import make_app
from muster_telemetry import plugin as telemetry
from muster_telemetry.part import Part
from muster_telemetry.plugin import TelemetryPlugin
from muster_telemetry.sentry_part import SentryPart
from muster_telemetry.settings import TelemetrySettings

DSN = "https://public@sentry.example/7"
STUDENT = {"name": " ".join(["Asha", "Devi"]), "email": "@".join(["asha", "example.org"])}


class Printed(Transport):
    """Prints what would be sent, whole."""

    def capture_envelope(self, envelope: Envelope) -> None:
        sent = [item.payload.get_bytes().decode() for item in envelope.items]
        told = json.dumps({"headers": repr(envelope.headers), "items": sent})
        sys.stdout.write(f"{told}\n")


@get("/students/{student_id:str}", operation_id="fail", sync_to_thread=False)
def fail(student_id: str) -> None:
    student = dict(STUDENT, id=student_id)
    try:
        raise LookupError(f"no trainer for {student['name']} ({student['email']})")
    except LookupError as cause:
        error = RuntimeError(f"cannot place {student}")
        error.add_note(f"of {student['name']}")
        raise error from cause


@get("/calm", operation_id="calm")
async def calm() -> None:
    structlog.get_logger("shop").warning("sold_out")
    structlog.get_logger("shop").error("no_exception_here", name=STUDENT["name"])


@get("/later", operation_id="later")
async def later() -> None:
    async def after_the_answer() -> None:
        await asyncio.sleep(0.05)
        try:
            raise ValueError(STUDENT["name"])
        except ValueError:
            logging.getLogger("library").exception("lost %s", STUDENT["name"])

    FailingPlugin.tasks.append(asyncio.create_task(after_the_answer()))


class FailingPlugin:
    MANIFEST = Manifest(name="failing", api_version=API_VERSION)
    tasks: list[asyncio.Task[None]] = []  # noqa: RUF012 - of the one app of this process

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        @get("/wait", operation_id="wait")
        async def wait() -> None:
            await asyncio.gather(*self.tasks)

        return [HttpRoutes([fail, calm, later, wait])]


class ReportingPlugin(TelemetryPlugin):
    """Telemetry whose reports are printed; all else of it is as it is."""

    MANIFEST = TelemetryPlugin.MANIFEST

    def _parts_of(self, settings: SettingsLookup) -> tuple[Part, ...]:
        if self._parts is None:
            chosen = telemetry._parts(settings.section(TelemetrySettings))
            self._parts = tuple(
                SentryPart(DSN, Printed()) if isinstance(part, SentryPart) else part
                for part in chosen
            )
        return self._parts


def main() -> None:
    set_up_logs(LogSettings(format=LogFormat(sys.argv[1])))
    settings = {
        "SENTRY_DSN": DSN,
        "MUSTER_TELEMETRY__TRACES": "console",
        "MUSTER_LOG__FORMAT": sys.argv[1],
    }
    with make_app([ReportingPlugin, FailingPlugin], settings).client() as client:
        for path in sys.argv[2:]:
            client.get(
                f"/plugins/failing/{path}",
                headers={
                    "X-Correlation-ID": f"of-{path.partition('/')[0]}",
                    "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-00",
                },
            )


if __name__ == "__main__":
    main()
