"""What is retrieved for a function: as a search over everything by hand, never itself, and kept with the run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from codesearch.codet5p.network import load_network
from codesearch.training.batches import BatchMaker
from codesearch.training.corpus.fingerprints import fingerprint
from codesearch.training.corpus.near_duplicates import is_near
from codesearch.training.passages import PassageShares, search_passage
from codesearch.training.queries import QueryStyle
from codesearch.training.retrieval import (
    NONE,
    RETRIEVED_FILE,
    Embedder,
    Finder,
    Retrieved,
    nearest,
    retrieved_for,
    seen_places,
)
from codesearch.training.sampling import PairStream
from codesearch.training.settings import mines, uses_retrieval
from tests.codesearch.training.examples import corpus, example
from tests.codesearch.training.tiny_runs import SETTINGS, settings, stage, write_bert

pytestmark = pytest.mark.usefixtures("one_thread")

EXAMPLES = corpus(6, 5)
EVERY = set(range(len(EXAMPLES)))
LETTERS = "abcdefghijklmnop_("


def vectors_of(texts, _tokens=0):
    """Vectors of the letters of texts: near where they have the same ones."""
    counts = np.array([[text.lower().count(letter) + 1 for letter in LETTERS] for text in texts], "f4")
    counts = counts.reshape(len(texts), len(LETTERS))
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def stream(examples=EXAMPLES, seed=1):
    return PairStream(examples, SETTINGS.styles, SETTINGS.shares, neighbours=2, seed=seed)


def first_allowed(asked, place, examples):
    """Search by hand: all functions by similarity, the first of this language that is not this one or nearly it."""
    own = examples[place]
    similarities = [float(asked @ vector) for vector in vectors_of([search_passage(one) for one in examples])]
    for other in sorted(range(len(examples)), key=lambda other: -similarities[other]):
        there = examples[other]
        marks = fingerprint(own.code, own.language), fingerprint(there.code, there.language)
        if other != place and there.language == own.language and not is_near(*marks):
            return other
    return NONE


def test_the_nearest_in_any_number_of_blocks():
    """As sorting every dot product; of equal ones the first; no more than there are."""
    numbers = np.random.default_rng(0)
    queries, passages = (numbers.normal(size=(count, 6)).astype("f4") for count in (2_100, 40))
    passages /= np.linalg.norm(passages, axis=1, keepdims=True)
    expected = np.argsort(-(queries @ passages.T), axis=1, kind="stable")[:, :5]
    found = nearest(queries, passages, 5)
    assert np.array_equal(found, expected)
    passages[7] = passages[3]
    assert nearest(passages[[3]], passages, 2).tolist() == [[3, 7]]
    assert nearest(queries[:3], passages[:2], 5).shape == (3, 2)
    assert nearest(queries[:3], passages[:0], 5).shape == (3, 0)


def test_what_is_retrieved_is_what_a_search_by_hand_finds():
    """For each documentation and each beginning of a function, in a corpus with copies and with two languages."""
    copies = [
        dataclasses.replace(one, source="pypi:copies", code=one.code.replace("    ", "\t") + "  # the same")
        for one in EXAMPLES[:8]
    ]
    nearly = dataclasses.replace(EXAMPLES[2], name="again", code=EXAMPLES[2].code.replace("def open", "def again"))
    others = [dataclasses.replace(one, language="ruby") for one in EXAMPLES[10:14]]
    bare = dataclasses.replace(EXAMPLES[20], documentation="")
    examples = [*EXAMPLES, *copies, nearly, *others, bare]
    every = set(range(len(examples)))
    found = Finder(examples, SETTINGS, vectors_of).find({"retrieved_code": every, "completion": every})
    for place, one in enumerate(examples):
        asked = one.documentation or one.name.replace("_", " ")
        assert found.for_text[place] == first_allowed(vectors_of([asked])[0], place, examples)
        assert found.for_code[place] == first_allowed(vectors_of([one.code])[0], place, examples)
        for other in (found.for_text[place], found.for_code[place]):
            assert other != place
            assert examples[other].language == one.language
            assert examples[other].code.split() != one.code.split()
    unlimited = set(found.for_text.tolist())
    assert not unlimited <= set(range(20))


def test_what_is_retrieved_of_the_same_source():
    """Nothing but functions that the run sees, of the same repository and language; there as a search by hand."""
    seen = {place for place in EVERY if place % 3}
    within = dataclasses.replace(SETTINGS, retrieval_in_source=True)
    found = Finder(EXAMPLES, within, vectors_of).find({"retrieved_code": seen})
    assert set(np.flatnonzero(found.for_text != NONE)) <= seen
    for place in seen:
        near = [other for other in sorted(seen) if EXAMPLES[other].source == EXAMPLES[place].source]
        asked = vectors_of([EXAMPLES[place].documentation])[0]
        by_hand = first_allowed(asked, near.index(place), [EXAMPLES[other] for other in near])
        assert found.for_text[place] == (NONE if by_hand == NONE else near[by_hand])
    assert len({EXAMPLES[place].source for place in seen}) > 1


def test_a_sample_only_what_is_seen_and_nothing_but_copies():
    """Only examples that are seen are given one, only of the first few; among copies there is none."""
    limited = dataclasses.replace(SETTINGS, retrieval_corpus=4)
    found = Finder(EXAMPLES, limited, vectors_of).find({"retrieved_code": {2, 9}})
    assert set(np.flatnonzero(found.for_text != NONE)) == {2, 9}
    assert set(found.for_text[[2, 9]].tolist()) <= {0, 1, 3}
    assert (found.for_code == NONE).all()
    copies = [example(), example(source="pypi:other"), example(language="ruby")]
    found = Finder(copies, SETTINGS, vectors_of).find({"retrieved_code": {0, 1, 2}})
    assert found.for_text.tolist() == [NONE] * 3


def test_texts_are_cut_as_search_cuts_them():
    """Passages at the limit of passages, what is asked at the limit of queries."""
    limits = []
    Finder(EXAMPLES, SETTINGS, lambda texts, tokens: limits.append(tokens) or vectors_of(texts)).find({})
    assert limits == [SETTINGS.passage_tokens, SETTINGS.query_tokens, SETTINGS.query_tokens]


def test_who_is_seen():
    """The examples of a stage's pairs are those that the stream will give, whatever stages there are before it."""
    examples = [*EXAMPLES, example(documentation="", comments=(), name="f", qualified_name="f")]
    run = settings(
        stage("contrastive", steps=2, pairs=3),
        stage("retrieved_code completion", steps=3, pairs=4),
        stage("completion", steps=1, pairs=2),
        seed=3,
    )
    own = stream(examples, seed=3)
    seen = seen_places(run, own)
    pairs = own.take(6 + 12 + 3)
    assert {examples[place] for place in seen["retrieved_code"]} == {pair.example for pair in pairs[6:18]}
    assert {examples[place] for place in seen["completion"]} == {pair.example for pair in pairs[6:20]}
    assert stream().seen(range(10**9)) == EVERY
    counted = settings(
        stage("contrastive", steps=1, pairs=3),
        stage("code_to_text completion", steps=3, pairs=6, accumulation=2, pairs_of={"completion": 2}),
        seed=3,
    )
    read = [pair for start in range(3, 21, 3) for pair in pairs[start : start + 2]]
    assert {examples[place] for place in seen_places(counted, own)["completion"]} == {pair.example for pair in read}
    assert uses_retrieval(run)
    assert not uses_retrieval(settings(stage("contrastive code_to_text")))


