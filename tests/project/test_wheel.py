"""The built wheel holds exactly what it should, and works alone in a clean environment."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGEST_WHEEL = 100 * 2**20


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the build backend that is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_holds_the_four_packages_and_nothing_else(wheel: Path) -> None:
    """The top level of the wheel is the four packages and the metadata."""
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert top == {"codesearch", "indexer", "store", "cli", "codesearch_codet5p-0.1.0.dist-info"}


def test_wheel_holds_every_tracked_source_file(wheel: Path) -> None:
    """What git tracks in the four packages is what the wheel holds, down to queries, weights and py.typed."""
    listing = ["git", "-C", str(ROOT), "ls-files", "codesearch", "indexer", "store", "cli"]
    tracked = set(subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split())
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == tracked


def test_wheel_is_small_enough(wheel: Path) -> None:
    """The wheel with its model stays under 100 MB."""
    assert wheel.stat().st_size < LARGEST_WHEEL


def test_wheel_carries_licences(wheel: Path) -> None:
    """LICENSE and NOTICE, which name the origin of the bundled weights, travel with the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        licences = {Path(name).name for name in archive.namelist() if "/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_wheel_works_beside_folders_of_the_same_names(wheel: Path, tmp_path: Path) -> None:
    """Installed alone, the console script answers in a folder that has its own `cli`, `store` and `indexer`."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", str(environment)], check=True)
    python = environment / "bin" / "python"
    site = subprocess.run(
        [sys.executable, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--ignore-installed", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    # The dependencies are those of the environment that runs the tests; ours come from the wheel, which stands first.
    (target,) = environment.glob("lib/python*/site-packages")
    (target / "dependencies.pth").write_text(site + "\n")
    project = tmp_path / "project"
    for name in ("cli", "store", "indexer"):
        (project / name).mkdir(parents=True)
        (project / name / "__init__.py").write_text("raise SystemExit('the wrong package was imported')\n")
    (project / "upload.py").write_text("def retry_upload(send):\n    for _ in range(3):\n        send()\n")
    found = subprocess.run(
        [str(environment / "bin" / "codesearch"), "search", "retry failed uploads", "--library", str(tmp_path / "lib")],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "retry_upload" in found.stdout
