"""What has changed since the last run? The walk's findings against what the library remembers, without reading a file.

A file is unchanged when its size, its time (`walk.last_change_ns`) and its stamp are the same. The stamp is the
beginning of the digest under which its content was kept: it says by which version of the indexer the file was read,
and whether a `.codesearchignore` insisted on it, so that a new version reads everything again, and so does a changed
wish.

The time of a file says nothing when the file may have been written again within the same tick of the file system's
clock (git calls it racy). The time of a file that young is kept as 0, and so its content is compared in the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from store import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.found_files import FoundFile

INDEXER_VERSION = 2  # raise it with any change to what `split`, `describe` or the content checks make of a file

_CONTENT_DIGEST_BYTES = 16
_RACY_NS = 2_000_000_000  # the coarsest clock of a file system in use is FAT's, two seconds


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run has to do.

    `to_read` are files that are new, then those that may have changed; `left_out` are entries that the library does
    not know like this; `gone` are paths that it knows and the walk did not find; `unchanged` counts searched files.
    `reasons` has the reason of every path that is left out, as far as it is known without reading.
    """

    to_read: tuple[FoundFile, ...]
    left_out: tuple[SourceFile, ...]
    gone: tuple[str, ...]
    unchanged: int
    reasons: Mapping[str, str]


def find_changes(found: Iterable[FoundFile], known: Mapping[str, SourceFile]) -> Changes:
    """Compare what the walk found with what the library knows by path."""
    new, changed, left_out, paths = [], [], [], set()
    reasons: dict[str, str] = {}
    unchanged = 0
    for file in found:
        paths.add(file.path)
        before = known.get(file.path)
        if file.skip_reason:
            reasons[file.path] = file.skip_reason
            if before is None or before.digest or before.skip_reason != file.skip_reason:
                # Without size and time: an ignored log that grows is no change.
                left_out.append(SourceFile(file.path, "", 0, 0, b"", file.skip_reason))
        elif before is None:
            new.append(file)
        elif not _is_unchanged(file, before):
            changed.append(file)
        elif before.skip_reason:
            reasons[file.path] = before.skip_reason
        else:
            unchanged += 1
    gone = tuple(path for path in known if path not in paths)
    # New ones first: where runs are cut short again and again, each gets further than the one before.
    return Changes((*new, *changed), tuple(left_out), gone, unchanged, reasons)


def content_digest(content: bytes, *, insisted: bool) -> bytes:
    """Return the stamp and the hash of a file's content: the same digest means the same definitions."""
    return _stamp(insisted=insisted) + blake2b(content, digest_size=_CONTENT_DIGEST_BYTES).digest()


def time_to_keep(modified_ns: int, read_at_ns: int) -> int:
    """Return the modification time to remember for a file that was read at `read_at_ns`: 0 when it is not reliable.

    A time in the future, from a machine whose clock is ahead, is not reliable either.
    """
    return modified_ns if modified_ns < read_at_ns - _RACY_NS else 0


def _is_unchanged(file: FoundFile, before: SourceFile) -> bool:
    return (
        before.modified_ns == file.modified_ns
        and before.size == file.size
        and before.digest.startswith(_stamp(insisted=file.insisted))
    )


def _stamp(*, insisted: bool) -> bytes:
    return bytes((INDEXER_VERSION, insisted))
