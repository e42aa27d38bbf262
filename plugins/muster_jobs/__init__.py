"""Work in the background: jobs in PostgreSQL, the worker that runs them, and the first of them."""
