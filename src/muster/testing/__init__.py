"""What the authors of plugins and adapters test with.

A clock and a source of chance that can be replayed, examples of the domain's values, and
in ``suites`` one conformance suite for each port: a class to inherit from, which asks for
its port by fixtures.
"""
