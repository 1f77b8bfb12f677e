"""Which held-out functions are written anew, and which other function is retrieved for each.

A corpus (`training.corpus`) keeps its held-out examples apart; what can be retrieved is the part that is learned from.
As in CodeT5+ (section 5.6) one function is retrieved, in the same language, and the function that is to be written is
not among those that can be, nor is a near duplicate of it. It is found as search finds it, by the vectors of passages.
"""

from __future__ import annotations

import random
from collections import defaultdict
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codesearch.errors import HeldOutMissing
from codesearch.training.corpus import read_examples
from codesearch.training.corpus.fingerprints import fingerprint
from codesearch.training.corpus.near_duplicates import is_near
from codesearch.training.corpus.records import UNREADABLE
from codesearch.training.passages import search_passage
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from codesearch.codet5p import LoadedEncoder
    from codesearch.evaluation.generation.report import WritingSettings
    from codesearch.training.corpus import Example
    from store import ProgressCallback

_PASSAGES_AT_ONCE = 1_024  # of one file of kept vectors: half a minute's work, and all that an interruption loses
_LOOKED_AT = 50  # of the nearest functions, for one that is no near duplicate
_LEAST_LINE = 4  # characters, of a line that is worth completing: no lone brackets


class BegunFunction(NamedTuple):
    """A function up to a line, and that line."""

    prefix: str
    line: str


def held_out_functions(corpus: Path, settings: WritingSettings) -> list[Example]:
    """Return the documented held-out functions that the settings draw, in the order of the corpus.

    The same settings draw the same functions. Raises HeldOutMissing.
    """
    try:
        documented = [
            example
            for example in read_examples(corpus, held_out=True)
            if example.documentation.strip() and (not settings.languages or example.language in settings.languages)
        ]
    except UNREADABLE as error:
        raise HeldOutMissing(corpus, str(error)) from error
    if not documented:
        raise HeldOutMissing(corpus, "no held-out function has documentation")
    if len(documented) <= settings.limit:
        return documented
    drawn = random.Random(settings.seed).sample(range(len(documented)), settings.limit)
    return [documented[place] for place in sorted(drawn)]


def retrievable_functions(corpus: Path, settings: WritingSettings) -> list[Example]:
    """Return the first functions of the part that is learned from; of any corpus these are a fair sample.

    Raises HeldOutMissing when it cannot be read.
    """
    try:
        return list(islice(read_examples(corpus), settings.retrieval_limit))
    except UNREADABLE as error:
        raise HeldOutMissing(corpus, str(error)) from error


def begun_function(example: Example, seed: int) -> BegunFunction | None:
    """Return the function up to one of its lines, drawn by the seed and the function alone; None if it has none.

    The first line is never drawn, nor is a line of signs alone. The prefix ends without the line break, so that the
    line is written from its very beginning.
    """
    lines = example.code.split("\n")
    places = [place for place, line in enumerate(lines) if place and _is_worth_completing(line)]
    if not places:
        return None
    place = random.Random(f"{seed}:{example.source}:{example.path}:{example.qualified_name}").choice(places)
    return BegunFunction("\n".join(lines[:place]), lines[place].strip())


def _is_worth_completing(line: str) -> bool:
    return len(line.strip()) >= _LEAST_LINE and any(character.isalnum() for character in line)


class RetrievalPool:
    """The functions that can be retrieved, by the vectors of their passages.

    Vectors are kept in the folder `kept`, by the model and the passages, in half precision.
    """

    def __init__(
        self, examples: Sequence[Example], encoder: LoadedEncoder, kept: Path, progress: ProgressCallback | None = None
    ) -> None:
        self._examples = examples
        self._encoder = encoder
        self._kept = kept
        places: dict[str, list[int]] = defaultdict(list)
        for place, example in enumerate(examples):
            places[example.language].append(place)
        self._places = {language: np.array(found) for language, found in places.items()}
        vectors = np.concatenate([np.zeros((0, encoder.dimension), np.float16), *self._vectors(progress)])
        self._vectors_of = {language: vectors[found] for language, found in self._places.items()}

    def for_text(self, target: Example) -> Example | None:
        """Return what is found by the target's documentation; None where there is nothing."""
        return self._nearest(self._encoder.encode_query(" ".join(target.documentation.split())), target)

    def for_code(self, begun: str, target: Example) -> Example | None:
        """Return what is like the begun code of the target; None where there is nothing."""
        return self._nearest(self._encoder.encode_passages([begun])[0], target)

    def _nearest(self, vector: NDArray[np.float32], target: Example) -> Example | None:
        """Return the function of the highest cosine that is not the target or nearly so; of equal ones the first."""
        if target.language not in self._places:
            return None
        similarities = self._vectors_of[target.language].astype(np.float32) @ vector
        own = fingerprint(target.code, target.language)
        for row in np.argsort(-similarities, kind="stable")[:_LOOKED_AT]:
            found: Example = self._examples[self._places[target.language][row]]
            if not is_near(own, fingerprint(found.code, found.language)):
                return found
        return None

    def _vectors(self, progress: ProgressCallback | None) -> Iterator[NDArray[np.float16]]:
        self._kept.mkdir(parents=True, exist_ok=True)
        for start in range(0, len(self._examples), _PASSAGES_AT_ONCE):
            passages = [search_passage(one) for one in self._examples[start : start + _PASSAGES_AT_ONCE]]
            yield self._kept_or_new(passages)
            if progress:
                progress(Progress("embed", start + len(passages), len(self._examples)))

    def _kept_or_new(self, passages: Sequence[str]) -> NDArray[np.float16]:
        digest = blake2b("\0".join([self._encoder.fingerprint, *passages]).encode("utf-8", "replace"), digest_size=16)
        file = self._kept / f"{digest.hexdigest()}.npy"
        if file.is_file():
            vectors: NDArray[np.float16] = np.load(file, allow_pickle=False)
            return vectors
        vectors = self._encoder.encode_passages(passages).astype(np.float16)
        partial = file.with_suffix(".partial")
        with partial.open("wb") as stream:
            np.save(stream, vectors)
        partial.replace(file)
        return vectors
