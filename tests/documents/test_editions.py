"""Editions: what names the facts that a document says."""

from __future__ import annotations

from muster.testing.example_certificates import certificate_facts
from muster_documents.documents import edition_of


def test_the_edition_of_the_same_facts_stays_in_every_release() -> None:
    """Else what was handed out would be rendered anew after an upgrade, and be other bytes."""
    assert edition_of(certificate_facts()) == "53e9d734d8765257b1d71bedb7356098"
