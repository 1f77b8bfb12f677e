"""Small functions in several languages that the tests of the corpus share, and archives made of them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

RETRY = '''def retry_upload(send, attempts):
    """Send again until it works or there are no attempts left.

    Args:
        send: what to call
    """
    # wait a little longer each time
    for attempt in range(attempts):
        try:
            return send()
        except OSError:
            time.sleep(2 ** attempt)
    raise UploadFailed(attempts)
'''
RETRY_WITHOUT_WORDS = """def retry_upload(send, attempts):
    for attempt in range(attempts):
        try:
            return send()
        except OSError:
            time.sleep(2 ** attempt)
    raise UploadFailed(attempts)
"""
SPREADSHEET = '''def read_table(path, delimiter):
    """Read a table of numbers from a text file with one row on each line."""
    rows = []
    with open(path) as stream:
        for line in stream:
            fields = line.strip().split(delimiter)
            rows.append([float(field) for field in fields])
    return rows
'''
CHECKSUM = """// Sums the bytes of a message modulo 256, as the old protocol wants it.
func Checksum(message []byte) byte {
\tvar sum byte
\tfor _, value := range message {
\t\tsum += value
\t}
\treturn sum
}
"""
DEBOUNCE = """/**
 * Creates a function that waits until calls have stopped.
 * @param {Function} call what to do then
 */
export function debounce(call, wait) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...values), wait);
  };
}
"""


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write files (path to text) below `root` and return it."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def tar_of(files: Mapping[str, str], extra: Sequence[tarfile.TarInfo] = ()) -> bytes:
    """Return a gzipped tar with files (path to text) and some members without content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member in extra:
            tar.addfile(member)
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def write_judged_set(folder: Path, documents: Sequence[Mapping[str, str]]) -> Path:
    """Write documents as the corpus of a judged set below `folder`, and return `folder`."""
    (folder / "set").mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(dict(document)) + "\n" for document in documents)
    (folder / "set" / "corpus.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder
