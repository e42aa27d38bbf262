"""No plugin surprises an operator: every refusal names plugin, distribution, version and remedy.

The plugins are files with the metadata of a distribution, as an installer leaves them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest
from click.testing import CliRunner

from muster.plugin_api import CompositionError
from muster.runtime.bootstrap import bootstrap
from muster.runtime.cli import muster

HEAD = """
from muster.plugin_api import *
from muster.ports.clock import CLOCK
from muster.ports.trainer_directory import TRAINER_DIRECTORY, TrainerDirectory


class Plugin:
    MANIFEST = Manifest(name="{name}", {passport})

"""
HOOK = """
@hookimpl
def lifespan(self, settings):
    return []
"""

DISABLE_IT = "or take bad out of MUSTER_PLUGINS__ENABLED."


class Shelf:
    """A directory of ``sys.path`` on which plugins lie installed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(
        self,
        name: str,
        body: str = HOOK,
        passport: str = "api_version=1",
        *,
        head: str = HEAD,
        source: str | None = None,
        distribution: str | None = None,
    ) -> None:
        """Install a plugin as version 1.2.3 of a distribution, written whole or by its parts."""
        distribution = distribution or f"dist-{name}"
        module = f"shelf_{distribution.replace('-', '_')}"
        parts = head.format(name=name, passport=passport) + indent(dedent(body), "    ")
        (self.path / f"{module}.py").write_text(source or parts)
        info = self.path / f"{distribution.replace('-', '_')}-1.2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n"
        )
        (info / "entry_points.txt").write_text(f"[muster.plugins]\n{name} = {module}:Plugin\n")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.syspath_prepend(tmp_path)
    for module in [name for name in sys.modules if name.startswith("shelf_")]:
        monkeypatch.delitem(sys.modules, module)
    return Shelf(tmp_path)


def refusal(*enabled: str, **settings: str) -> str:
    """The message that stops the start with these plugins beside the memory adapters."""
    environ = {"MUSTER_PLUGINS__ENABLED": ",".join(["memory", *enabled]), **settings}
    with pytest.raises(CompositionError) as refused:
        bootstrap(environ).dispatcher()
    return str(refused.value)


def hook(source: str) -> str:
    """A plugin whose one hook is written like this."""
    return f"@hookimpl\n{dedent(source)}"


def wrapping(source: str, port: str = "TRAINER_DIRECTORY") -> str:
    """A plugin that wraps a port in a class written like this."""
    return (
        hook(f"""
        def wrap_ports(self, settings):
            return [PortWrapper({port}, Layer.CACHE, "cling", lambda inner, ports: self.Cling())]
        """)
        + f"\nclass Cling:\n{indent(dedent(source), '    ')}"
    )


def providing(name: str = "other") -> str:
    """A plugin that provides the clock under a name."""
    return hook(f"""
    def provide_ports(self, settings):
        return [PortProvider(CLOCK, "{name}", lambda ports: None)]
    """)


OPTION = "asks for {}; order is the core's: take that away."

