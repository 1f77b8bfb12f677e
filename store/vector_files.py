"""The folder `vectors` of a library: which file is whose, whether it is whole, and replacing it.

A file is named REPOSITORY-MODEL-GENERATION.EXTENSION: the repository's id, the first digits of the SHA-256 of the
model's fingerprint, the generation of the rows that it was made from, and the backend's extension. So a stale file
is known by its name. One of few changes to a large one is named REPOSITORY-MODEL-GENERATION-from-ITS.EXTENSION and
stands beside it (`vector_changes`). A file holds what the backend wrote, or the changes, then a footer:

    magic (8 bytes)   length of what the backend wrote, number of vectors (8 bytes each)
    dimension, CRC-32 of the first and last 64 KiB that the backend wrote (4 bytes each)   all little-endian

The footer is written last, and the file then gets its name: one that has a name but no true footer is damaged, and
treated as absent. The checked ends hold what FAISS takes for structure and counts; between them lie vectors, and where
there are inverted lists their centres and sizes, which the backend compares with the number of vectors.

This module knows files; what belongs into them is asked by `dense`, the formats are the backends'.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from store.errors import LibraryNotWritable
from store.vectors import VectorFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from store.vectors import Batches, VectorBackend, VectorIndex

_FOOTER = struct.Struct("<8sQQII")
_MAGIC = b"CSVECT01"
_CHECKED_BYTES = 64 * 1024

# Enough hexadecimal digits to tell the few models of one user apart.
_MODEL_DIGITS = 12

# A file under construction is complete within minutes; an older one was left by a process that was killed.
_PARTIAL_LIFETIME_SECONDS = 24 * 3600

_NAME = re.compile(r"(?P<owner>\d+-[0-9a-f]+)-(?P<generation>\d+)(?:-from-(?P<whole>\d+))?\.(?P<extension>\w+)")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose vectors: a repository's, of one model."""

    repository_id: int
    model: str

    @property
    def prefix(self) -> str:
        """What the names of its files begin with."""
        return f"{self.repository_id}-{hashlib.sha256(self.model.encode()).hexdigest()[:_MODEL_DIGITS]}"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file is to hold: the vectors of `ids` (ascending, each once), which `read` yields for any part of them."""

    generation: int
    dimension: int
    ids: NDArray[np.int64]
    read: Callable[[NDArray[np.int64]], Batches]


class VectorFolder:
    """The vector files of a library, and those of them that this process has open.

    Args:
        folder: where the files are; made when the first is written.
        backend: how vectors are kept; None: `faiss_vectors.default_backend`, chosen when first needed.

    """

    def __init__(self, folder: Path, backend: VectorBackend | None = None) -> None:
        self._folder = folder
        self._backend = backend
        self._open: dict[Owner, tuple[int, VectorIndex]] = {}
        self._changing = threading.Lock()

    @property
    def backend(self) -> VectorBackend:
        """How vectors are kept."""
        if self._backend is None:
            from store.faiss_vectors import default_backend  # loads NumPy

            self._backend = default_backend()
        return self._backend

    def count(self, owner: Owner, generation: int) -> int | None:
        """Return the number of vectors of this very generation; None when there is no file of it."""
        return next((file.count for file in self._files(owner) if file.generation == generation), None)

    def index(self, owner: Owner, generation: int) -> VectorIndex | None:
        """Return the index of this very generation, or None."""
        with self._changing:
            held = self._open.get(owner)
            if held is not None and held[0] == generation:
                return held[1]
            return self._opened(owner, [file for file in self._files(owner) if file.generation == generation])

    def latest_index(self, owner: Owner) -> VectorIndex | None:
        """Return the newest index there is, of whatever generation, or None."""
        with self._changing:
            held = self._open.get(owner)
            newer = [file for file in self._files(owner) if held is None or file.generation > held[0]]
            return self._opened(owner, newer) or (held[1] if held else None)

    def update(self, owner: Owner, contents: Contents) -> VectorIndex:
        """Make the index that holds `contents` from the newest file there is, and put it in that file's place.

        Few changes to many vectors are put beside them.

        Raises:
            LibraryNotWritable: the file cannot be written; the index is open nevertheless.

        """
        with self._changing:
            index, whole = self._updated(owner, contents)
            self._open[owner] = (contents.generation, index)
            try:
                self._write(owner, contents, index, whole)
            except OSError as error:
                raise LibraryNotWritable(self._folder, str(error)) from error
            return index

    def in_memory(self, owner: Owner, contents: Contents) -> VectorIndex:
        """Make the index that holds `contents` and hold it open, without a file."""
        with self._changing:
            index, _ = self._updated(owner, contents)
            self._open[owner] = (contents.generation, index)
            return index

    def remove(self, repository_id: int) -> None:
        """Remove all files of a repository."""
        with self._changing:
            for owner in [owner for owner in self._open if owner.repository_id == repository_id]:
                del self._open[owner]
            for path in self._folder.glob(f"{repository_id}-*"):
                _unlink(path)

    def close(self) -> None:
        """Forget the open indexes."""
        with self._changing:
            self._open.clear()

    def _opened(self, owner: Owner, files: list[VectorFile]) -> VectorIndex | None:
        for file in files:
            with suppress(ValueError, OSError):  # damaged, or replaced just now
                index = self._read(file)
                self._open[owner] = (file.generation, index)
                return index
        return None

    def _read(self, file: VectorFile) -> VectorIndex:
        if file.whole is None:
            return self.backend.open(file)
        from store.vector_changes import read_changes  # loads NumPy

        return read_changes(file.path, self.backend.open(file.whole), file.count)

    def _updated(self, owner: Owner, contents: Contents) -> tuple[VectorIndex, VectorFile | None]:
        """Return the index that holds `contents`, and the whole file of which it has the changes, where it has."""
        import numpy as np

        for file in self._files(owner):
            if file.dimension != contents.dimension or file.whole is not None:
                continue
            with suppress(ValueError, OSError):
                index = self.backend.open(file)
                present = np.sort(index.ids)
                if (present[1:] > present[:-1]).all():  # each id once
                    return self._changed(file, index, present, contents)
        nothing = np.empty(0, dtype=np.int64)
        return self.backend.updated(None, contents.dimension, nothing, contents.read(contents.ids)), None

    def _changed(
        self, file: VectorFile, index: VectorIndex, present: NDArray[np.int64], contents: Contents
    ) -> tuple[VectorIndex, VectorFile | None]:
        import numpy as np

        from store.exact_vectors import ExactBackend
        from store.vector_changes import ChangedVectors, few_enough

        # Both are ascending already: to sort them again would take as long as all the rest.
        removed = np.setdiff1d(present, contents.ids, assume_unique=True)
        new = np.setdiff1d(contents.ids, present, assume_unique=True)
        added = contents.read(new)
        if not few_enough(index.count, len(removed) + len(new)):
            return self.backend.updated(file, contents.dimension, removed, added), None
        nothing = np.empty(0, dtype=np.int64)
        exact = ExactBackend().updated(None, contents.dimension, nothing, added)
        return ChangedVectors(index, removed, exact), file

    def _write(self, owner: Owner, contents: Contents, index: VectorIndex, whole: VectorFile | None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f"{owner.prefix}-{uuid4().hex}.partial"
        try:
            index.save(partial)
            with partial.open("r+b") as file:
                length = file.seek(0, os.SEEK_END)
                check = _check(file.fileno(), length)
                file.seek(0, os.SEEK_END)
                file.write(_FOOTER.pack(_MAGIC, length, index.count, index.dimension, check))
                file.flush()
                os.fsync(file.fileno())
            origin = "" if whole is None else f"-from-{whole.generation}"
            partial.replace(self._folder / f"{owner.prefix}-{contents.generation}{origin}.{self.backend.extension}")
        finally:
            _unlink(partial)
        self._remove_older(owner, contents.generation, None if whole is None else whole.path)

    def _remove_older(self, owner: Owner, generation: int, kept: Path | None) -> None:
        for path in self._folder.glob(f"{owner.prefix}-*"):
            match = _NAME.fullmatch(path.name)
            if path.suffix == ".partial":
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < time.time() - _PARTIAL_LIFETIME_SECONDS:
                        _unlink(path)
            elif match and int(match["generation"]) < generation and path != kept:
                _unlink(path)

    def _files(self, owner: Owner) -> list[VectorFile]:
        """Return the whole files of this backend and those of changes to them, the newest first."""
        found = list(self._read_footers(owner))
        whole = {file.generation: file for file, origin in found if origin is None}
        changes = [
            replace(file, whole=whole[origin])
            for file, origin in found
            if origin in whole and whole[origin].dimension == file.dimension
        ]
        return sorted([*whole.values(), *changes], key=lambda file: -file.generation)

    def _read_footers(self, owner: Owner) -> Iterator[tuple[VectorFile, int | None]]:
        """Yield the undamaged files, and of which generation the one is whose changes they hold, if they do."""
        for path in self._folder.glob(f"{owner.prefix}-*.{self.backend.extension}"):
            match = _NAME.fullmatch(path.name)
            if match is None or match["owner"] != owner.prefix:
                continue
            with suppress(OSError, ValueError):
                dimension, count = _footer(path)
                origin = int(match["whole"]) if match["whole"] else None
                yield VectorFile(path, int(match["generation"]), dimension, count), origin


def _footer(path: Path) -> tuple[int, int]:
    """Return dimension and number of vectors of a file; ValueError when it is not whole."""
    with path.open("rb") as file:
        length = file.seek(0, os.SEEK_END) - _FOOTER.size
        if length < 0:
            raise ValueError(f"{path.name} is too short")
        file.seek(length)
        magic, stated, count, dimension, check = _FOOTER.unpack(file.read(_FOOTER.size))
        if (magic, stated, check) != (_MAGIC, length, _check(file.fileno(), length)):
            raise ValueError(f"{path.name} is damaged")
    return dimension, count


def _check(descriptor: int, length: int) -> int:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        first = file.read(min(length, _CHECKED_BYTES))
        file.seek(max(0, length - _CHECKED_BYTES))
        return zlib.crc32(file.read(min(length, _CHECKED_BYTES)), zlib.crc32(first))


def _unlink(path: Path) -> None:
    with suppress(OSError):  # gone already, or still open in another process on Windows: removed next time
        path.unlink()