def test_pairs_are_given_what_was_found():
    """Each pair has the code of its own example's neighbours, a share has none; all else is as without."""
    table = Retrieved(*(np.array([(place + step) % 30 for place in range(30)], np.int32) for step in (1, 2)))
    table.for_code[4] = NONE
    plain, with_table, with_some = stream().take(60), stream(), stream()
    with_table.retrieve(table, 0.0)
    with_some.retrieve(table, 0.5)
    for pair, bare in zip(with_table.take(60), plain, strict=True):
        place = EXAMPLES.index(pair.example)
        assert pair.retrieved == EXAMPLES[(place + 1) % 30].code
        assert pair.alike == ("" if place == 4 else EXAMPLES[(place + 2) % 30].code)
        assert dataclasses.replace(pair, retrieved="", alike="") == bare
    without = [pair.retrieved == "" for pair in with_some.take(60)]
    assert 15 < sum(without) < 45
    again = stream()
    again.retrieve(table, 0.5)
    assert [pair.retrieved == "" for pair in again.take(60)] == without


def test_mined_passages_are_those_of_what_was_found():
    """Made as those of the pairs, for every one, but of none that answers the same; all else is as without."""
    table = Retrieved(*(np.array([(place + 1) % 30 for place in range(30)], np.int32) for _ in range(2)))
    table.for_text[4] = NONE
    copies = [*EXAMPLES[:9], dataclasses.replace(EXAMPLES[9], documentation=EXAMPLES[8].documentation), *EXAMPLES[10:]]
    shares = PassageShares(place=1.0, documentation=0.0, hidden_name=0.0, hidden_variables=0.0)
    styles = {QueryStyle.DOCUMENTATION: 1.0}
    bare, mining = (PairStream(copies, styles, shares, neighbours=2, seed=1) for _ in range(2))
    mining.retrieve(table, 1.0, mined=True)
    passages = {pair.example.code: pair.passage for pair in bare.take(30)}
    bare.position = 0
    for pair, plain in zip(mining.take(30), bare.take(30), strict=True):
        place = copies.index(pair.example)
        assert pair.mined == ("" if place in {4, 8} else passages[copies[(place + 1) % 30].code])
        assert dataclasses.replace(pair, mined="") == plain


