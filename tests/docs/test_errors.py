"""Code, catalogue and docs/errors.md know the same error codes."""

from __future__ import annotations

import ast
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import muster
import muster_auth
import muster_documents
import muster_edge
import muster_jobs
import muster_mail
import muster_memory
import muster_postgres
import muster_trainer_http
from muster.application import later_placement
from muster.domain import new_times, purchase_rules
from muster.domain.eligibility import ELIGIBILITY_RULES
from muster.domain.errors import DomainError
from muster.http.catalogue import CATALOGUE
from tests.docs.markdown_tables import DOCS, rows_by_heading

PACKAGES = (
    muster,
    muster_auth,
    muster_documents,
    muster_edge,
    muster_jobs,
    muster_mail,
    muster_memory,
    muster_postgres,
    muster_trainer_http,
)
SOURCES = (DOCS.parent / "src", DOCS.parent / "adapters", DOCS.parent / "plugins")
RULES = Path(purchase_rules.__file__)
TIMES = Path(new_times.__file__)
TRAINERS = Path(later_placement.__file__)


@pytest.fixture(scope="module")
def sections() -> dict[str, list[list[str]]]:
    return rows_by_heading("errors.md")


def import_all(package: ModuleType) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def errors(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for error in kind.__subclasses__():
        yield error
        yield from errors(error)


def fault_codes(path: Path) -> set[str]:
    """The codes with which a module makes faults, as far as they are written out."""
    return {
        call.args[1].value
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Fault"
        and isinstance(call.args[1], ast.Constant)
        and isinstance(call.args[1].value, str)
    }


def codes(rows: list[list[str]]) -> list[str]:
    return [code for code, *_ in rows]


def test_every_error_has_a_code_of_the_catalogue() -> None:
    for package in PACKAGES:
        import_all(package)
    found = [error for error in errors() if error.__module__.startswith("muster")]
    assert len(found) > 15
    unknown = {error.__qualname__ for error in found if error.code not in CATALOGUE}
    assert not unknown


def test_the_catalogue_is_documented(sections: dict[str, list[list[str]]]) -> None:
    expected = [
        [code, str(kind.status), kind.meaning, kind.remedy] for code, kind in CATALOGUE.items()
    ]
    assert sections["Codes"] == expected


def test_the_purchase_rules_are_documented(sections: dict[str, list[list[str]]]) -> None:
    documented = codes(sections["Broken purchase rules"])
    assert sorted(documented) == sorted(fault_codes(RULES))


def test_the_times_not_allowed_are_documented(sections: dict[str, list[list[str]]]) -> None:
    documented = codes(sections["Times at which no session is held"])
    assert sorted(documented) == sorted(fault_codes(TIMES))


def test_why_a_trainer_is_refused_is_documented(sections: dict[str, list[list[str]]]) -> None:
    documented = codes(sections["Why a trainer may not take sessions"])
    rules = [rule.name for rule in ELIGIBILITY_RULES]
    assert documented == [*fault_codes(TRAINERS), *rules]


def test_the_faults_of_fields_are_documented(sections: dict[str, list[list[str]]]) -> None:
    found: set[str] = set()
    for source in SOURCES:
        for module in source.rglob("*.py"):
            if module not in (RULES, TIMES, TRAINERS):
                found |= fault_codes(module)
    documented = codes(sections["Faults of single fields"])
    assert sorted(documented) == sorted(found)


def test_every_row_says_something(sections: dict[str, list[list[str]]]) -> None:
    for rows in sections.values():
        assert all(all(row) for row in rows)
