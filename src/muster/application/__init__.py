"""The use cases: one command or query each, told as the business would tell it.

The dispatcher is the one place where they run, for HTTP, worker, command line and
plugins alike.
"""
