"""Which other function is retrieved for each one that a run reads, so that its decoder learns to write with it.

Found before the first step, exactly, by the vectors of the encoder that the run starts from: for a documentation, and
for the beginning of a function, what a search among a sample of the corpus finds first (CodeT5+, section 5.6: one
function, in the same language). What is to be written must not be among what is retrieved, so it is neither the
function itself nor an exact or near duplicate of it. The table is kept with the run. What the encoder then reads is
`batches`'.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from codesearch.training.corpus.fingerprints import fingerprint
from codesearch.training.corpus.near_duplicates import is_near
from codesearch.training.identity import run_identity
from codesearch.training.objectives.joint import COMPLETION, MATCHING, RETRIEVED_CODE
from codesearch.training.passages import search_passage
from codesearch.training.prepared import on_device
from codesearch.training.settings import retrieving
from codesearch.training.steps import embed_groups
from store import split_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence, Set
    from pathlib import Path

    from numpy.typing import NDArray

    from codesearch.codet5p.network import Network
    from codesearch.training.batches import BatchMaker
    from codesearch.training.corpus import Example
    from codesearch.training.corpus.fingerprints import Fingerprint
    from codesearch.training.sampling import PairStream
    from codesearch.training.settings import Settings

    Embed = Callable[[Sequence[str], int], NDArray[np.float32]]

RETRIEVED_FILE = "retrieved.npz"
NONE = -1  # the place of no example

_NEAREST = 8  # are looked at for one that is no duplicate; where all are, a function goes without
_QUERIES_AT_ONCE = 1_024  # times 50,000 passages: 200 MB of similarities
_TEXTS_AT_ONCE = 4_096  # tokenised and sorted by length together


@dataclass(frozen=True, slots=True)
class Retrieved:
    """For each example of a corpus the place of another, int32, shape (examples,), `NONE` where there is none.

    `for_text` is found by the documentation (without one, by the words of the name), `for_code` by the beginning of
    the code, as long as a query: more is not known of a function that is being written.
    """

    for_text: NDArray[np.int32]
    for_code: NDArray[np.int32]


class Offered(NamedTuple):
    """The places of the examples to retrieve from, int64, and their unit vectors, float32, (places, dimension)."""

    places: NDArray[np.int64]
    vectors: NDArray[np.float32]


class Embedder:
    """Embeds texts with a network and counts as that network: `digest` is of the weights that embed.

    Computes as training does, on a GPU and under autocast in bfloat16.
    """

    def __init__(self, network: Network, maker: BatchMaker, device: str = "cpu") -> None:
        self._network = network
        self._maker = maker
        self._device = device

    @torch.no_grad()
    def __call__(self, texts: Sequence[str], tokens: int) -> NDArray[np.float32]:
        """Return unit vectors, float32, shape (texts, dimension), of texts cut at so many tokens."""
        vectors = np.empty((len(texts), self._network.config.dimension), np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            grouped = self._maker.grouped(self._maker.read(texts[start : start + _TEXTS_AT_ONCE], tokens))
            with torch.autocast(self._device.partition(":")[0], dtype=torch.bfloat16):
                found = embed_groups(self._network, on_device(grouped, self._device))
            vectors[start : start + len(found)] = found.float().cpu().numpy()
        return vectors

    def digest(self) -> str:
        """Return what tells these weights from others."""
        digest = blake2b(digest_size=16)
        for name, tensor in self._network.state_dict().items():
            if name.startswith(("encoder.", "proj.")):
                digest.update(tensor.float().cpu().numpy().tobytes())
        return digest.hexdigest()


class Finder:
    """Finds what is retrieved for examples, by the vectors that `embed` makes of texts cut at so many tokens."""

    def __init__(self, examples: Sequence[Example], settings: Settings, embed: Embed) -> None:
        self._examples = examples
        self._settings = settings
        self._embed = embed
        self._marks: dict[int, Fingerprint] = {}

    def find(self, seen: Mapping[str, Set[int]]) -> Retrieved:
        """Return what is retrieved for the places of examples that each objective sees; see `seen_places`."""
        texts = sorted({*seen.get(RETRIEVED_CODE, ()), *seen.get(MATCHING, ())})
        codes = sorted(seen.get(COMPLETION, ()))
        pool = np.arange(min(self._settings.retrieval_corpus, len(self._examples)))
        if self._settings.retrieval_in_source:
            pool = np.array(sorted({*texts, *codes}), np.int64)
        passages = [search_passage(self._examples[place]) for place in pool.tolist()]
        offered = Offered(pool, self._embed(passages, self._settings.passage_tokens))
        return Retrieved(
            for_text=self._found(texts, [_asked(self._examples[place]) for place in texts], offered),
            for_code=self._found(codes, [self._examples[place].code for place in codes], offered),
        )

    def _found(self, places: list[int], queries: list[str], offered: Offered) -> NDArray[np.int32]:
        found = np.full(len(self._examples), NONE, np.int32)
        vectors = self._embed(queries, self._settings.query_tokens)
        wanted, theirs = self._kinds(places), self._kinds(offered.places)
        for kind in sorted(set(wanted.tolist())):
            among, rows = np.flatnonzero(theirs == kind), np.flatnonzero(wanted == kind)
            near = nearest(vectors[rows], offered.vectors[among], _NEAREST)
            for row, candidates in zip(rows, near, strict=True):
                found[places[row]] = self._first_other(places[row], offered.places[among[candidates]].tolist())
        return found

    def _kinds(self, places: Iterable[int]) -> NDArray[np.str_]:
        """Return for each place what a function retrieved for it has in common with it."""
        examples = [self._examples[place] for place in places]
        if self._settings.retrieval_in_source:
            return np.array([f"{example.language} {example.source}" for example in examples])
        return np.array([example.language for example in examples])

    def _first_other(self, place: int, candidates: list[int]) -> int:
        """Return the first of the candidates that is another function than the one at `place`."""
        own = self._mark(place)
        others = (one for one in candidates if one != place and not is_near(own, self._mark(one)))
        return next(others, NONE)

    def _mark(self, place: int) -> Fingerprint:
        mark = self._marks.get(place)
        if mark is None:
            example = self._examples[place]
            mark = self._marks[place] = fingerprint(example.code, example.language)
        return mark


def nearest(queries: NDArray[np.float32], passages: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the places of the `count` passages of the highest dot product, the highest first.

    Shape (queries, count), with fewer columns where there are fewer passages; equal ones are in their order.
    """
    kept = min(count, len(passages))
    found = np.empty((len(queries), kept), np.int64)
    for start in range(0, len(queries) if kept else 0, _QUERIES_AT_ONCE):
        similarities = torch.from_numpy(queries[start : start + _QUERIES_AT_ONCE]) @ torch.from_numpy(passages).T
        values, places = (part.numpy() for part in similarities.topk(kept, dim=1))
        order = np.lexsort((places, -values), axis=1)
        found[start : start + len(values)] = np.take_along_axis(places, order, axis=1)
    return found


