"""The core's own commands on the command line, by name."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CORE_COMMANDS"]

CORE_COMMANDS: Mapping[str, str] = {
    "serve": "muster.runtime.cli.serve_command:serve",
    "demo": "muster.runtime.demo.command:demo",
    "config": "muster.runtime.cli.config_commands:config",
    "events": "muster.runtime.cli.events_command:events",
    "audit": "muster.runtime.cli.audit_command:audit",
    "plugins": "muster.runtime.cli.plugins_command:plugins",
    "plugin": "muster.runtime.cli.plugin_command:plugin",
}
"""In the order in which help shows them, and where each stands."""
