"""The order in which examples are seen, and the pairs made of them: once an epoch, again the same, with neighbours."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from codesearch.training.passages import PassageShares
from codesearch.training.queries import QueryStyle
from codesearch.training.sampling import PairStream, group_of, neighbouring_order
from tests.codesearch.training.examples import corpus, documented, example

STYLES = {QueryStyle.OPENING: 0.5, QueryStyle.WEB: 0.4, QueryStyle.NAME: 0.1}
EXAMPLES = corpus()


def stream(examples=EXAMPLES, styles=STYLES, neighbours=3, seed=1, position=0, **shares):
    return PairStream(examples, styles, PassageShares(), neighbours=neighbours, seed=seed, position=position, **shares)


def test_every_example_once_an_epoch():
    """Two epochs of 60 examples: each example twice, in another order, with another query at least sometimes."""
    both = stream().take(120)
    first, second = both[:60], both[60:]
    for epoch in (first, second):
        assert Counter(pair.example.name for pair in epoch) == Counter(one.name for one in EXAMPLES)
    assert [pair.example for pair in first] != [pair.example for pair in second]
    queries = [{pair.example.name: pair.query for pair in epoch} for epoch in (first, second)]
    assert 5 < sum(queries[0][name] != query for name, query in queries[1].items()) < 60


def test_the_seed_decides():
    """The same seed gives the same pairs, however many are taken at a time; another seed gives others."""
    whole = stream().take(90)
    parts = stream()
    assert parts.take(1) + parts.take(64) + parts.take(25) == whole
    assert stream(seed=2).take(90) != whole


@pytest.mark.parametrize("taken", [0, 1, 37, 60, 61, 119])
def test_going_on_at_a_position(taken):
    """A new stream at the position of an interrupted one gives what that one would have given."""
    interrupted = stream()
    interrupted.take(taken)
    following = interrupted.take(50)
    gone_on = stream(position=taken)
    assert gone_on.take(50) == following
    assert gone_on.position == interrupted.position == taken + 50
    assert gone_on.epochs == pytest.approx((taken + 50) / 60)
    moved = stream()
    moved.take(5)
    moved.position = taken
    assert moved.take(50) == following


def test_what_gives_no_pair_counts_in_the_position():
    """Of examples without any words some are passed over; going on still gives the same."""
    mixed = [*EXAMPLES[:10], *(example(documentation="", comments=(), name=f"f_{n}", source="b") for n in range(10))]
    one = stream(mixed)
    taken = one.take(12)
    assert one.position > 12
    assert any(not pair.example.documentation for pair in stream(mixed).take(200))
    assert stream(mixed, position=one.position).take(5) == one.take(5)
    assert all(pair.query for pair in taken)


def test_pairs_by_their_positions():
    """Where the pairs lie and what they are can be asked in any order and stretch, and moves nothing."""
    mixed = [*EXAMPLES[:10], *(example(documentation="", comments=(), name=f"f_{n}", source="b") for n in range(10))]
    taken, asked = stream(mixed), stream(mixed)
    pairs = taken.take(60)
    places = [*asked.places(0, 33), *asked.places(33, taken.position)]
    assert len(places) == 60
    assert places[-1] + 1 == taken.position > 60
    backwards = [asked.at([place])[0] for place in reversed(places)]
    assert asked.at(places) == backwards[::-1] == pairs
    assert asked.position == 0
    assert asked.take(60) == pairs


def test_examples_without_words_are_an_error():
    """A corpus of which nothing can be asked ends in an error, not in an endless search."""
    with pytest.raises(ValueError, match="none of 2 examples"):
        stream([example(documentation="", comments=(), name="f", qualified_name="f")] * 2).take(1)


def test_bare_examples_are_seen_less_often():
    """A part of the functions without documentation is taken, asked for by name as often as by comment."""
    bare = [example(documentation="", source=str(n)) for n in range(100)]
    one = stream(bare)
    pairs = one.take(100)
    assert 300 < one.position < 2000
    names = sum(pair.query.endswith("load config") for pair in pairs)
    assert 30 < names < 70
    assert names + sum(pair.query in pair.example.comments for pair in pairs) == 100


def test_how_many_bare_examples_are_taken():
    """None, with a share of none; each once an epoch, with a share of all."""
    mixed = [example(documentation="" if n % 2 else "Says it.", source=str(n)) for n in range(40)]
    assert all(pair.example.documentation for pair in stream(mixed, bare=0.0).take(60))
    assert len({pair.example.source for pair in stream(mixed, bare=1.0).take(40)}) == 40


def test_styles_have_their_share():
    """The weights are how often each style is drawn."""
    one = documented("Loads the file. Ends here.", comments=())
    styles = {QueryStyle.DOCUMENTATION: 3.0, QueryStyle.OPENING: 1.0}
    queries = Counter(pair.query for pair in stream([one], styles).take(1000))
    assert 700 < queries["Loads the file. Ends here."] < 800
    assert queries["Loads the file."] == 1000 - queries["Loads the file. Ends here."]


def test_functions_with_questions_are_in_every_epoch():
    """With a tenth of the others an epoch has the ten that are asked for, and five of fifty, not always the same."""
    asked = [replace(one, questions=(f"asked {one.name}",)) if n % 6 == 0 else one for n, one in enumerate(EXAMPLES)]
    names = {one.name for one in asked if one.questions}
    made = stream(asked, unasked=0.1)
    others = []
    for _ in range(4):
        epoch = made.take(15)
        seen = {pair.example.name for pair in epoch}
        assert len(seen) == 15
        assert names < seen
        others.append(frozenset(seen - names))
    assert len(set(others)) > 1
    assert made.epochs == 4


def test_what_was_asked_is_the_query():
    """Four in five queries of a function with questions are one of them; the rest is in the author's words."""
    one = replace(documented("Loads the file."), questions=("where is it read", "python read settings"))
    queries = Counter(pair.query for pair in stream([one]).take(1000))
    questions = [queries[question] for question in one.questions]
    assert 750 < sum(questions) < 850
    assert min(questions) > 330
    assert queries["Loads the file."] > 40


