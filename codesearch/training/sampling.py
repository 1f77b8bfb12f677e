"""In which order a run sees its examples, and as which pairs of a query and a passage.

An epoch is a permutation of all examples in which neighbours, a few functions of one source, stay together: a batch
then holds what a search in one repository has to tell apart. Everything follows from the seed and the place in the
run, so that a run that goes on after an interruption sees what it would have seen.
"""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from codesearch.training.passages import make_passage
from codesearch.training.phrases import opening
from codesearch.training.queries import QueryStyle, make_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codesearch.training.corpus import Example
    from codesearch.training.passages import PassageShares
    from codesearch.training.queries import Query
    from codesearch.training.retrieval import Retrieved

_TRIES = 4  # styles drawn until one has words in this example
_WORDS_IN_CODE = (QueryStyle.NAME, QueryStyle.COMMENT)  # the styles that need no documentation
_ASKED_SHARE = 0.8  # of the pairs of a function that questions were written for; the rest asks in its own words
_MOST_GROUP = 2**62
_MOST_MISSES = 100  # times all examples, without a single pair
_KEPT_ORDERS = 2  # epochs: whoever makes batches ahead is in two at once for a while


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and the passage it should find; pairs of one `group` ask or answer the same and are no negatives.

    `retrieved` is the code of another function that is like what the documentation asks for, `alike` that of another
    one like the beginning of this; "" where there is none, see `retrieval`. `mined` is the passage of what is
    retrieved, a wrong one.
    """

    example: Example
    query: str
    passage: str
    group: int
    retrieved: str = ""
    alike: str = ""
    mined: str = ""

    @property
    def summary(self) -> str:
        """What is written about the code: the first sentence of its documentation, without one the query."""
        return opening(self.example.documentation) or self.query


class _Drawn(NamedTuple):
    """An example's place in the corpus, its query, and what else is drawn from."""

    place: int
    query: Query
    draw: random.Random


