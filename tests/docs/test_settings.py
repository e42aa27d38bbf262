"""docs/settings.md shows every setting of the core and the first-party plugins."""

from __future__ import annotations

from pathlib import Path

from muster.runtime.bootstrap import bootstrap
from muster_auth.plugin import AuthPlugin
from muster_documents.plugin import DocumentsPlugin
from muster_edge.plugin import EdgePlugin
from muster_jobs.plugin import JobsPlugin
from muster_mail.plugin import MailPlugin
from muster_postgres.plugin import PostgresPlugin
from muster_telemetry.plugin import TelemetryPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin

PLUGINS = [
    PostgresPlugin,
    TrainerHttpPlugin,
    TelemetryPlugin,
    AuthPlugin,
    EdgePlugin,
    JobsPlugin,
    DocumentsPlugin,
    MailPlugin,
]
PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def rows() -> list[str]:
    """One row of the table for each setting, as ``muster config show`` knows them."""
    application = bootstrap({}, PLUGINS)
    return [
        f"| `{shown.variable}` | `{shown.path}` | `{shown.value}` | {shown.hint.rstrip('.')} |"
        for shown in application.settings.show()
    ]


def test_the_page_has_a_row_for_each_setting_and_no_other() -> None:
    told = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert told == rows()
