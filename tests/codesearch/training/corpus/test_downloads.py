"""Archives that are there are used, what is missing is named with the reason, and repositories come from mirrors."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from codesearch.training.corpus.downloads import unpacked
from codesearch.training.corpus.errors import SourceUnavailable
from codesearch.training.corpus.sources import Source, own_repository
from tests.codesearch.training.corpus.examples import RETRY, tar_of, write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put clients that fail in front of the real ones, so that no test reaches a registry."""
    clients = tmp_path / "clients"
    clients.mkdir()
    for name in ("npm", "apt-get"):
        (clients / name).write_text("#!/bin/sh\necho no such package >&2\nexit 1\n")
        (clients / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{clients}:/usr/bin:/bin")


def _source(ecosystem: str, package: str, version: str) -> Source:
    return Source(ecosystem, package, version, "MIT")


@pytest.mark.parametrize(
    ("ecosystem", "package", "version", "archive"),
    [
        ("pypi", "some.Name", "1.0", "some_name-1.0.tar.gz"),
        ("npm", "@scope/name", "2.0.1", "scope-name-2.0.1.tgz"),
        ("debian", "golang-one-dev", "1:2.0-3", "golang-one-dev_1%3a2.0-3_all.deb.tar"),
        ("debian", "src:one", "1:2.0+dfsg-3+b1", "one_2.0+dfsg.orig.tar.gz"),
    ],
)
def test_kept_archives_are_used(tmp_path: Path, ecosystem: str, package: str, version: str, archive: str) -> None:
    """The file that each client writes is recognised as exactly this version; then no client is asked."""
    archive = archive.removesuffix(".tar")
    content = tar_of({"top/a.py": RETRY})
    if archive.endswith(".deb"):
        header = b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (b"data.tar.gz", 0, 0, 0, 0o644, len(content))
        content = b"!<arch>\n" + header + content
    folder = tmp_path / "downloads" / ecosystem
    folder.mkdir(parents=True)
    (folder / archive).write_bytes(content)
    root = unpacked(_source(ecosystem, package, version), tmp_path / "downloads", tmp_path / "into")
    assert (root / "top" / "a.py").read_text() == RETRY
    with pytest.raises(SourceUnavailable):  # the neighbouring version is not taken for it
        unpacked(_source("npm", package, version + "9"), tmp_path / "downloads", tmp_path / "other")


@pytest.mark.parametrize("ecosystem", ["npm", "debian"])
def test_client_that_fails(tmp_path: Path, ecosystem: str) -> None:
    """What the client said is in the error."""
    with pytest.raises(SourceUnavailable) as caught:
        unpacked(_source(ecosystem, "nothing", "1.0"), tmp_path / "downloads", tmp_path / "into")
    assert caught.value.key == f"{ecosystem}:nothing"
    assert "no such package" in caught.value.detail


def test_broken_archive_is_unavailable(tmp_path: Path) -> None:
    """An archive that cannot be unpacked costs one source, not the build."""
    (tmp_path / "npm").mkdir()
    (tmp_path / "npm" / "one-1.0.tgz").write_bytes(b"cut short")
    with pytest.raises(SourceUnavailable):
        unpacked(_source("npm", "one", "1.0"), tmp_path, tmp_path / "into")


@pytest.fixture
def mirror(tmp_path: Path) -> tuple[Path, str]:
    """Make a folder of mirrors with one repository of two commits; return it and the first commit."""
    work = write_files(tmp_path / "work", {"src/a.py": RETRY})
    git = ["git", "-C", str(work), "-c", "user.name=n", "-c", "user.email=e"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    first = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    write_files(work, {"src/a.py": "changed = 1\n"})
    subprocess.run([*git, "commit", "-qam", "two"], check=True)
    mirrors = tmp_path / "mirrors"
    mirrors.mkdir()
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(mirrors / "Some+Thing" / "repo")], check=True)
    return mirrors, first


def test_mirror_gives_the_listed_revision(tmp_path: Path, mirror: tuple[Path, str]) -> None:
    """The commit that is listed, not the newest; the mirror's name in any case."""
    mirrors, first = mirror
    root = unpacked(_source("git", "some/thing", first), tmp_path / "downloads", tmp_path / "into", mirrors)
    assert (root / "src" / "a.py").read_text() == RETRY


def test_folder_is_read_where_it_is(tmp_path: Path) -> None:
    """A person's own folder is not copied; one that is not there is unavailable."""
    assert unpacked(own_repository(tmp_path), tmp_path / "downloads", tmp_path / "into") == tmp_path
    with pytest.raises(SourceUnavailable):
        unpacked(own_repository(tmp_path / "nothing"), tmp_path / "downloads", tmp_path / "into")
