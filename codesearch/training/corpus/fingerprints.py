"""When are two functions the same? Fingerprints of code that do not see white space, comments or documentation.

Four of them, from strict to loose:

- `exact`: all tokens in their order, names kept.
- `body`: the same without what stands before the body, so that `export`, another name, another visibility or types
  in the signature make no difference.
- `renamed`: each identifier replaced by the number of its first appearance, so that consistently renamed code is the
  same.
- `sketch`: a MinHash of the 5-grams of tokens (Broder, 1997); the share of equal entries of two sketches estimates the
  Jaccard similarity of the sets of 5-grams.

One scanner reads all languages. Where it misjudges (a `#` that is no comment in a language it does not know well), it
misjudges both sides alike. Deciding with fingerprints is left to `near_duplicates` and `overlap`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

import numpy as np

GRAM = 5  # tokens; shorter ones are shared by unrelated code, longer ones miss code with many small edits
SKETCH = 64  # entries: the estimate has a standard error of 0.05 at a similarity of 0.8
LEAST_BODY = 12  # tokens; below that bodies are alike by chance (`{ return this.name; }`)
LEAST_RENAMED = 30  # tokens; short code is alike by chance when its names do not count

_HASH_COMMENTS = frozenset({"python", "ruby", "bash", "perl", "elixir", "julia", "powershell", "php"})
_DASH_COMMENTS = frozenset({"haskell", "lua"})
_STRINGS = r"""(?P<string>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"""
_TRIPLE = r"""(?P<docstring>[rRuUbBfF]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''))"""
_WORDS = r"(?P<word>[^\W\d]\w*|\d[\w.]*)|(?P<sign>[^\s\w])"
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """and as assert async await begin bool boolean break byte case catch char class const continue def default
        defer del do double elif else elsif end ensure enum except export extends extern false final finally
        float fn for foreach from func function global go goto if implements import in instanceof int
        interface is lambda let long loop map match module mut namespace new next nil none None not null
        nullptr or override package pass private protected pub public raise range rescue return self Self
        short signed sizeof static string String struct super switch then this throw throws true True False
        try type typedef typeof union unless unsigned until use using val var virtual void volatile when
        where while with yield""",
    )
)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIERS = np.array(
    [int.from_bytes(blake2b(bytes([i]), digest_size=8).digest(), "big") | 1 for i in range(SKETCH)], dtype=np.uint64
)
_OFFSETS = np.array(
    [int.from_bytes(blake2b(bytes([i, 1]), digest_size=8).digest(), "big") for i in range(SKETCH)], dtype=np.uint64
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The fingerprints of one function; `body` and `renamed` are empty where the code is too short for them.

    The digests are 16 bytes; `sketch` holds `SKETCH` unsigned integers of 32 bits.
    """

    exact: bytes
    body: bytes
    renamed: bytes
    sketch: bytes


def fingerprint(code: str, language: str) -> Fingerprint:
    """Return the fingerprints of a function in a language (a name of the indexer's)."""
    everything = tokens(code, language)
    found = _without_decorators(everything)
    body = _body(found, language)
    return Fingerprint(
        exact=_digest(found),
        body=_digest(body) if len(body) >= LEAST_BODY else b"",
        renamed=_digest(_renamed(found)) if len(found) >= LEAST_RENAMED else b"",
        sketch=_sketch(found).tobytes(),
    )


def similarity(one: bytes, other: bytes) -> float:
    """Estimate the Jaccard similarity of two functions from their sketches, between 0 and 1."""
    equal = np.frombuffer(one, np.uint32) == np.frombuffer(other, np.uint32)
    return float(np.count_nonzero(equal)) / SKETCH


def tokens(code: str, language: str) -> list[str]:
    """Return the tokens of code without comments, documentation strings and white space."""
    found: list[str] = []
    for match in _scanner(language).finditer(code):
        group = match.lastgroup
        if group is None or group == "comment":
            continue
        if group == "docstring" and (not found or found[-1] in {":", ";"}):
            continue
        found.append(match.group())
    if language in {"", "python"} and len(found) > 1:
        return _without_short_docstring(found)
    return found


