"""Who may import whom: the contracts hold, and each of them would notice a breach."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORT_ROOTS = [ROOT / name for name in ("src", "adapters", "plugins") if (ROOT / name).is_dir()]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {rules["name"]: rules for rules in PYPROJECT["tool"]["importlinter"]["contracts"]}
OUTSIDERS = {
    package.parent.name
    for root in IMPORT_ROOTS
    for package in root.glob("*/__init__.py")
    if package.parent.name != "muster"
}

LAYERS = "The core is built in layers"
NO_ADAPTER = "The core imports no adapter and no plugin"
INDEPENDENT = "Adapters and plugins are independent of each other"
SURFACE = "Adapters and plugins see only domain, ports, plugin_api and testing"
NO_TECHNOLOGY = "Domain, ports and application import no framework, driver or settings code"
NO_CYCLES = "No cycles between siblings"

UNDER_TYPE_CHECKING = """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import muster_postgres
"""

PLANTS = [
    (LAYERS, {"src/muster/domain/planted.py": "import muster.ports"}),
    (LAYERS, {"src/muster/application/planted.py": "import muster.plugin_api"}),
    (LAYERS, {"src/muster/no_layer.py": ""}),
    (NO_ADAPTER, {"src/muster/runtime/planted.py": "def late():\n    import muster_postgres"}),
    (NO_ADAPTER, {"src/muster/ports/planted.py": UNDER_TYPE_CHECKING}),
    (INDEPENDENT, {"adapters/muster_postgres/planted.py": "import muster_memory"}),
    (SURFACE, {"adapters/muster_memory/planted.py": "import muster.application"}),
    (SURFACE, {"adapters/muster_memory/planted.py": "from muster.runtime import planted"}),
    (SURFACE, {"adapters/muster_trainer_http/planted.py": "import muster.http"}),
    (NO_TECHNOLOGY, {"src/muster/domain/planted.py": "from sqlalchemy import select"}),
    (NO_TECHNOLOGY, {"src/muster/ports/planted.py": "import asyncpg"}),
    (NO_TECHNOLOGY, {"src/muster/application/planted.py": "import litestar.di"}),
    (
        NO_CYCLES,
        {
            "src/muster/domain/planted_egg.py": "import muster.domain.planted_hen",
            "src/muster/domain/planted_hen.py": "import muster.domain.planted_egg",
        },
    ),
]


def lint(root: Path) -> tuple[int, set[str], str]:
    """Exit status, names of the broken contracts, and the whole output."""
    search_path = os.pathsep.join(str(root / source.name) for source in IMPORT_ROOTS)
    done = subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            *("--config", ROOT / "pyproject.toml", "--no-cache", "--no-logo"),
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": search_path, "COLUMNS": "200", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    broken = set(re.findall(r"^(.+) BROKEN", done.stdout, flags=re.MULTILINE))
    return done.returncode, broken, done.stdout


def test_the_tree_keeps_every_contract() -> None:
    status, broken, output = lint(ROOT)
    assert (status, broken) == (0, set()), output
    assert f"{len(CONTRACTS)} kept, 0 broken" in output


@pytest.mark.parametrize(("contract", "files"), PLANTS)
def test_a_planted_breach_is_noticed(tmp_path: Path, contract: str, files: dict[str, str]) -> None:
    for source in IMPORT_ROOTS:
        shutil.copytree(
            source, tmp_path / source.name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    status, broken, output = lint(tmp_path)
    assert status == 1, output
    assert contract in broken, output


def test_every_contract_has_a_planted_breach() -> None:
    assert {contract for contract, _ in PLANTS} == set(CONTRACTS)


@pytest.mark.parametrize("package", sorted(OUTSIDERS))
def test_every_adapter_and_plugin_is_bound(package: str) -> None:
    assert package in PYPROJECT["tool"]["importlinter"]["root_packages"]
    assert package in CONTRACTS[NO_ADAPTER]["forbidden_modules"]
    assert package in CONTRACTS[INDEPENDENT]["modules"]
    assert package in CONTRACTS[SURFACE]["source_modules"]
    assert package in CONTRACTS[NO_CYCLES]["ancestors"]
    shipped = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert package in {Path(path).name for path in shipped}
