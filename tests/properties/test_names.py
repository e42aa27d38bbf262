"""Names: "compared after NFKC, trimming, collapsing white space and case folding"."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Literal, get_args

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from muster.domain.names import fold_name, tidy_name

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SPACES = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace())
IOTA_BELOW = "\N{COMBINING GREEK YPOGEGRAMMENI}"


def decomposed_key(name: str) -> str:
    """Compatibility caseless match as Unicode defines it (D146): another road, by NFKD."""
    folded = unicodedata.normalize("NFD", name).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return " ".join(unicodedata.normalize("NFKD", folded).split())


@given(TEXT)
@example("ΐ\N{COMBINING ACUTE ACCENT}")
@example("ᾴ\N{COMBINING DOT BELOW}")
@example("İ")
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    folded = fold_name(name)
    assert fold_name(folded) == folded
    assert unicodedata.is_normalized("NFKC", folded)
    assert unicodedata.normalize("NFKC", folded.casefold()) == folded
    assert not re.search(r"^\s|\s\s|[^\S ]|\s$", folded)


def test_every_single_character_folds_as_unicode_says() -> None:
    """All 1.1 million of them: folding ends, and agrees with the standard's own definition."""
    for number in range(sys.maxunicode + 1):
        if not 0xD800 <= number < 0xE000:
            folded = fold_name(chr(number))
            key = decomposed_key(chr(number))
            assert unicodedata.normalize("NFKD", folded) == key, f"U+{number:04X}"


@given(TEXT)
def test_folding_is_the_standards_caseless_match(name: str) -> None:
    # Python folds an iota below to a letter, which a mark behind it then may not cross.
    assume(IOTA_BELOW not in unicodedata.normalize("NFKD", name))
    assert unicodedata.normalize("NFKD", fold_name(name)) == decomposed_key(name)


@given(TEXT, st.sampled_from(get_args(Form)))
def test_normal_forms_of_a_name_are_one_name(name: str, form: Form) -> None:
    """ "compared after NFKC"."""
    assert fold_name(unicodedata.normalize(form, name)) == fold_name(name)


@given(st.lists(st.text("abcÄß", min_size=1), min_size=1, max_size=5), st.data())
def test_white_space_is_trimmed_and_collapsed(words: list[str], data: st.DataObject) -> None:
    """Any white space that there is, any length of it, between words and around them."""
    gap = st.text(SPACES, min_size=1, max_size=4)
    parts = [data.draw(st.text(SPACES, max_size=3))]
    for word in words:
        parts += [word, data.draw(gap)]
    assert fold_name("".join(parts)) == " ".join(words).casefold()
    assert tidy_name("".join(parts)) == " ".join(words)


@given(TEXT)
def test_case_does_not_matter(name: str) -> None:
    """ "and case folding"."""
    tidy = tidy_name(name)
    assert fold_name(tidy.casefold()) == fold_name(name)
    # Not every upper case comes back: dotless i is an I there, and yet its own letter.
    assume("ı" not in unicodedata.normalize("NFKD", name))
    assert fold_name(tidy.upper()) == fold_name(name)


@given(TEXT)
def test_a_tidy_name_keeps_its_case_and_stays_tidy(name: str) -> None:
    tidy = tidy_name(name)
    assert tidy_name(tidy) == tidy
    assert tidy == re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip(" ")


@given(st.text("abcdeÄßσς ", max_size=5), st.text("abcdeÄßσς ", max_size=5))
def test_names_that_read_otherwise_stay_apart(one: str, other: str) -> None:
    """Folding puts nothing together but what the standard does."""
    assert (fold_name(one) == fold_name(other)) == (decomposed_key(one) == decomposed_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("Straße", "strasse"),
        ("ＭＵＮＩＣＨ", "munich"),
        ("New\N{NO-BREAK SPACE}York", " new   york\t"),
        ("ﬁsh", "FISH"),
        ("Å", "\N{ANGSTROM SIGN}"),
        ("Zu\N{COMBINING DIAERESIS}rich", "ZÜRICH"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("①", "1"),
        ("\N{IDEOGRAPHIC SPACE}東京\N{IDEOGRAPHIC SPACE}", "東京"),
        ("İzmir", "i\N{COMBINING DOT ABOVE}zmir"),
    ],
)
def test_these_are_one_name(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Diyarbakır", "Diyarbakir"),  # case folding keeps the dotless i apart
        ("İzmir", "izmir"),
        ("Munich", "Münich"),
        ("New York", "Newyork"),
        ("a\N{ZERO WIDTH SPACE}b", "ab"),  # no white space to Unicode
    ],
)
def test_these_are_two_names(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)
