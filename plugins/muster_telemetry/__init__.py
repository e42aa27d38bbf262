"""Telemetry: traces, metrics, slow statements and unexpected errors, for whoever operates Muster.

It comes in as wrappers around the port ``Observer``, by which the core tells what it does; the
core knows nothing of it. Nothing that it hands on names or describes a person.
"""
