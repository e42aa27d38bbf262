"""``python -m muster_trainer_http.sandbox``: the sample service without the rest of Muster."""

from __future__ import annotations

from muster_trainer_http.sandbox.command import trainer_sandbox

if __name__ == "__main__":
    trainer_sandbox()
