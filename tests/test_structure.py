"""The import contracts in pyproject.toml bite, and there is no cycle between any two modules."""

import graphlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "fiscal": "shared/fiscal",
    "mock_ofd": "shared/mock_ofd",
    "ofd_server": "ofd_server",
    "kkt_client": "kkt_client",
}


def test_no_module_imports_itself_in_a_circle():
    # acyclic_siblings compares the children of a package; this sees __init__.py too.
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    graphlib.TopologicalSorter(imports).prepare()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in PACKAGES.values():
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(tree), str(tree / "shared")])
    # No cache: its key is the name of a package, and the packages of this copy have the names of ours.
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", command],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("offender", "line", "contract"),
    [
        ("ofd_server/core", "import kkt_client.core", "Server and client are strangers"),
        ("shared/fiscal/domain", "import fiscal.wire", "The layers of fiscal"),
        ("shared/fiscal/undeclared", "", "The layers of fiscal"),
        ("shared/fiscal/protocols/native", "import fiscal.protocols.kz", "Protocols do not know"),
        ("ofd_server/core", "import ofd_server.service", "The layers of the server"),
        ("ofd_server/storage", "import ofd_server.gateways", "The layers of the server"),
        ("kkt_client/core", "import kkt_client.delivery", "The layers of the client"),
        ("ofd_server/storage/sqlite", "import ofd_server.storage.memory", "Adapters of one kind"),
        ("shared/fiscal/domain", "import time", "Pure code"),
        ("kkt_client/core", "from random import random", "Pure code"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(copy, offender, line, contract):
    # What the line imports may be a module that nobody has written yet.
    imported = line.removeprefix("import ").replace(".", "/")
    for target in (copy / imported, copy / "shared" / imported):
        if "." in line and target.parent.is_dir() and not target.with_suffix(".py").exists():
            target.mkdir(exist_ok=True)
            (target / "__init__.py").touch()
    module = copy / offender
    if module.with_suffix(".py").exists():
        module.with_suffix(".py").unlink()
    module.mkdir(exist_ok=True)
    (module / "offender.py").write_text(f"{line}\n", encoding="utf-8")
    (module / "__init__.py").touch()

    result = lint_imports(copy)

    broken = [row for row in result.stdout.splitlines() if re.search(r" BROKEN( \(\d+ ignored imports\))?$", row)]
    assert any(contract in row for row in broken), result.stdout + result.stderr
    assert result.returncode == 1


def test_a_cycle_breaks_its_contract(copy):
    for module, other in (("one", "two"), ("two", "one")):
        path = copy / "kkt_client/core" / f"{module}_offender.py"
        path.write_text(f"import kkt_client.core.{other}_offender\n", encoding="utf-8")

    result = lint_imports(copy)

    assert "No cycles BROKEN" in result.stdout
    assert result.returncode == 1
