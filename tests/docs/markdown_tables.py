"""The tables of a page of the documentation, by the heading above them."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def rows_by_heading(page: str) -> dict[str, list[list[str]]]:
    """The rows of each section's table, without its head; cells without their backticks."""
    sections: dict[str, list[list[str]]] = {}
    heading = ""
    for line in (DOCS / page).read_text().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip("`")
            assert heading not in sections, f"{heading} stands there twice"
            sections[heading] = []
        elif line.startswith("|"):
            sections[heading].append([cell.strip().strip("`") for cell in line.split("|")[1:-1]])
    return {heading: rows[2:] for heading, rows in sections.items()}


def text_by_heading(page: str) -> dict[str, str]:
    """What each section says beside its table."""
    sections: dict[str, str] = {}
    heading = ""
    for line in (DOCS / page).read_text().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip("`")
            sections[heading] = ""
        elif not line.startswith("|"):
            sections[heading] += line
    return sections
