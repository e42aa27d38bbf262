"""What the core needs from outside, as Protocols.

Each module holds one port: its Protocol, its own errors, its semantics (query or
command, units, staleness, what it raises) and the ``PortKey`` that names it.
"""
