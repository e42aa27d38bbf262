"""With no settings at all nobody is let in without a token, and a script gets one in one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.runtime.settings import PluginSettings
from tests.e2e.processes import call, run, running

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")

DEFAULT = {"MUSTER_PLUGINS__ENABLED": ",".join(PluginSettings().enabled)}
ZONE = {
    "name": "Vijayawada",
    "centre": {"latitude": 16.5062, "longitude": 80.648},
    "radiusKm": 12,
    "timeZone": "Asia/Kolkata",
}


def test_a_token_for_a_script_opens_what_is_closed_by_default(home: Path) -> None:
    with running(home, "serve", settings=DEFAULT) as server:
        api = server.address()
        for token in (None, "no.such.token"):
            refused = call(f"{api}/v1/zones", ZONE, token)
            assert (refused.status, refused.body["error"]["code"]) == (401, "UNAUTHENTICATED")
        assert call(f"{api}/health").status == 200

        printed = run(home, "auth", "token", "--role", "company_admin", settings=DEFAULT)
        assert (printed.returncode, printed.stderr) == (0, "")
        assert call(f"{api}/v1/zones", ZONE, printed.stdout.strip()).status == 201

        bounded = run(home, "auth", "token", "--role", "franchise_manager", settings=DEFAULT)
        assert (bounded.returncode, bounded.stdout) == (1, "")
        assert server.end() == 0
