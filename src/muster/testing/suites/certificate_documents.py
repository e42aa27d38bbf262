"""The conformance suites of certificates as documents: what writes them, what keeps them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.ports.certificate_documents import (
    CertificateDocument,
    CertificateDocuments,
    CertificateRenderer,
)
from muster.testing.example_certificates import (
    a_certificate,
    a_completed_booking,
    certificate_facts,
)
from muster.testing.examples import AN_INSTANT, a_zone, new_id
from muster.testing.suites.port_suite import AGAINST_A_PORT, PortSuite
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["CertificateDocumentsSuite", "CertificateRendererSuite"]

_TEXTS = st.text(max_size=200)


class CertificateRendererSuite(PortSuite):
    """Holds a ``CertificateRenderer`` to its port.

    Fixture to override: ``renderer``.
    """

    @pytest.fixture
    def renderer(self) -> CertificateRenderer:
        """The renderer under test."""
        raise NotImplementedError("override the fixture renderer")

    async def test_it_writes_pdf(self, renderer: CertificateRenderer) -> None:
        """From the first byte to the last."""
        content = renderer.render(certificate_facts())
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")

    async def test_what_it_says_decides(self, renderer: CertificateRenderer) -> None:
        """Each fact changes the document, and nothing else does."""
        facts = certificate_facts()
        others = [
            replace(facts, number=facts.number.replace("CERT-2027", "CERT-2028")),
            replace(facts, student_name="Bela Das"),
            replace(facts, course="Another course"),
            replace(facts, booking="Another booking"),
            replace(facts, company="Another company"),
            replace(facts, franchise="A franchise"),
            replace(facts, issued_on=facts.issued_on + timedelta(days=1)),
            replace(facts, issued_at=facts.issued_at + timedelta(days=1)),
            replace(facts, verification_url="https://another.example"),
        ]
        documents = [renderer.render(one) for one in (facts, *others)]
        assert len(set(documents)) == len(documents)
        assert [renderer.render(one) for one in (facts, *others)] == documents

    @AGAINST_A_PORT
    @given(name=_TEXTS, course=_TEXTS, company=_TEXTS, franchise=st.none() | _TEXTS)
    async def test_any_text_is_written(
        self,
        renderer: CertificateRenderer,
        name: str,
        course: str,
        company: str,
        franchise: str | None,
    ) -> None:
        """Whatever the signs, and alike each time."""
        facts = replace(
            certificate_facts(),
            student_name=name,
            course=course,
            booking=course,
            company=company,
            franchise=franchise,
        )
        content = renderer.render(facts)
        assert content.startswith(b"%PDF-")
        assert renderer.render(facts) == content

    async def test_several_are_written_at_once(self, renderer: CertificateRenderer) -> None:
        """In threads, each as if it were alone."""
        facts = [certificate_facts(student_name=f"Asha {number}") for number in range(16)]
        alone = [renderer.render(one) for one in facts]
        together = await asyncio.gather(*(asyncio.to_thread(renderer.render, one) for one in facts))
        assert together == alone


class CertificateDocumentsSuite(StoreSuite):
    """Holds ``CertificateDocuments`` to its port.

    Fixtures to override: ``store``, and ``documents``, of the same store.
    """

    @pytest.fixture
    def documents(self) -> CertificateDocuments:
        """What keeps them; empty."""
        raise NotImplementedError("override the fixture documents")

    async def test_a_document_comes_back_exactly(
        self, store: StoreUnderTest, documents: CertificateDocuments
    ) -> None:
        """Every byte of it; of another certificate there is none."""
        first, second = await _stored(store), await _stored(store)
        document = _document(first, content=bytes(range(256)) * 300)
        await documents.keep(document)
        assert await documents.get(first) == document
        assert await documents.get(second) is None
        assert await documents.get(new_id()) is None

    async def test_the_first_of_an_edition_stays(
        self, store: StoreUnderTest, documents: CertificateDocuments
    ) -> None:
        """What was handed out once is handed out again, whoever renders later."""
        first = _document(await _stored(store))
        await documents.keep(first)
        later = replace(first, content=b"other", rendered_at=AN_INSTANT + timedelta(days=1))
        assert await documents.keep(later) == first
        assert await documents.get(first.certificate_id) == first

    async def test_another_edition_takes_the_place(
        self, store: StoreUnderTest, documents: CertificateDocuments
    ) -> None:
        """Since it says something else; that holds also for one that was there before."""
        old = _document(await _stored(store))
        new = replace(old, edition="new", content=b"new")
        for document in (old, new, old):
            assert await documents.keep(document) == document
            assert await documents.get(old.certificate_id) == document

    async def test_kept_at_once_one_stays(
        self, store: StoreUnderTest, documents: CertificateDocuments
    ) -> None:
        """Whichever came first; nobody is refused, and everybody is told of the one."""
        certificate_id = await _stored(store)
        rivals = [_document(certificate_id, content=f"{number}".encode()) for number in range(8)]
        told = await asyncio.gather(*(documents.keep(one) for one in rivals))
        kept = await documents.get(certificate_id)
        assert kept in rivals
        assert told == [kept] * len(rivals)


async def _stored(store: StoreUnderTest) -> UUID:
    zone = a_zone()
    booking = a_completed_booking(zone)
    certificate = a_certificate(booking)
    await store.keep(zone, booking, certificate)
    return certificate.id


def _document(certificate_id: UUID, content: bytes = b"%PDF-") -> CertificateDocument:
    return CertificateDocument(certificate_id, "an edition", content, AN_INSTANT)