class PairStream:
    """An endless sequence of pairs; `position` is the number of examples consumed, the only state there is.

    An epoch has every example that questions were written for, and the share `unasked` of the others, drawn anew.
    Of functions without documentation it takes the share `bare`.

    What is at a position depends on nothing before it: `places` says where there are pairs, `at` makes them, and
    neither moves the stream.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, the numbers of a run
        self,
        examples: Sequence[Example],
        styles: Mapping[QueryStyle, float],
        shares: PassageShares,
        *,
        neighbours: int,
        seed: int,
        position: int = 0,
        unasked: float = 1.0,
        bare: float = 0.12,
    ) -> None:
        self._examples = examples
        self._styles = tuple(styles)
        self._weights = tuple(styles.values())
        self._shares = shares
        self._neighbours = neighbours
        self._seed = seed
        self._bare = bare
        self.position = position
        self._asked = array("I", (place for place, example in enumerate(examples) if example.questions))
        self._unasked = array("I", (place for place, example in enumerate(examples) if not example.questions))
        self._epoch = len(self._asked) + max(round(unasked * len(self._unasked)), not self._asked)
        self._orders: dict[int, array[int]] = {}
        self._retrieved: Retrieved | None = None
        self._unretrieved = 0.0
        self._mines = False

    @property
    def size(self) -> int:
        """How many examples there are."""
        return len(self._examples)

    @property
    def epochs(self) -> float:
        """How many epochs have been seen."""
        return self.position / self._epoch

    def retrieve(self, retrieved: Retrieved, unretrieved: float, *, mined: bool = False) -> None:
        """Give each pair the code that was found for its example from now on, but for the share `unretrieved`.

        And with `mined` the passage of what was found for its text, to all of them.
        """
        self._retrieved, self._unretrieved, self._mines = retrieved, unretrieved, mined

    @property
    def retrieves(self) -> bool:
        """Whether pairs are given what was found for them."""
        return self._retrieved is not None

    def seen(self, pairs: range, each: int = 1, read: int = 1) -> set[int]:
        """Return the places of the examples of those pairs of the stream, counted from its first; none is made.

        Of `each` pairs after one another only the first to be `read` count.
        """
        found: set[int] = set()
        position = number = last = 0
        while number < pairs.stop and len(found) < self.size:
            drawn = self._drawn(position)
            position += 1
            if drawn is None:
                self.check(position - last)
                continue
            last = position
            if number >= pairs.start and (number - pairs.start) % each < read:
                found.add(drawn.place)
            number += 1
        return found

    def take(self, count: int) -> list[Pair]:
        """Return the next `count` pairs; what gives none is passed over.

        Raises ValueError where no example gives a pair in any style.
        """
        pairs: list[Pair] = []
        last = self.position
        while len(pairs) < count:
            found = self._drawn(self.position)
            self.position += 1
            if found is not None:
                pairs.append(self._pair(found))
                last = self.position
            else:
                self.check(self.position - last)
        return pairs

    def places(self, first: int, end: int) -> list[int]:
        """Return the positions from `first` to before `end` at which there is a pair."""
        return [position for position in range(first, end) if self._drawn(position) is not None]

    def at(self, positions: Sequence[int]) -> list[Pair]:
        """Return the pairs at positions that `places` named."""
        return [self._pair(found) for found in map(self._drawn, positions) if found is not None]

    def check(self, misses: int) -> None:
        """Raise ValueError where so many examples in a row, all of them many times over, gave no pair."""
        if misses >= _MOST_MISSES * self.size:
            raise ValueError(f"none of {self.size} examples gives a pair of a query and a passage")

    def _drawn(self, position: int) -> _Drawn | None:
        """Return the example and its query at a position; None where there is none."""
        epoch, number = divmod(position, self._epoch)
        place = self._order(epoch)[number]
        example = self._examples[place]
        draw = random.Random(f"{self._seed} {epoch} {number}")
        if not example.documentation and not example.questions and draw.random() >= self._bare:
            return None
        for style in self._drawn_styles(example, draw):
            query = make_query(example, style, draw)
            if query is not None:
                return _Drawn(place, query, draw)
        return None

    def _order(self, epoch: int) -> array[int]:
        order = self._orders.get(epoch)
        if order is None:
            draw = random.Random(f"{self._seed} {epoch}")
            places: Sequence[int] = range(len(self._examples))
            if self._epoch < len(self._examples):
                places = sorted([*self._asked, *draw.sample(self._unasked, self._epoch - len(self._asked))])
            order = array("I", neighbouring_order(self._examples, places, self._neighbours, draw))
            kept = sorted(self._orders)[-(_KEPT_ORDERS - 1) :]
            self._orders = {**{number: self._orders[number] for number in kept}, epoch: order}
        return order

    def _pair(self, drawn: _Drawn) -> Pair:
        example, query = self._examples[drawn.place], drawn.query
        passage = make_passage(example, query, self._shares, drawn.draw)
        pair = Pair(example, query.text, passage, group_of(example.documentation or query.text))
        if self._retrieved is None:
            return pair
        for_text, for_code = (found[drawn.place] for found in (self._retrieved.for_text, self._retrieved.for_code))
        if drawn.draw.random() >= self._unretrieved:
            pair = replace(pair, retrieved=self._code(for_text), alike=self._code(for_code))
        return replace(pair, mined=self._mined(for_text, pair.group, drawn)) if self._mines else pair

    def _code(self, place: int) -> str:
        return "" if place < 0 else self._examples[place].code

    def _mined(self, place: int, group: int, drawn: _Drawn) -> str:
        """Return the passage of the example at `place`, made as that of the pair; "" where it is not wrong."""
        if place < 0 or group_of(self._examples[place].documentation) == group:
            return ""
        return make_passage(self._examples[place], drawn.query, self._shares, drawn.draw)

    def _drawn_styles(self, example: Example, draw: random.Random) -> Sequence[QueryStyle]:
        if example.questions and draw.random() < _ASKED_SHARE:
            return [QueryStyle.ASKED]
        if not example.documentation:
            return draw.sample(_WORDS_IN_CODE, len(_WORDS_IN_CODE))
        return draw.choices(self._styles, self._weights, k=_TRIES)


def neighbouring_order(
    examples: Sequence[Example], places: Iterable[int], neighbours: int, draw: random.Random
) -> Iterator[int]:
    """Yield places of examples: in random order, but `neighbours` of one source and language at a time."""
    by_source: dict[tuple[str, str], list[int]] = {}
    for place in places:
        by_source.setdefault((examples[place].source, examples[place].language), []).append(place)
    chunks: list[list[int]] = []
    for near in by_source.values():
        draw.shuffle(near)
        chunks += [near[start : start + neighbours] for start in range(0, len(near), neighbours)]
    draw.shuffle(chunks)
    for chunk in chunks:
        yield from chunk


def group_of(text: str) -> int:
    """Return a number for a text, the same for texts that differ in case, white space and punctuation only."""
    words = "".join(character for character in text.lower() if character.isalnum())
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest()) % _MOST_GROUP
