"""Signature, docstring, page and name of each hook say the same."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import muster.plugin_api
from muster.plugin_api import SettingsLookup
from muster.plugin_api.hooks import MusterHooks
from muster.runtime.plugin_hooks import _RETURNS
from tests.docs.hook_page import PAGE, PARTS, hooks, parts_of, rendered

EVERY_HOOK = pytest.mark.parametrize("name", hooks())


def contributed(name: str) -> type:
    """What the hook's signature says that it returns a sequence of."""
    returned = get_type_hints(hooks()[name])["return"]
    assert get_origin(returned) is Sequence
    (kind,) = get_args(returned)
    plain: type = get_origin(kind) or kind
    return plain


def test_the_page_is_as_the_docstrings_say() -> None:
    assert PAGE.read_text() == rendered(), "python -m tests.docs.hook_page writes it anew"


@EVERY_HOOK
def test_the_docstring_says_all_of_it(name: str) -> None:
    parts = parts_of(hooks()[name])
    assert list(parts) == ["", *PARTS], f"the docstring of {name} has other parts, or another order"
    assert all(text.endswith(".") for text in parts.values())
    assert parts["Args"].startswith("settings: ")


@EVERY_HOOK
def test_it_takes_the_settings_and_returns_what_the_core_expects(name: str) -> None:
    assert list(inspect.signature(hooks()[name]).parameters) == ["self", "settings"]
    assert get_type_hints(hooks()[name])["settings"] is SettingsLookup
    assert contributed(name) is _RETURNS[name]


@EVERY_HOOK
def test_its_contribution_is_offered_by_the_surface(name: str) -> None:
    kind = contributed(name)
    assert getattr(muster.plugin_api, kind.__name__) is kind
    assert kind.__name__ in muster.plugin_api.__all__


@EVERY_HOOK
def test_its_name_says_what_it_contributes(name: str) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
    noun = name.split("_")[-1].removesuffix("s").removesuffix("ie")
    words = re.findall("[A-Z][a-z]+", contributed(name).__name__)
    assert any(noun.startswith(word.lower().removesuffix("y")[:4]) for word in words), words


def test_every_hook_is_called_by_the_core() -> None:
    assert set(_RETURNS) == set(hooks())


def test_a_docstring_that_lacks_something_is_noticed() -> None:
    def planted(self: MusterHooks, settings: SettingsLookup) -> Sequence[Any]:
        """Offer.

        Args:
            settings: All.

        Returns:
            Things.
        """
        raise NotImplementedError

    assert list(parts_of(planted)) == ["", "Args", "Returns"]