def seen_places(settings: Settings, stream: PairStream) -> dict[str, Set[int]]:
    """Return for each objective that reads what is retrieved the places of the examples that a whole run sees."""
    seen: dict[str, Set[int]] = {}
    before = 0
    for stage in settings.stages:
        end = before + stage.steps * stage.pairs
        for name in retrieving(stage):
            each = stage.pairs // stage.accumulation
            places = stream.seen(range(before, end), each, stage.pairs_of.get(name, each))
            seen[name] = seen.get(name, set()) | places
        before = end
    return seen


def retrieved_for(
    folder: Path, settings: Settings, stream: PairStream, examples: Sequence[Example], embed: Embedder
) -> Retrieved:
    """Return what is retrieved in the run in `folder`: what is kept there, or what is found now, which then is.

    What was found with another encoder or for other settings or examples is not taken.
    """
    file, identity = folder / RETRIEVED_FILE, str(run_identity(settings, embed.digest(), len(examples)))
    if file.is_file():
        with np.load(file, allow_pickle=False) as kept:
            if str(kept["identity"]) == identity:
                return Retrieved(kept["for_text"], kept["for_code"])
    found = Finder(examples, settings, embed).find(seen_places(settings, stream))
    partial = folder / f"{RETRIEVED_FILE}.partial"
    with partial.open("wb") as writing:
        np.savez(writing, identity=np.array(identity), for_text=found.for_text, for_code=found.for_code)
    partial.replace(file)
    return found


def _asked(example: Example) -> str:
    """Return what a function is asked for with."""
    return " ".join(example.documentation.split()) or " ".join(split_identifier(example.name))
