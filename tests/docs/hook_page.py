"""docs/plugins/hooks.md as the hook specifications say it; run this to write the page anew."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from muster.plugin_api.hooks import MusterHooks

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "hooks.md"
PARTS = {
    "Args": "Arguments",
    "Called": "Called",
    "Returns": "Returns",
    "Combined": "Combined",
    "Fails": "Fails",
}
"""What the docstring of a hook must say, in this order, and the page's word for it."""

HEAD = """\
# Hooks

Every way in which a plugin can take part. All hooks are synchronous, called once for each app,
when it is composed, and collecting: what all plugins contribute counts, and nothing depends on
which plugin was installed or enabled first. A hook's `settings` may be left out where it is not
needed. What stops a start says the plugin, its distribution and version, and a remedy.

This page is made from the docstrings in `muster.plugin_api.hooks`:
`python -m tests.docs.hook_page`.
"""


def hooks() -> dict[str, Callable[..., Any]]:
    """Every hook specification, in the order in which they are written."""
    return {name: hook for name, hook in vars(MusterHooks).items() if not name.startswith("_")}


def signature_of(hook: Callable[..., Any]) -> str:
    """The ``def`` as it is written."""
    source = textwrap.dedent(inspect.getsource(hook))
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert function.returns
    return f"def {function.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns)}"


def parts_of(hook: Callable[..., Any]) -> dict[str, str]:
    """What a docstring says, by the name of the part; what it begins with has no name."""
    text = inspect.getdoc(hook) or ""
    pieces = re.split(r"^(\w+):\n", text, flags=re.MULTILINE)
    parts = dict(zip(["", *pieces[1::2]], pieces[::2], strict=True))
    return {name: " ".join(part.split()) for name, part in parts.items()}


def rendered() -> str:
    """The page as it should be."""
    return "\n".join([HEAD, *(_section(name, hook) for name, hook in hooks().items())])


def _section(name: str, hook: Callable[..., Any]) -> str:
    parts = {part: text.replace("``", "`") for part, text in parts_of(hook).items()}
    parts["Args"] = re.sub(r"^(\w+):", r"`\1`:", parts.get("Args", ""))
    told = [
        textwrap.fill(f"- **{word}.** {parts.get(part, '')}", 98, subsequent_indent="  ")
        for part, word in PARTS.items()
    ]
    signature = f"```python\n{signature_of(hook)}\n```"
    return "\n\n".join([f"## `{name}`", signature, parts[""], "\n".join(told)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(rendered())