def _scanner(language: str) -> re.Pattern[str]:
    known = _SCANNERS.get(_comment_style(language))
    assert known is not None
    return known


def _comment_style(language: str) -> str:
    if language == "python":
        return "python"
    if language == "php":
        return "both"
    if language in _HASH_COMMENTS:
        return "hash"
    return "dash" if language in _DASH_COMMENTS else "slash"


_BLOCK = r"/\*.*?\*/"
_SCANNERS = {
    style: re.compile("|".join(part for part in parts if part), re.DOTALL)
    for style, parts in {
        "python": (_TRIPLE, r"(?P<comment>#[^\n]*)", _STRINGS, _WORDS),
        "hash": (r"(?P<comment>(?<![\w$])#(?!\{)[^\n]*|^=begin\b.*?^=end\b)", _STRINGS, _WORDS),
        "both": (rf"(?P<comment>//[^\n]*|#(?!\[)[^\n]*|{_BLOCK})", _STRINGS, _WORDS),
        "slash": (rf"(?P<comment>//[^\n]*|{_BLOCK})", _STRINGS, _WORDS),
        "dash": (r"(?P<comment>--[^\n]*)", _STRINGS, _WORDS),
    }.items()
}


def _without_short_docstring(found: list[str]) -> list[str]:
    """Drop a documentation string in single quotes: the string that is the first statement of the outermost body."""
    depth = 0
    for position, token in enumerate(found[:-1]):
        depth += (token in "([{") - (token in ")]}") if len(token) == 1 else 0
        if token == ":" and depth == 0:
            if found[position + 1][0] in "\"'":
                return found[: position + 1] + found[position + 2 :]
            break
    return found


def _without_decorators(found: list[str]) -> list[str]:
    """Drop annotations, decorators and attributes in front: `@name.of(...)`, `#[...]`."""
    position = 0
    while position < len(found) and found[position] in {"@", "#"}:
        position += 1
        if position < len(found) and found[position] != "[":
            position += 1
            while position + 1 < len(found) and found[position] == ".":
                position += 2
        if position < len(found) and found[position] in {"(", "["}:
            position = _behind_bracket(found, position)
    return found[position:]


def _behind_bracket(found: list[str], position: int) -> int:
    depth = 0
    while position < len(found):
        depth += (found[position] in {"(", "["}) - (found[position] in {")", "]"})
        position += 1
        if depth == 0:
            break
    return position


def _body(found: list[str], language: str) -> list[str]:
    """Return the tokens from the body on: behind the first `:` (Python) or `{` that stands outside brackets."""
    opening = ":" if language == "python" else "{"
    depth = 0
    for position, token in enumerate(found):
        if token == opening and depth == 0:
            return found[position + 1 :]
        depth += (token in {"(", "["}) - (token in {")", "]"})
    return []


def _renamed(found: list[str]) -> list[str]:
    numbers: dict[str, str] = {}
    return [
        token if token in _KEYWORDS or not token.isidentifier() else numbers.setdefault(token, f"#{len(numbers)}")
        for token in found
    ]


def _digest(found: list[str]) -> bytes:
    return blake2b("\0".join(found).encode("utf-8", "replace"), digest_size=16).digest()


@lru_cache(maxsize=1 << 16)
def _hash(token: str) -> int:
    return crc32(token.encode("utf-8", "replace"))


def _sketch(found: list[str]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    hashes = np.array([_hash(token) for token in found] or [0], dtype=np.uint64)
    width = min(GRAM, len(hashes))
    grams = np.zeros(len(hashes) - width + 1, dtype=np.uint64)
    for step in range(width):
        grams = grams * _PRIME + hashes[step : step + len(grams)]
    grams = np.unique(grams ^ (grams >> np.uint64(29)))
    mixed = grams[:, None] * _MULTIPLIERS + _OFFSETS
    smallest: np.ndarray[tuple[int], np.dtype[np.uint32]] = (mixed >> np.uint64(32)).min(axis=0).astype(np.uint32)
    return smallest
