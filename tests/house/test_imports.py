"""Down by import, up by event: the contracts of pyproject.toml hold, and they bite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path) -> tuple[int, str]:
    """Run import-linter in a folder that has pyproject.toml and the package."""
    program = (
        "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_the_import_rules_hold() -> None:
    status, said = lint(ROOT)
    assert status == 0, said
    assert "0 broken" in said


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package's modules and rules, in a place where they may be spoiled."""
    ours = shutil.ignore_patterns("__pycache__", "static", "templates", "*.json", "_migrations")
    shutil.copytree(ROOT / "civicboard", tmp_path / "civicboard", ignore=ours)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "source", "contract"),
    [
        ("stray.py", "", "Floors"),
        ("offers/helpers.py", "", "Rooms"),
        ("posts/queries.py", "import starlette.requests\n", "The rooms below the doors"),
        ("offers/routes.py", "import sqlalchemy\n", "Doors contain no SQL"),
        ("places/actions.py", "import civicboard.offers.events\n", "Floors"),
        ("kit/clock.py", "import civicboard.people.models\n", "Floors"),
    ],
)
def test_they_bite(copy: Path, module: str, source: str, contract: str) -> None:
    """A stray folder or room, a door with SQL, an import upwards: each is found."""
    spoiled = copy / "civicboard" / module
    before = spoiled.read_text() if spoiled.exists() else "from __future__ import annotations\n"
    spoiled.write_text(f"{before}\n{source}")
    status, said = lint(copy)
    assert status == 1, said
    broken = [line for line in said.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), said
