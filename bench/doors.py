"""What it costs to know who asks, and what the edge costs: read routes of servers, in turns."""

from __future__ import annotations

import subprocess
import sys

from bench.compared_servers import ComparedServer, compare, show
from bench.deployment import SEALED, Deployment, deployed
from bench.reads import ReadsPlan
from bench.report import write

__all__ = ["measure_doors"]

# Accounts need jobs, but to look for some each second is no cost of doors.
_IDLE = {"MUSTER_JOBS__WORK_IN_SERVER": "false"}
_AUTH = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,auth,mail,jobs",
    "MUSTER_AUTH__ACCESS_TOKEN_SECONDS": "3600",
    **_IDLE,
    **SEALED,
}
_EDGE = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,auth,edge,mail,jobs",
    **_IDLE,
    **SEALED,
    # So high that nothing is refused, and all of it is counted.
    "MUSTER_EDGE__LIMITS": "read=900000000/60,everything=900000000/60,address=900000000/60",
}


def measure_doors(plan: ReadsPlan, name: str) -> None:
    """Measure every route and server, print the table and write it."""
    with deployed() as deployment:
        database = deployment.new_database()
        token = _token(deployment, database)
        servers = [
            ComparedServer("open", {}),
            ComparedServer("tokens", _AUTH, token),
            ComparedServer("tokens and edge", _EDGE, token),
        ]
        found = compare(plan, deployment, database, servers)
    show(plan, "doors", found)
    write(name, found)


def _token(deployment: Deployment, database: str) -> str:
    command = ["auth", "token", "--role", "company_admin"]
    printed = subprocess.run(
        [sys.executable, "-m", "muster.runtime.cli", *command],
        env=deployment.environ(database) | _AUTH,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return printed.stdout.strip()
