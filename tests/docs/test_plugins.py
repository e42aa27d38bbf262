"""docs/plugins/README.md shows every hook, and its example is a plugin that composes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from muster.plugin_api.hooks import MusterHooks
from muster.runtime.bootstrap import bootstrap
from muster_memory.plugin import MemoryPlugin

PAGE = (Path(__file__).parents[2] / "docs" / "plugins" / "README.md").read_text()


def test_the_page_has_a_row_for_each_hook_and_no_other() -> None:
    hooks = {name for name in vars(MusterHooks) if not name.startswith("_")}
    table = PAGE.partition("\n## Hooks\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == hooks


def test_the_example_is_a_plugin() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {"__name__": "tide"}
    exec(source, names)  # the page's own example
    application = bootstrap({}, [MemoryPlugin, names["TidePlugin"]])
    assert [check.name for check in application.health_checks] == ["tide"]
