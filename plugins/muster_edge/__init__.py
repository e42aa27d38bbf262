"""The hardened edge: who is let near, what every answer carries, how much anybody may ask.

It comes in as middleware around the app; the core knows nothing of it.
"""
