"""PostgreSQL 15 to 18 behind every port of the store.

One asyncpg pool for each app, one transaction for each unit of work, set-based SQL.
SQLAlchemy describes the tables and advanced-alchemy runs the migrations; neither stands
between a booking and the database.
"""
