"""What stands on a certificate, read back by those who share no code with what wrote it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import fontpkg
import pytest

from muster.ports.certificate_documents import CertificateRenderer
from muster.testing.example_certificates import certificate_facts
from muster.testing.suites.certificate_documents import CertificateRendererSuite
from muster_documents.typst_renderer import TypstRenderer
from tests.documents.paper import paper_of

RENDERER = TypstRenderer(())
LINK = "https://muster.example/v1/certificates/CERT-20270101-V3RS-3DTR-98H6-BCFN-Z"
ARCHIVAL = re.compile(rb"pdfaid:part[^0-9]*2.{0,60}pdfaid:conformance[^A-Z]*A", re.DOTALL)


class TestTypstRenderer(CertificateRendererSuite):
    @pytest.fixture
    def renderer(self) -> CertificateRenderer:
        return TypstRenderer(())


def test_what_it_says() -> None:
    paper = paper_of(RENDERER.render(certificate_facts()))
    assert paper.pages == 1
    assert paper.lines == [
        "Muster",
        "Certificate of Completion",
        "This is to certify that",
        "Asha Rao",
        "has completed all 30 sessions of the course",
        "Vinyasa Foundation",
        "Issued on",
        "4 January 2027",
        "Issued by",
        "Muster",
        "Certificate number",
        "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z",
        "Booking",
        "MH-2026-0417",
        "See whether it is valid today",
        LINK,
    ]
    assert paper.codes == [LINK]


def test_a_franchise_issues_in_the_companys_name() -> None:
    paper = paper_of(RENDERER.render(certificate_facts(franchise="Bengaluru West")))
    assert paper.lines[0] == "Muster"
    assert "Bengaluru West, a franchise of Muster" in paper.lines


def test_the_file_is_as_old_as_the_certificate() -> None:
    issued = datetime(2027, 3, 31, 18, 45, 12, tzinfo=UTC)
    facts = certificate_facts(issued_on=date(2027, 4, 1), issued_at=issued)
    paper = paper_of(RENDERER.render(facts))
    assert "1 April 2027" in paper.lines
    assert paper.metadata["CreationDate"] == "D:20270331184512Z"
    assert paper.metadata["Title"] == f"Certificate {facts.number}"
    assert "Asha Rao" not in paper.metadata.values()


@pytest.mark.parametrize(
    "name",
    [
        "Zoé Żółć-Łukasik",
        "Nguyễn Thị Ánh",
        "Γιώργος Παπαδόπουλος",
        "Їжакевич Юрій",
        "आशा राव",
        "O’Brien",
    ],
)
def test_names_in_many_scripts_are_written(name: str) -> None:
    content = RENDERER.render(certificate_facts(student_name=name))
    assert name in paper_of(content).lines
    assert ARCHIVAL.search(content)


@pytest.mark.parametrize("name", ["王小明", "Asha 😀", "ꦄꦱ"])
def test_a_script_without_a_font_is_no_failure(name: str) -> None:
    """Boxes stand there, which is allowed by PDF, and not by PDF/A."""
    content = RENDERER.render(certificate_facts(student_name=name))
    assert not ARCHIVAL.search(content)
    paper = paper_of(content)
    assert (paper.pages, paper.codes) == (1, [LINK])


def test_further_fonts_are_used(tmp_path: Path) -> None:
    """Also those of an operator; a directory that is not there is nothing."""
    without = RENDERER.render(certificate_facts())
    noto = Path(str(fontpkg.path("noto-sans")))
    (tmp_path / noto.name).write_bytes(noto.read_bytes())
    renderer = TypstRenderer((str(tmp_path), str(tmp_path / "nothing")))
    assert renderer.render(certificate_facts()) == without


@pytest.mark.parametrize(
    "text",
    [
        "#panic()",
        '#read("/etc/passwd")',
        '"+panic()+"',
        "*bold* _thin_ $x$ `raw` <label> @label",
        "</text><script>",
        "(Tj) \\) ET",
    ],
)
def test_texts_are_no_markup(text: str) -> None:
    facts = certificate_facts(student_name=text, course=text, booking=text, company=text)
    paper = paper_of(RENDERER.render(facts))
    assert paper.lines.count(text) == 5


@pytest.mark.parametrize("text", ["W" * 200, "Asha " * 40, "\n".join("abc"), "a\u0301" * 100, ""])
def test_whatever_its_length_it_is_one_page_that_can_be_scanned(text: str) -> None:
    facts = certificate_facts(student_name=text, course=text, booking=text, company=text)
    paper = paper_of(RENDERER.render(facts))
    assert (paper.pages, paper.codes) == (1, [LINK])


def test_what_no_font_shows_is_left_out() -> None:
    facts = certificate_facts(student_name=" Asha\t\n\x00 \x1b[1m Rao\x7f ")
    content = RENDERER.render(facts)
    assert "Asha [1m Rao" in paper_of(content).lines
    assert ARCHIVAL.search(content)
