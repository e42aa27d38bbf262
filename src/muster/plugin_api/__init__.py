"""The one stable surface for plugins: hooks, contributions, manifest, commands.

A plugin is a class with a ``MANIFEST`` and methods marked ``@hookimpl``, named by an
entry point of the group ``muster.plugins``. Each app makes an instance of its own, so a
plugin may keep what it opens on ``self``.
"""

from __future__ import annotations

from muster.domain.eligibility import Candidate, EligibilityRule, Refusal
from muster.domain.placement import Placement
from muster.domain.ranking import DistanceBand, RankingParts, RankingPolicy
from muster.plugin_api.contributions import (
    CliCommand,
    EventSubscriber,
    HealthCheck,
    HealthReport,
    HealthStatus,
    HttpRoutes,
    Layer,
    LifespanStep,
    PortProvider,
    PortWrapper,
)
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.hooks import hookimpl
from muster.plugin_api.lookup import PortLookup, SettingsLookup
from muster.plugin_api.manifest import API_VERSION, Manifest
from muster.plugin_api.redaction import redacted, redacted_text
from muster.plugin_api.settings_fields import setting
from muster.ports.journal import RecordedEvent

__all__ = [
    "API_VERSION",
    "Candidate",
    "CliCommand",
    "CompositionError",
    "DistanceBand",
    "EligibilityRule",
    "EventSubscriber",
    "HealthCheck",
    "HealthReport",
    "HealthStatus",
    "HttpRoutes",
    "Layer",
    "LifespanStep",
    "Manifest",
    "Placement",
    "PortLookup",
    "PortProvider",
    "PortWrapper",
    "RankingParts",
    "RankingPolicy",
    "RecordedEvent",
    "Refusal",
    "SettingsLookup",
    "hookimpl",
    "redacted",
    "redacted_text",
    "setting",
]