BAD: dict[str, tuple[dict[str, str], str, str]] = {
    # what is wrong: (how the plugin is written, what the message says, the remedy in it)
    "it exits when imported": (
        {"source": "raise SystemExit(3)"},
        "cannot be imported: SystemExit: 3.",
        "Install what it needs, or take bad out of MUSTER_PLUGINS__ENABLED.",
    ),
    "what it needs is missing": (
        {"source": "import muster_that_is_not_there"},
        "cannot be imported: ModuleNotFoundError: No module named 'muster_that_is_not_there'.",
        "Install what it needs, or take bad out of MUSTER_PLUGINS__ENABLED.",
    ),
    "its entry point leads nowhere": (
        {"source": "X = 1"},
        "cannot be imported: AttributeError: module 'shelf_dist_bad' has no attribute 'Plugin'.",
        "Install what it needs, or take bad out of MUSTER_PLUGINS__ENABLED.",
    ),
    "it has no manifest": (
        {"source": "class Plugin: pass"},
        "has no MANIFEST;",
        "its class needs one, a muster.plugin_api.Manifest.",
    ),
    "its name is no name": (
        {"head": HEAD.replace("{name}", "Bad-Tide")},
        "must have a name in lower snake case",
        "rename it in its MANIFEST and its entry point.",
    ),
    "it is registered under another name": (
        {"head": HEAD.replace("{name}", "good")},
        "is registered under the name 'bad';",
        "give its MANIFEST and its entry point the same name.",
    ),
    "it is for a later surface": (
        {"passport": "api_version=2"},
        "was written for version 2 of the plugin surface; this Muster speaks version 1.",
        "Install a release of dist-bad for it, or take bad out of MUSTER_PLUGINS__ENABLED.",
    ),
    "it cannot be made": (
        {"body": "def __init__(self):\n    raise OSError('no disk')"},
        "cannot be made: OSError: no disk.",
        "mend it, or take bad out of MUSTER_PLUGINS__ENABLED.",
    ),
    "what it requires is not enabled": (
        {"passport": "api_version=1, requires=('moon', 'sun')"},
        "requires 'moon', 'sun':",
        "add moon, sun to MUSTER_PLUGINS__ENABLED, or take bad out of it.",
    ),
    "it implements an unknown hook": (
        {"body": hook("def paint_walls(self, settings): return []")},
        "implements 'paint_walls', which is no hook.",
        "Rename it; known hooks are provide_ports, wrap_ports,",
    ),
    "it implements a misspelt hook": (
        {"body": hook("def health_check(self, settings): return []")},
        "implements 'health_check', which is no hook; did you mean health_checks?",
        "Rename it;",
    ),
    "it forgot the mark": (
        {"body": HOOK + "\ndef http_routes(self, settings):\n    return []"},
        "has a method http_routes that would never be called;",
        "mark it with @hookimpl, or rename it.",
    ),
    "a hook has defaults": (
        {"body": hook("def lifespan(self, settings=None): return []")},
        "the hook lifespan gives defaults to settings, which would never be filled in;",
        "take the defaults away.",
    ),
    "a hook asks for more": (
        {"body": hook("def lifespan(self, settings, app): return []")},
        "the hook lifespan asks for app; it is called with settings alone:",
        "take the rest away.",
    ),
    "a hook is asynchronous": (
        {"body": hook("async def lifespan(self, settings): return []")},
        "the hook lifespan is 'async def'; hooks are synchronous:",
        "write 'def', and put what must wait into what the hook returns.",
    ),
    "a hook is an asynchronous generator": (
        {"body": hook("async def lifespan(self, settings): yield 1")},
        "the hook lifespan is 'async def'; hooks are synchronous:",
        "write 'def',",
    ),
    **{
        f"a hook wants {option}": (
            {"body": f"@hookimpl({option}=True)\ndef lifespan(self, settings): yield []"},
            OPTION.format(option),
            "take that away.",
        )
        for option in ("tryfirst", "trylast", "wrapper", "hookwrapper", "optionalhook")
    },
    "it has no hook": (
        {"body": "def tide(self): return 1"},
        "implements no hook;",
        "mark one with @hookimpl.",
    ),
    "a hook raises": (
        {"body": hook("def lifespan(self, settings): raise OSError('no disk')")},
        "failed in the hook lifespan: OSError: no disk.",
        DISABLE_IT,
    ),
    "a hook returns nothing": (
        {"body": hook("def lifespan(self, settings): pass")},
        "the hook lifespan returns a list, not NoneType.",
        DISABLE_IT,
    ),
    "a hook returns something else": (
        {"body": hook("def lifespan(self, settings): return [1]")},
        "the hook lifespan returns LifespanStep objects, not int.",
        DISABLE_IT,
    ),
    "it provides what another provides": (
        {"body": providing()},
        "Several plugins provide the port 'clock': 'other' of Plugin 'bad' (dist-bad 1.2.3), "
        "'system' of Plugin 'system' (muster ",
        "Choose one with MUSTER_PLUGINS__PORTS=clock=<name>.",
    ),
    "its provider has the name of another": (
        {"body": providing("system")},
        "both provide 'clock' under the name 'system'.",
        "Disable one of them, or rename its provider.",
    ),
    "it wraps what is not wrappable": (
        {"body": wrapping("pass", port="CLOCK")},
        "wraps the port 'clock', which is not wrappable.",
        DISABLE_IT,
    ),
    "its wrapper lacks a method": (
        {"body": wrapping("pass")},
        "the wrapper 'cling' does not keep to the port 'trainer_directory': candidates is missing.",
        DISABLE_IT,
    ),
    "its wrapper takes other parameters": (
        {"body": wrapping("async def candidates(self, query): ...")},
        "candidates takes (query), not (question).",
        DISABLE_IT,
    ),
    "its wrapper is not asynchronous": (
        {"body": wrapping("def candidates(self, question): ...")},
        "candidates is a coroutine on one side only.",
        DISABLE_IT,
    ),
    "its wrapper fails": (
        {"body": wrapping("def __init__(self): raise OSError('no disk')")},
        "the wrapper 'cling' of the port 'trainer_directory' failed: OSError: no disk.",
        DISABLE_IT,
    ),
}


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_plugin_is_named_with_what_is_wrong_and_what_to_do(shelf: Shelf, wrong: str) -> None:
    written, told, remedy = BAD[wrong]
    shelf.put("bad", **written)
    message = refusal("bad")
    assert "(dist-bad 1.2.3)" in message
    assert re.search(r"[Pp]lugin '(bad|good|Bad-Tide)'", message)
    assert told in message
    assert remedy in message


