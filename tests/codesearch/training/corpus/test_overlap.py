"""What the search is measured on never gets into a corpus: by repository, by code, by near copy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codesearch.training.corpus.errors import JudgedSetUnreadable
from codesearch.training.corpus.fingerprints import fingerprint
from codesearch.training.corpus.overlap import Judged, read_judged
from codesearch.training.corpus.sources import Source
from tests.codesearch.training.corpus.examples import (
    CHECKSUM,
    DEBOUNCE,
    RETRY,
    RETRY_WITHOUT_WORDS,
    SPREADSHEET,
    write_judged_set,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://github.com/Somebody/Retry.py/blob/00a7323a/src/retry.py#L3-L9"


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """Read a set of two functions, one of them with a repository."""
    documents = [
        {"id": "0", "language": "python", "code": RETRY_WITHOUT_WORDS, "url": URL},
        {"id": "1", "language": "javascript", "code": DEBOUNCE},
    ]
    return read_judged(write_judged_set(tmp_path, documents))


def _source(repository: str, **more: tuple[str, ...]) -> Source:
    return Source("pypi", "x", "1", "MIT", repository, **more)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (_source("somebody/retry.py"), "judged repository somebody/retry.py"),
        (_source("SOMEBODY/RETRY.PY"), "judged repository somebody/retry.py"),
        (_source("new/name", former_names=("somebody/retry.py",)), "judged repository somebody/retry.py"),
        (_source("moved/retry.py"), "perhaps judged repository somebody/retry.py"),
        (_source("moved/retry.py", distinct_from=("Somebody/Retry.py",)), ""),
        (_source("somebody/retry.py", distinct_from=("somebody/retry.py",)), "judged repository somebody/retry.py"),
        (_source("somebody/retry"), ""),
        (_source("somebody/else"), ""),
        (_source(""), ""),
    ],
)
def test_repositories(judged: Judged, source: Source, reason: str) -> None:
    """A judged repository goes whatever its case and former name; its bare name only if nobody looked."""
    assert judged.why_not_source(source) == reason


@pytest.mark.parametrize(
    ("code", "language"),
    [
        (RETRY_WITHOUT_WORDS, "python"),
        (RETRY, "python"),
        (RETRY.replace("    ", "  "), "python"),
        (RETRY.replace("    ", "\t").replace("\n", "\r\n"), "python"),
        ("@staticmethod\n" + RETRY.replace("retry_upload", "again"), "python"),
        (RETRY.replace("attempt", "number").replace("send", "call").replace("retry_upload", "f"), "python"),
        (DEBOUNCE.replace("export function debounce", "module.exports.wait = async function"), "javascript"),
        (DEBOUNCE.replace("  ", "").replace("\n", " ").replace("/**", "/*"), "javascript"),
    ],
)
def test_copies_of_judged_functions(judged: Judged, code: str, language: str) -> None:
    """Other white space, documentation taken away or added, another signature, other names: still the judged one."""
    assert judged.why_not(fingerprint(code, language)) == "judged function"


def test_near_copies_of_judged_functions(tmp_path: Path) -> None:
    """A function with a line more and a constant changed is a near copy."""
    long = SPREADSHEET.replace("return rows", "\n    ".join(f"rows.append(column_{i}(rows))" for i in range(12)))
    judged = read_judged(write_judged_set(tmp_path, [{"language": "python", "code": long}]))
    edited = long.replace("column_5(rows)", "column_5(rows, 7)").replace("rows = []", "rows = []\n    count = 0")
    assert judged.why_not(fingerprint(edited, "python")) == "near-duplicate of a judged function"


@pytest.mark.parametrize(
    ("code", "language"), [(SPREADSHEET, "python"), (CHECKSUM, "go"), ("int f() { return 1; }", "c")]
)
def test_other_functions_stay(judged: Judged, code: str, language: str) -> None:
    """A function that only solves a like task in like words is not judged."""
    assert judged.why_not(fingerprint(code, language)) == ""


def test_every_field_and_file_counts(tmp_path: Path) -> None:
    """JSON lists, plain and gzipped lines, all fields with code, projects without an owner."""
    (tmp_path / "repos.json").write_text(json.dumps([{"name": "e", "url": "https://github.com/a/B.git"}]))
    rows = [
        {"focal_function": RETRY, "project": "thing/src"},
        {"code": "short", "code_nodoc": SPREADSHEET},
        {"url": "git@example.org:c/d.git"},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    judged = read_judged(tmp_path)
    assert judged.repositories == {"a/b", "thing", "c/d"}
    assert judged.why_not_source(_source("anyone/Thing")) == "perhaps judged repository thing"
    for code in (RETRY_WITHOUT_WORDS, SPREADSHEET):
        assert judged.why_not(fingerprint(code, "python")) == "judged function"


@pytest.mark.parametrize("content", [b"no json\n", b'{"code": "x"}\n{"cod', b"\xff\xfe"])
def test_unreadable_set_is_an_error(tmp_path: Path, content: bytes) -> None:
    """A set that cannot be read must not count as one without overlap."""
    (tmp_path / "corpus.jsonl").write_bytes(content)
    with pytest.raises(JudgedSetUnreadable):
        read_judged(tmp_path)


def test_broken_gzip_and_empty_folder_are_errors(tmp_path: Path) -> None:
    """An archive that is cut off or overwritten, and a folder in which there is nothing to exclude."""
    with pytest.raises(JudgedSetUnreadable):
        read_judged(tmp_path)
    whole = write_judged_set(tmp_path, [{"code": RETRY, "language": "python"}]) / "set" / "corpus.jsonl.gz"
    content = whole.read_bytes()
    for damaged in (content[:-10], content[:10] + b"\xff" * 20):
        whole.write_bytes(damaged)
        with pytest.raises(JudgedSetUnreadable):
            read_judged(tmp_path)
