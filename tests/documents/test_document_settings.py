"""What an operator sets of certificates as documents."""

from __future__ import annotations

import sys
from uuid import UUID

import pytest

from muster.plugin_api import CompositionError
from muster.runtime.bootstrap import bootstrap
from muster.runtime.settings_tree import SettingsInvalid
from muster_documents.plugin import DocumentsPlugin
from muster_documents.settings import DocumentsSettings
from muster_postgres.plugin import PostgresPlugin

COURSE = UUID("5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01")


def settings(**environ: str) -> DocumentsSettings:
    named = {f"MUSTER_DOCUMENTS__{name.upper()}": value for name, value in environ.items()}
    app = bootstrap(named, [PostgresPlugin, DocumentsPlugin])
    return app.settings.section(DocumentsSettings)


@pytest.mark.parametrize(
    "link",
    ["https://muster.example/v1/certificates", "muster.example/{number}", "https:///{number}"],
)
def test_a_link_that_leads_nowhere_is_refused(link: str) -> None:
    with pytest.raises(SettingsInvalid, match="is no link"):
        settings(verification_link=link)


@pytest.mark.parametrize("name", ["typst", "segno", "fontpkg", "fontpkg_noto_sans"])
def test_what_is_not_installed_stops_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(CompositionError, match=rf"need {name}: install .* muster\[documents\]"):
        settings()


def test_the_environment_says_it_all() -> None:
    link = "https://yoga.example/verify?number={number}"
    set_ = settings(
        verification_link=link, course_titles=f"{COURSE}=Vinyasa Foundation", fonts="/a,/b"
    )
    assert set_ == DocumentsSettings(
        verification_link=link, course_titles={COURSE: "Vinyasa Foundation"}, fonts=("/a", "/b")
    )
