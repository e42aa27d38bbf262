"""The edge: HTTP in, one command or query, HTTP out. It holds no rule of the domain."""
