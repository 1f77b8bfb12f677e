"""From an archive to a folder of source files, trusting nothing in it.

Regular files only, each below the folder, each small enough for the indexer, a bounded number of them and of their
bytes: no links, no devices, no path that leads out. What a package carries besides its source (documentation of the
distribution, metadata) stays in the archive.
"""

from __future__ import annotations

import io
import lzma
import re
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST_FILE = 1_000_000  # bytes; the indexer reads none above
MOST_FILES = 120_000  # of one source; the largest listed has half of that
MOST_BYTES = 2_000_000_000  # of one source, unpacked

_AR_MAGIC = b"!<arch>\n"
_AR_HEADER = 60
_LEFT_OUT = ("usr/share/doc/", "usr/share/man/", "usr/share/lintian/", "usr/share/bug/", "usr/share/ri/")
_INSTALLED = re.compile(  # where Debian puts what was the top of a repository
    r"usr/(?:share/gocode/src/[^/]+/|share/cargo/registry/[^/]+/|share/php/|(?:share|lib)/ruby/vendor_ruby/"
    r"|(?:share|lib)/(?:[^/]+/)?rubygems-integration/[^/]+/gems/[^/]+/)"
)
# What the readers of the formats raise for bytes that are none of theirs; ValueError besides.
_UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, NotImplementedError)
_METADATA = (".dist-info", ".egg-info", ".data")

Member = tuple[str, int, "Callable[[], bytes]"]
"""A regular file of an archive: its path there, its size in bytes, and how to read it."""


def unpack(archive: Path, into: Path) -> int:
    """Unpack a wheel, zip, tar, gem or Debian package below `into`; return the number of files written.

    Raises ValueError for what is no such archive or exceeds the bounds, and OSError when it cannot be read.
    """
    into.mkdir(parents=True, exist_ok=True)
    try:
        return _write(_members(archive), into)
    except _UNREADABLE as error:
        raise ValueError(f"{archive.name}: {type(error).__name__}: {error}") from error


def unpack_tar_stream(stream: IO[bytes], into: Path) -> int:
    """Unpack an uncompressed tar from a pipe, as `unpack` does."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            return _write(_tar_members(tar), into)
    except _UNREADABLE as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def top_folder(root: Path) -> Path:
    """Descend from `root` while there is nothing beside a single folder: archives wrap what they hold."""
    while True:
        entries = list(root.iterdir())
        if len(entries) != 1 or not entries[0].is_dir():
            return root
        root = entries[0]


def _members(archive: Path) -> Iterator[Member]:
    with archive.open("rb") as stream:
        beginning = stream.read(len(_AR_MAGIC))
    if beginning == _AR_MAGIC:
        with tarfile.open(fileobj=io.BytesIO(_debian_data(archive))) as tar:
            yield from _tar_members(tar)
    elif zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                if not entry.is_dir():
                    yield entry.filename, entry.file_size, lambda entry=entry: zipped.read(entry)  # type: ignore[misc]
    else:
        with tarfile.open(archive) as tar:
            yield from _tar_members(tar)


def _tar_members(tar: tarfile.TarFile) -> Iterator[Member]:
    for entry in tar:
        if entry.isreg():
            yield entry.name, entry.size, lambda entry=entry: _extracted(tar, entry)  # type: ignore[misc]


def _extracted(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(entry)
    return b"" if stream is None else stream.read()


def _debian_data(archive: Path) -> bytes:
    """Return the compressed tar with the files of a Debian package, which is an `ar` archive of three members."""
    content = archive.read_bytes()
    position = len(_AR_MAGIC)
    while position + _AR_HEADER <= len(content):
        header = content[position : position + _AR_HEADER]
        size = int(header[48:58])
        start = position + _AR_HEADER
        if header[:16].startswith(b"data.tar"):
            return content[start : start + size]
        position = start + size + size % 2
    raise ValueError(f"{archive.name}: no data in this package")


def _write(members: Iterator[Member], into: Path) -> int:
    files = size = 0
    for name, length, read in members:
        relative = _safe_path(name)
        if relative is None or length > LARGEST_FILE:
            continue
        files, size = files + 1, size + length
        if files > MOST_FILES or size > MOST_BYTES:
            raise ValueError(f"more than {MOST_FILES} files or {MOST_BYTES} bytes")
        target = into / relative
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                stream.write(read())
        except (FileExistsError, NotADirectoryError):  # the archive names a path twice, or a file as a folder
            continue
    return files


def _safe_path(name: str) -> Path | None:
    """Return where below the folder a member goes, or None if it goes nowhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or not parts or ".." in parts or any("\0" in part or ":" in part for part in parts):
        return None
    if ".git" in parts or "/".join(parts).startswith(_LEFT_OUT) or parts[0].endswith(_METADATA):
        return None
    return Path(_INSTALLED.sub("", "/".join(parts), count=1))
