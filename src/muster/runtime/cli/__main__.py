"""``python -m muster.runtime.cli`` is ``muster``."""

from __future__ import annotations

from muster.runtime.cli import main

main()
