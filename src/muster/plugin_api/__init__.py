"""The one stable surface for plugins: hooks, contributions, manifest, commands.

A plugin is a class with a ``MANIFEST`` and methods marked ``@hookimpl``, named by an
entry point of the group ``muster.plugins``. Each app makes an instance of its own, so a
plugin may keep what it opens on ``self``.
"""

from __future__ import annotations

from muster.application.access import (
    Forbidden,
    Permission,
    Principal,
    Unauthenticated,
    authorize,
)
from muster.application.dispatching import Dispatches
from muster.application.identifiers import Identifiers
from muster.application.roles import PERMISSIONS_OF_ROLES, Role
from muster.application.use_case import Caller
from muster.domain.eligibility import Candidate, EligibilityRule, Refusal
from muster.domain.placement import Placement
from muster.domain.ranking import DistanceBand, RankingParts, RankingPolicy
from muster.domain.scopes import EVERYTHING, Scope
from muster.plugin_api.addresses import Address, address_of, counted_address
from muster.plugin_api.audit_notes import AuditNotes
from muster.plugin_api.callers import caller_of, command_line
from muster.plugin_api.contributions import (
    AnswerHeaders,
    Authenticator,
    CliCommand,
    Credentials,
    EventSubscriber,
    HealthCheck,
    HealthReport,
    HealthStatus,
    HttpMiddleware,
    HttpRoutes,
    Layer,
    LifespanStep,
    PortProvider,
    PortWrapper,
    Slot,
)
from muster.plugin_api.declared_lengths import declares_more
from muster.plugin_api.entity_tags import entity_tag, is_known
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.fields import CertificateText, IdText, Limit, Version
from muster.plugin_api.hooks import hookimpl
from muster.plugin_api.job_types import (
    DISPATCHER,
    JOB_TYPES,
    Job,
    JobPriority,
    JobRetries,
    JobType,
    JobTypes,
    order_of,
)
from muster.plugin_api.json_depth import bind_json_depth
from muster.plugin_api.leaving import is_leaving
from muster.plugin_api.lookup import PortLookup, SettingsLookup
from muster.plugin_api.manifest import API_VERSION, Manifest
from muster.plugin_api.own_directory import own_directory
from muster.plugin_api.pages import Listing, Sorting, page_request, paged
from muster.plugin_api.redaction import REDACTED, kept_error, redacted, redacted_text
from muster.plugin_api.sent_requests import SentRequest
from muster.plugin_api.settings_fields import setting
from muster.ports.journal import RecordedEvent

__all__ = [
    "API_VERSION",
    "DISPATCHER",
    "EVERYTHING",
    "JOB_TYPES",
    "PERMISSIONS_OF_ROLES",
    "REDACTED",
    "Address",
    "AnswerHeaders",
    "AuditNotes",
    "Authenticator",
    "Caller",
    "Candidate",
    "CertificateText",
    "CliCommand",
    "CompositionError",
    "Credentials",
    "Dispatches",
    "DistanceBand",
    "EligibilityRule",
    "EventSubscriber",
    "Forbidden",
    "HealthCheck",
    "HealthReport",
    "HealthStatus",
    "HttpMiddleware",
    "HttpRoutes",
    "IdText",
    "Identifiers",
    "Job",
    "JobPriority",
    "JobRetries",
    "JobType",
    "JobTypes",
    "Layer",
    "LifespanStep",
    "Limit",
    "Listing",
    "Manifest",
    "Permission",
    "Placement",
    "PortLookup",
    "PortProvider",
    "PortWrapper",
    "Principal",
    "RankingParts",
    "RankingPolicy",
    "RecordedEvent",
    "Refusal",
    "Role",
    "Scope",
    "SentRequest",
    "SettingsLookup",
    "Slot",
    "Sorting",
    "Unauthenticated",
    "Version",
    "address_of",
    "authorize",
    "bind_json_depth",
    "caller_of",
    "command_line",
    "counted_address",
    "declares_more",
    "entity_tag",
    "hookimpl",
    "is_known",
    "is_leaving",
    "kept_error",
    "order_of",
    "own_directory",
    "page_request",
    "paged",
    "redacted",
    "redacted_text",
    "setting",
]
