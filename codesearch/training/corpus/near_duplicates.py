"""Has this function, or one almost like it, been seen? The first of its kind is kept.

Exact by digest, near by locality-sensitive hashing over MinHash sketches (Leskovec, Rajaraman and Ullman, Mining of
Massive Datasets, section 3.4): functions that share one of `BANDS` bands of their sketches are compared, and are near
when the estimated similarity reaches `NEAR`. With 10 bands of 6 entries, a pair of similarity 0.9 meets in a band with
probability 0.9995, one of 0.8 with 0.95 and one of 0.5 with 0.15 (it is then compared, and kept).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from codesearch.training.corpus.fingerprints import similarity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codesearch.training.corpus.fingerprints import Fingerprint

NEAR = 0.8  # of the 5-grams in common; at 0.7 functions of one pattern (converters, bindings) begin to go, too
BANDS = 10

_BAND_BYTES = 6 * 4  # six entries of 32 bits


def is_near(one: Fingerprint, other: Fingerprint, near: float = NEAR) -> bool:
    """Whether two functions are the same or nearly so, by their whole sketches."""
    same = one.exact == other.exact or (one.body and one.body == other.body)
    return bool(same) or similarity(one.sketch, other.sketch) >= near


class Seen:
    """The functions that were kept so far. A band remembers the first function that has it: the others are like it."""

    def __init__(self, near: float = NEAR) -> None:
        self._near = near
        self._exact: set[bytes] = set()
        self._bands: dict[int, int] = {}
        self._sketches: list[bytes] = []

    def why_seen(self, one: Fingerprint) -> str:
        """Return "duplicate" or "near-duplicate" for a function like one that was kept, else ""."""
        if one.exact in self._exact or (one.body and one.body in self._exact):
            return "duplicate"
        numbers = {self._bands.get(band) for band in _bands(one.sketch)}
        for number in numbers:
            if number is not None and similarity(one.sketch, self._sketches[number]) >= self._near:
                return "near-duplicate"
        return ""

    def keep(self, one: Fingerprint) -> None:
        """Remember a function."""
        self._exact.add(one.exact)
        if one.body:
            self._exact.add(one.body)
        number = len(self._sketches)
        self._sketches.append(one.sketch)
        for band in _bands(one.sketch):
            self._bands.setdefault(band, number)


def _bands(sketch: bytes) -> Iterator[int]:
    """Return a number for each band; a checksum of 32 bits keeps a million of them apart, and `similarity` decides."""
    for number in range(BANDS):
        yield number << 32 | crc32(sketch[number * _BAND_BYTES : (number + 1) * _BAND_BYTES])
