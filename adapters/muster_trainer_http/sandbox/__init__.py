"""A sample trainer service: the bulk contract over real HTTP, for demos and tests."""

from __future__ import annotations

from muster_trainer_http.sandbox.server import Sandbox

__all__ = ["Sandbox"]
