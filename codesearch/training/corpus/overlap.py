"""What must not be learned from: the functions and repositories that the search is measured on.

Training on a judged set's functions makes its figures worthless, so an example goes when any of these holds, for any
judged set below a folder:

- its source is a repository of the set: `owner/name` of a `url` or a former name of it; also the same bare name under
  another owner, because projects move, unless a person has looked (`distinct_from` in the list of sources). A judged
  `project` without an owner counts by its bare name;
- it is the same function as a judged one: all tokens alike, or all tokens of the body, or all but for consistent
  renaming (see `fingerprints`);
- it is a near copy: an estimated similarity of `NEAR_JUDGED` or more.

A set that cannot be read is an error, never a set that is not looked at.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING, Any

from codesearch.training.corpus.errors import JudgedSetUnreadable
from codesearch.training.corpus.fingerprints import fingerprint
from codesearch.training.corpus.near_duplicates import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codesearch.training.corpus.fingerprints import Fingerprint
    from codesearch.training.corpus.sources import Source

NEAR_JUDGED = 0.7  # looser than between examples: losing a good example costs little, keeping a judged one much

_CODE_FIELDS = ("code", "code_nodoc", "canonical_solution", "focal_function", "solution", "function")
_PATTERNS = ("*.jsonl", "*.jsonl.gz", "*.json", "*.json.gz")
_URL = re.compile(r"(?:https?://|git@|ssh://git@)[\w.-]+[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?(?:[/#?]|$)")
_LEAST_TOKENS_CHARACTERS = 40  # of judged code; shorter code says nothing about where a copy of it comes from


class Judged:
    """The repositories and functions of all judged sets that were read."""

    def __init__(self) -> None:
        self.repositories: set[str] = set()
        self._bare: dict[str, set[str]] = {}
        self._digests: set[bytes] = set()
        self._near = Seen(NEAR_JUDGED)

    @property
    def functions(self) -> int:
        """How many different digests of judged functions are known."""
        return len(self._digests)

    def add_repository(self, name: str) -> None:
        """Add `owner/name`, or a bare name whose owner is not known."""
        name = name.lower()
        self.repositories.add(name)
        self._bare.setdefault(name.rpartition("/")[2], set()).add(name)

    def add_code(self, code: str, language: str) -> None:
        """Add a judged function."""
        if len(code) < _LEAST_TOKENS_CHARACTERS:
            return
        one = fingerprint(code, language)
        if one.exact in self._digests:
            return
        self._digests.update(digest for digest in (one.exact, one.body, one.renamed) if digest)
        self._near.keep(one)

    def why_not_source(self, source: Source) -> str:
        """Return why a source is left out as a whole, or ""."""
        distinct = {name.lower() for name in source.distinct_from}
        for name in (source.repository, *source.former_names):
            if not name:
                continue
            if name.lower() in self.repositories:
                return f"judged repository {name.lower()}"
            same = self._bare.get(name.lower().rpartition("/")[2], set()) - distinct
            if same:
                return f"perhaps judged repository {min(same)}"
        return ""

    def why_not(self, one: Fingerprint) -> str:
        """Return why a function is left out, or ""."""
        if not self._digests.isdisjoint(digest for digest in (one.exact, one.body, one.renamed) if digest):
            return "judged function"
        return "near-duplicate of a judged function" if self._near.why_seen(one) else ""


def read_judged(folder: Path) -> Judged:
    """Read every judged set at or below a folder: JSON and JSON lines, gzipped or not.

    Of each record the fields count that hold code, a `url` and a `project`; `language` says how to read the code
    (Python if it is missing). Raises JudgedSetUnreadable for a file that is no JSON, and for a folder without one
    judged function or repository: then the folder is not what was meant.
    """
    judged = Judged()
    for path in sorted({path for pattern in _PATTERNS for path in folder.rglob(pattern)}):
        for record in _records(path):
            _add(judged, record)
    if not judged.repositories and not judged.functions:
        raise JudgedSetUnreadable(folder, "no judged function and no repository in it")
    return judged


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
        if path.name.removesuffix(".gz").endswith(".jsonl"):
            values = [json.loads(line) for line in text.split("\n") if line.strip()]
        else:
            value = json.loads(text)
            values = value if isinstance(value, list) else [value]
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise JudgedSetUnreadable(path, f"{type(error).__name__}: {error}") from error
    yield from (value for value in values if isinstance(value, dict))


def _add(judged: Judged, record: dict[str, Any]) -> None:
    url = record.get("url")
    if isinstance(url, str) and (found := _URL.match(url)):
        judged.add_repository(f"{found[1]}/{found[2]}")
    project = record.get("project")
    if isinstance(project, str) and project:
        judged.add_repository(project.partition("/")[0])
    language = record.get("language")
    for field in _CODE_FIELDS:
        code = record.get(field)
        if isinstance(code, str):
            judged.add_code(code, language if isinstance(language, str) else "python")
