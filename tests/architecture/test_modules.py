"""Modules are small, say what they offer, and document it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 500  # lines
MODULES = sorted(
    path for name in ("src", "adapters", "plugins") for path in (ROOT / name).rglob("*.py")
)
EVERY_MODULE = pytest.mark.parametrize(
    "module", MODULES, ids=lambda path: str(path.relative_to(ROOT))
)

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def undocumented(source: str) -> Iterator[str]:
    """What is public and has no docstring; ruff sees to the methods."""
    tree = ast.parse(source)
    if not ast.get_docstring(tree):
        yield "the module"
    for node in definitions(tree):
        if not ast.get_docstring(node):
            yield node.name


def definitions(tree: ast.Module) -> Iterator[Documented]:
    for node in tree.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node


def says_what_it_offers(source: str) -> bool:
    """Whether a module with public definitions has `__all__`."""
    tree = ast.parse(source)
    assigned = {ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
    return "__all__" in assigned or not any(definitions(tree))


@EVERY_MODULE
def test_module_is_short(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= LONGEST


@EVERY_MODULE
def test_everything_public_is_documented(module: Path) -> None:
    assert not list(undocumented(module.read_text()))


@EVERY_MODULE
def test_module_says_what_it_offers(module: Path) -> None:
    assert says_what_it_offers(module.read_text())


def test_what_is_undocumented_is_noticed() -> None:
    assert list(undocumented("class Zone: ...\ndef _private(): ...")) == ["the module", "Zone"]
    assert list(undocumented('"""Zones."""\nclass Zone:\n    """A circle."""')) == []


def test_a_missing_offer_is_noticed() -> None:
    assert not says_what_it_offers("class Zone: ...")
    assert says_what_it_offers('__all__ = ["Zone"]\nclass Zone: ...')
    assert says_what_it_offers("def _private(): ...")