def test_a_plugin_that_is_not_installed(shelf: Shelf) -> None:
    shelf.put("tide")
    assert re.fullmatch(
        r"Plugin 'tides' is enabled and not installed \(installed: .*tide.*; did you mean tide\?\)"
        r"\. Install its distribution, or take it out of MUSTER_PLUGINS__ENABLED\.",
        refusal("tides"),
    )


def test_a_plugin_that_is_installed_twice(shelf: Shelf) -> None:
    shelf.put("tide")
    shelf.put("tide", distribution="pirate")
    assert refusal("tide") == (
        "Plugin 'tide' is provided twice: dist-tide 1.2.3 (shelf_dist_tide:Plugin), "
        "pirate 1.2.3 (shelf_pirate:Plugin). Uninstall one of them."
    )


def test_two_plugins_of_one_name(shelf: Shelf) -> None:
    shelf.put("system")
    assert re.fullmatch(
        r"Two plugins have the name 'system': Plugin 'system' \(muster .*\) and Plugin 'system' "
        r"\(dist-system 1.2.3\)\. Disable or rename one of them\.",
        refusal("system"),
    )


def test_a_plugin_that_is_an_object(shelf: Shelf) -> None:
    shelf.put("tide", head=HEAD.replace("class Plugin", "class Tide"))
    file = shelf.path / "shelf_dist_tide.py"
    file.write_text(file.read_text() + "\nPlugin = Tide()\n")
    assert refusal("tide") == (
        "Plugin 'tide' (dist-tide 1.2.3) is no class, and each app makes an instance of its own; "
        "its entry point must name the class."
    )


def test_a_circle_is_told_without_those_who_wait_for_it(shelf: Shelf) -> None:
    for name, need in [("a", "hen"), ("hen", "egg"), ("egg", "hen")]:
        shelf.put(name, passport=f"api_version=1, requires=('{need}',)")
    hen, egg = "Plugin 'hen' (dist-hen 1.2.3)", "Plugin 'egg' (dist-egg 1.2.3)"
    assert refusal("a", "egg", "hen") == (
        f"These plugins require each other in a circle: {hen} requires {egg} requires {hen}. "
        "Disable one of them, or install a release in which one requires less."
    )


def test_a_plugin_named_as_a_section_of_the_core(shelf: Shelf) -> None:
    head = "from msgspec import Struct\nclass Own(Struct): pass\n" + HEAD
    shelf.put("http", passport="api_version=1, settings=Own", head=head)
    assert refusal("http") == (
        "Plugin 'http' (dist-http 1.2.3) has the name of a section of the core's settings; "
        "rename it."
    )


def test_two_wrappers_at_one_place(shelf: Shelf) -> None:
    for name in ("one", "two"):
        shelf.put(name, wrapping("async def candidates(self, question): ..."))
    assert refusal("one", "two") == (
        "Plugin 'one' (dist-one 1.2.3) and Plugin 'two' (dist-two 1.2.3) wrap the port "
        "'trainer_directory' at CACHE under one name, 'cling'. Disable one of them, or rename "
        "its wrapper."
    )


def test_what_is_right_starts(shelf: Shelf) -> None:
    shelf.put("tide", passport="api_version=1, requires=('memory', 'system')")
    app = bootstrap({"MUSTER_PLUGINS__ENABLED": "tide,memory"})
    assert [one.title for one in app.hooks.plugins if one.distribution == "dist-tide"] == [
        "Plugin 'tide' (dist-tide 1.2.3)"
    ]


def test_a_disabled_plugin_is_never_imported(shelf: Shelf) -> None:
    shelf.put("bomb", source="raise RuntimeError('imported')")
    settings = {"MUSTER_PLUGINS__ENABLED": "memory"}
    bootstrap(settings).dispatcher()
    shown = CliRunner().invoke(muster, ["plugins"], env=settings)
    assert shown.exit_code == 0
    assert re.search(r"bomb +installed +dist-bomb 1\.2\.3", shown.stdout)
    assert "shelf_dist_bomb" not in sys.modules
    assert "RuntimeError: imported" in refusal("bomb")
