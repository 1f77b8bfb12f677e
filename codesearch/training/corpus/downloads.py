"""How a source gets here: each ecosystem's own client fetches the exact version, once, into a folder of downloads.

What is there already is not fetched again. Python packages come as wheels, npm packages as `npm pack` makes them,
Debian's as binary packages (which hold the source for Go, Ruby, PHP and Rust) or source packages (`src:`, for which
the machine's apt needs a `deb-src` line), repositories from a folder of bare mirrors or by git. Nothing that is
fetched is run: a source distribution of PyPI is only used when it lies in the folder already.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.training.corpus.errors import SourceUnavailable
from codesearch.training.corpus.unpacking import unpack, unpack_tar_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch.training.corpus.sources import Source

_PATIENCE = 900  # seconds for one source; the largest, 90 MB, takes half a minute on a slow line
_DETAIL_CHARACTERS = 300  # of what a client says when it fails
_GIT_FOLDERS = ("", ".git", "repo", "repo/.git")  # where a mirror may keep its objects


def unpacked(source: Source, downloads: Path, into: Path, mirrors: Path | None = None) -> Path:
    """Return a folder with the files of a source: unpacked below `into`, or for a folder of this machine itself.

    The archive is looked for below `downloads` first. Raises SourceUnavailable.
    """
    if source.ecosystem == "folder":
        return _own_folder(source)
    try:
        if source.ecosystem == "git":
            _unpack_repository(source, downloads, into, mirrors)
        else:
            for archive in _archives(source, downloads / source.ecosystem):
                unpack(archive, into)
    except (OSError, ValueError) as error:
        raise SourceUnavailable(source.key, str(error)) from error
    return into


def _own_folder(source: Source) -> Path:
    folder = Path(source.package)
    if not folder.is_dir():
        raise SourceUnavailable(source.key, "there is no such folder")
    return folder


def _archives(source: Source, folder: Path) -> list[Path]:
    """Return the archives of a source, fetched if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = _kept(source, folder)
    if not kept:
        detail = _run(_command(source, folder), folder)
        kept = _kept(source, folder)
        if not kept:
            raise SourceUnavailable(source.key, detail or "its client fetched nothing")
    return kept


def _kept(source: Source, folder: Path) -> list[Path]:
    """Return the archives of exactly this version in the folder."""
    pattern = _ARCHIVE_NAMES[source.ecosystem](source)
    return sorted(path for path in folder.iterdir() if re.fullmatch(pattern, path.name, re.IGNORECASE))


def _pypi_names(source: Source) -> str:
    name = re.sub(r"[-_.]+", "[-_.]", source.package)
    return rf"{name}-{re.escape(source.version)}(-.*\.whl|\.tar\.gz|\.zip)"


def _npm_names(source: Source) -> str:
    name = source.package.removeprefix("@").replace("/", "-")
    return rf"{re.escape(name)}-{re.escape(source.version)}\.tgz"


def _debian_names(source: Source) -> str:
    version = re.sub(r"^\d+:", "", source.version)
    if source.package.startswith("src:"):
        upstream = version.rpartition("-")[0] or version
        name = re.escape(source.package.removeprefix("src:"))
        return rf"{name}_{re.escape(upstream)}(\.orig(-\w+)?)?\.tar\.\w+"
    # apt writes the epoch's colon as %3a
    return rf"{re.escape(source.package)}_(\d+%3a)?{re.escape(version)}_\w+\.deb"


_ARCHIVE_NAMES = {"pypi": _pypi_names, "npm": _npm_names, "debian": _debian_names}


def _command(source: Source, folder: Path) -> list[str]:
    if source.ecosystem == "pypi":
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        return [*pip, "--only-binary", ":all:", f"{source.package}=={source.version}"]  # others run their own code
    if source.ecosystem == "npm":
        return ["npm", "pack", "--silent", "--ignore-scripts", f"{source.package}@{source.version}"]
    if source.package.startswith("src:"):
        wanted = f"{source.package.removeprefix('src:')}={source.version}"
        return ["apt-get", "source", "--quiet", "--download-only", "--only-source", wanted]
    return ["apt-get", "download", "--quiet", f"{source.package}={source.version}"]


def _run(command: Sequence[str], folder: Path) -> str:
    """Run a client in the folder of downloads and return why it failed, or ""."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip()[-_DETAIL_CHARACTERS:] or f"exit {done.returncode}"


def _unpack_repository(source: Source, downloads: Path, into: Path, mirrors: Path | None) -> None:
    """Unpack one revision of a repository by way of `git archive`, which leaves out links' targets and modules."""
    mirror = _mirror(source, mirrors) or _fetched(source, downloads / "git")
    command = ["git", f"--git-dir={mirror}", "archive", "--format=tar", source.version]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_git_environment()
    ) as process:
        assert process.stdout is not None
        try:
            unpack_tar_stream(process.stdout, into)
        finally:
            process.stdout.close()
    if process.returncode != 0:
        raise SourceUnavailable(source.key, f"git has no revision {source.version}")


def _mirror(source: Source, mirrors: Path | None) -> Path | None:
    """Return the git directory of a mirror called `owner+name` that has the revision, if there is one."""
    wanted = source.package.replace("/", "+").lower()
    if mirrors is None or not mirrors.is_dir():
        return None
    for folder in sorted(mirrors.iterdir()):
        if folder.name.lower().removesuffix(".git") == wanted:
            for inside in _GIT_FOLDERS:
                if (folder / inside / "HEAD").is_file() and _has_revision(folder / inside, source.version):
                    return folder / inside
    return None


def _fetched(source: Source, folder: Path) -> Path:
    """Fetch one revision of a repository, without its history, into a bare repository of ours."""
    target = folder / source.package.replace("/", "+")
    if (target / "HEAD").is_file() and _has_revision(target, source.version):
        return target
    target.mkdir(parents=True, exist_ok=True)
    git = ["git", f"--git-dir={target}"]
    url = f"https://github.com/{source.package}.git"
    fetch = [*git, "fetch", "--quiet", "--depth", "1", url, source.version]
    keep = [*git, "update-ref", f"refs/tags/{source.version}", "FETCH_HEAD"]
    for command in ([*git, "init", "--quiet", "--bare"], fetch, keep):
        detail = _run(command, target)
        if detail:
            raise SourceUnavailable(source.key, detail)
    return target


def _has_revision(git_directory: Path, revision: str) -> bool:
    command = ["git", f"--git-dir={git_directory}", "cat-file", "-e", f"{revision}^{{commit}}"]
    return subprocess.run(command, capture_output=True, check=False, env=_git_environment()).returncode == 0


def _git_environment() -> dict[str, str]:
    """Return the environment without what would make git look elsewhere or ask somebody."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
