"""One linear Alembic history: the tables of the core and of the first-party plugins."""
