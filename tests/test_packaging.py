"""What is built installs into an empty environment and works there."""

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = [Path(folder) for folder in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]
DEMO_TIMEOUT_S = 300


def files_of(folder: Path) -> set[str]:
    """Return every file of a package under the name it has to have once installed."""
    return {
        (folder.name / path.relative_to(ROOT / folder)).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and the wheel from what is in it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel as a user does; return the folder of its commands."""
    home = tmp_path_factory.mktemp("user") / "venv"
    venv.create(home, with_pip=True)
    commands = home / ("Scripts" if os.name == "nt" else "bin")
    # Uncompiled, for speed: most of what is installed is never imported here.
    pip: list[str | Path] = [commands / "python", "-m", "pip", "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--no-compile"]
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement"]
    subprocess.run([*install, *locked, ROOT / "requirements/base.txt"], check=True)
    subprocess.run([*install, "--no-deps", wheel], check=True)
    return commands


def test_the_wheel_holds_the_four_packages_and_all_their_files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in names} == {
        "fiscal",
        "kkt_client",
        "mock_ofd",
        "ofd_server",
    }
    assert names == set().union(*map(files_of, FOLDERS))
    assert all(f"{folder.name}/py.typed" in names for folder in FOLDERS)


def test_the_source_distribution_can_be_tested(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        ".ci/run",
        "LICENSE",
        "Makefile",
        "README.md",
        "compose.yaml",
        "pyproject.toml",
        "requirements/base.txt",
        "requirements/dev.txt",
        "tests/conftest.py",
        "tests/requirements.toml",
    } <= names


def test_the_locked_files_name_every_dependency():
    base = (ROOT / "requirements/base.txt").read_text(encoding="utf-8")
    dev = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8")
    pinned = {line for line in base.splitlines() if "==" in line}
    missing = {line for line in pinned if line.partition(" ")[0] not in dev}
    assert not missing, "dev.txt has another version of what base.txt has"
    names = {line.partition("==")[0] for line in pinned}
    wanted = {line.partition(">=")[0] for line in PROJECT["project"]["dependencies"]}
    assert wanted <= names
    extras = {
        each.partition(">=")[0] for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra
    }
    assert extras <= {line.partition("==")[0] for line in dev.splitlines()}


def test_only_what_is_needed_is_installed(installed):
    listed = subprocess.run(
        [installed / "python", "-m", "pip", "--disable-pip-version-check", "list", "--format=json"],
        check=True,
        capture_output=True,
        text=True,
    )
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert "mock-ofd" in names
    extras = {
        each.partition(">=")[0] for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra
    }
    assert not names & {"playwright", "locust", "asyncpg", "pytest", *extras}


def test_what_needs_an_extra_says_which(installed):
    def fails(*command: str | Path) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    assert "pip install 'mock-ofd[watch]'" in fails(installed / "mock-ofd", "watch")
    draw = "from fiscal.rendering.files import FileKind, _drawn; _drawn(None, FileKind.{}, 48)"
    for kind in ("PNG", "PDF"):
        assert "pip install 'mock-ofd[files]'" in fails(installed / "python", "-c", draw.format(kind))


def test_the_installed_command_runs_its_demo(installed, tmp_path):
    result = subprocess.run(
        [installed / "mock-ofd", "demo", "--json"],
        cwd=tmp_path,
        env={"PATH": str(installed), "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=DEMO_TIMEOUT_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["verdict"] == "clean"