@pytest.mark.parametrize("neighbours", [1, 3, 4, 100])
def test_neighbours_stand_together(neighbours):
    """The order is a permutation in runs of one source: six examples of each in as many runs as it takes."""
    order = list(neighbouring_order(EXAMPLES, range(60), neighbours, Random(3)))
    assert sorted(order) == list(range(60))
    sources = [EXAMPLES[place].source for place in order]
    size = min(neighbours, 6)
    if 6 % size == 0:
        assert all(len(set(sources[place : place + size])) == 1 for place in range(0, 60, size))
    runs = sum(one != other for one, other in pairwise(sources)) + 1
    assert runs <= 10 * -(-6 // size)
    assert order != list(range(60))


def test_neighbours_are_of_one_language():
    """Functions of one source in two languages are no neighbours."""
    mixed = [example(source="a", language=language, name=str(n)) for n in range(4) for language in ("c", "go")]
    languages = [mixed[place].language for place in neighbouring_order(mixed, range(8), 4, Random(1))]
    assert languages in (["c"] * 4 + ["go"] * 4, ["go"] * 4 + ["c"] * 4)


def test_groups():
    """Texts that differ in case, white space and punctuation are one group; groups are numbers an int64 holds."""
    assert group_of("Load the file.") == group_of("load  THE\nfile") == group_of("`load` thefile!")
    texts = ["load the file", "load a file", "", "Datei ö", "Datei o"]
    groups = {group_of(text) for text in texts}
    assert len(groups) == len(texts)
    assert all(0 <= group < 2**63 for group in groups)
    [one, other] = stream([documented("Loads a file."), documented("loads a file", name="g")]).take(2)
    assert one.group == other.group == group_of("Loads a file.")
