"""Measurements: ``python -m bench --help``. docs/performance.md tells method and figures."""
