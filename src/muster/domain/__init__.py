"""The rules of Muster, as pure functions over frozen Structs.

Nothing here reads a clock, draws a random number, waits or talks to anything:
what a rule needs is handed in. The law these modules carry out is quoted in
their docstrings; ``docs/domain.md`` tells it as one story.
"""