def test_who_is_mined_for():
    """All whose matching is against what was found, and nobody whose is not."""
    mining, plain = (stage("matching", steps=1, pairs=4, mined_negatives=mined) for mined in (True, False))
    own = stream(seed=3)
    assert {EXAMPLES[place] for place in seen_places(settings(mining, seed=3), own)["matching"]} == {
        pair.example for pair in own.take(4)
    }
    assert seen_places(settings(plain, seed=3), own) == {}
    assert (mines(settings(plain, mining)), uses_retrieval(settings(mining))) == (True, True)
    assert (mines(settings(plain)), uses_retrieval(settings(plain))) == (False, False)
    found = Finder(EXAMPLES, SETTINGS, vectors_of)
    assert found.find({"matching": EVERY}).for_text.tolist() == found.find({"retrieved_code": EVERY}).for_text.tolist()


@pytest.fixture
def embedder(tmp_path):
    folder = write_bert(tmp_path / "tiny")
    network = load_network(folder, "cpu", torch.float32)
    return Embedder(network, BatchMaker(folder, network.config, SETTINGS))


class Counting(Embedder):
    """Counts the texts that are embedded."""

    texts = 0

    def __call__(self, texts, tokens):
        self.texts += len(texts)
        return super().__call__(texts, tokens)


def test_vectors_are_those_of_the_network(embedder):
    """Of each text alone, in its order, without a graph."""
    texts = [search_passage(one) for one in EXAMPLES[:5]]
    found = embedder(texts, 48)
    ids = embedder._maker.read(texts, 48)
    with torch.no_grad():
        alone = [embedder._network.embed(torch.tensor([one]), torch.ones(1, len(one)).long())[0] for one in ids]
    assert np.allclose(found, torch.stack(alone).numpy(), atol=0.03)  # of bfloat16
    assert embedder([], 48).shape == (0, 16)


def test_a_table_is_found_once(embedder, tmp_path):
    """It is read back as it was; another encoder, corpus or size of the sample has another."""
    run = settings(stage("retrieved_code completion", steps=3))
    counting = Counting(embedder._network, embedder._maker)
    first = retrieved_for(tmp_path, run, stream(), EXAMPLES, counting)
    assert (first.for_text >= 0).sum() == len(stream().seen(range(24)))
    embedded = counting.texts
    again = retrieved_for(tmp_path, run, stream(), EXAMPLES, counting)
    assert counting.texts == embedded > len(EXAMPLES)
    assert np.array_equal(first.for_text, again.for_text)
    assert np.array_equal(first.for_code, again.for_code)
    assert [file.name for file in tmp_path.glob("*.npz*")] == [RETRIEVED_FILE]
    within = retrieved_for(tmp_path, dataclasses.replace(run, retrieval_in_source=True), stream(), EXAMPLES, counting)
    assert not np.array_equal(within.for_text, first.for_text)
    changed = dataclasses.replace(run, retrieval_corpus=7)
    assert retrieved_for(tmp_path, changed, stream(), EXAMPLES, counting).for_text.max() < 7
    with torch.no_grad():
        embedder._network.proj.weight.add_(1.0)
    embedded = counting.texts
    retrieved_for(tmp_path, changed, stream(), EXAMPLES, counting)
    assert counting.texts > embedded


def test_a_table_for_fewer_pairs_is_not_taken(embedder, tmp_path):
    """Settings that decide who is given something are those of the table: it is found anew, for all who need it."""
    counted = settings(stage("matching completion", steps=3, pairs_of={"completion": 2}))
    every = settings(stage("matching completion", steps=3))
    mining = settings(stage("matching completion", steps=3, mined_negatives=True))
    given = []
    for run in (counted, every, mining):
        table = retrieved_for(tmp_path, run, stream(), EXAMPLES, embedder)
        given.append([set(np.flatnonzero(places != NONE)) for places in (table.for_text, table.for_code)])
    seen = stream().seen(range(24))
    assert given[0][1] < given[1][1] == seen
    assert (given[0][0], given[1][0], given[2][0]) == (set(), set(), seen)
