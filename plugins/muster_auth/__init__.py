"""Accounts: passwords, sessions, access and refresh tokens, and who it is that asks.

It comes in by the hook ``authenticators``. Whatever decides security stands in PostgreSQL; what
a process remembers of it is dead within a second.
"""
