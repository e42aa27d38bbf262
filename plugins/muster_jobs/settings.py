"""The settings of jobs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from muster.plugin_api import setting

__all__ = ["JobsSettings"]


class JobsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who works on jobs, how many at once, and how long they are kept."""

    work_in_server: Annotated[
        bool,
        setting("Whether each server process works on jobs, too; else only 'muster worker' does."),
    ] = True
    concurrency: Annotated[
        int, setting("How many jobs one process does at the same time.", ge=1, le=256)
    ] = 4
    niceness: Annotated[
        int,
        setting(
            "How far 'muster worker' gives way to other processes of its machine, as nice(1) "
            "counts; 0 does not. Answers come before what nobody waits for.",
            ge=0,
            le=19,
        ),
    ] = 10
    poll_seconds: Annotated[
        float,
        setting(
            "How often a worker that has nothing to do looks for jobs, in seconds.", ge=0.05, le=60
        ),
    ] = 1.0
    lease_seconds: Annotated[
        float,
        setting(
            "After how long without a sign of life a worker's jobs go to others, in seconds; it "
            "gives six signs in that time.",
            ge=1,
            le=30,
        ),
    ] = 30.0
    grace_seconds: Annotated[
        float,
        setting(
            "How long running jobs may take once 'muster worker' is told to end, in seconds; then "
            "they are handed back. A server gives them a second.",
            ge=0,
            le=300,
        ),
    ] = 20.0
    keep_days: Annotated[
        int, setting("How long done and cancelled jobs are kept, in days.", ge=1, le=366)
    ] = 7
    keep_dead_days: Annotated[
        int, setting("How long dead jobs are kept, in days.", ge=1, le=3660)
    ] = 90
    keep_event_days: Annotated[
        int,
        setting(
            "How long events are kept of which nobody is to be told any more, in days.",
            ge=1,
            le=3660,
        ),
    ] = 30
