"""Reranking from a query to an answer, with a small random checkpoint that has a matching head."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codesearch import CodeSearch, Mode, RerankedMode, engine, search
from codesearch.codet5p import load_encoder, load_matcher
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.torch_matcher import TorchMatcher
from codesearch.evaluation.metrics import reciprocal_rank
from codesearch.reranking import REPLACING, Reranker, passages_of
from codesearch.search import Place, find
from indexer import index_repository
from store import Filters, Library
from tests.codesearch.codet5p import folders
from tests.fakes import FakeEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from store import Repository

pytestmark = pytest.mark.usefixtures("one_thread")

QUERY = "send a letter"
NAMES = ("send_file", "send_all", "letter_box", "sort_letters", "parse_letter", "read_letter", "open_letter")
CODES = {name: f"def {name}(a):\n    return {name[::-1]}(a, {len(name)})\n" for name in NAMES}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small CodeT5+ of two stages."""
    folder: Path = tmp_path_factory.mktemp("bimodal")
    folders.published(folder, "codet5p_bimodal", file="model.safetensors")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of seven functions, a file each."""
    folder = tmp_path / "post"
    folder.mkdir()
    for name, code in CODES.items():
        (folder / f"{name}.py").write_text(code)
    return folder


class CountingEncoder(FakeEncoder):
    """A fake that counts the queries."""

    queries = 0

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text, shape (dimension,), float32."""
        self.queries += text == "file_all"
        return super().encode_query(text)


class LengthMatcher:
    """Says of each code how long it is."""

    def scores(self, query: str, codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the lengths, float32."""
        return np.array([len(code) for code in codes], np.float32)


def indexed(library: Library, root: Path, encoder: FakeEncoder) -> Repository:
    """Return the repository of a folder, indexed."""
    repository = library.repository(root)
    index_repository(repository, encoder, None)
    return repository


def test_what_words_alone_have_found_gets_its_cosine(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the vectors in the library; the query is encoded once, and what is not read stays as it was."""
    monkeypatch.setattr(search, "CANDIDATES", 3)
    encoder = CountingEncoder()
    with Library.open(tmp_path / "library") as library:
        place = Place(indexed(library, root, encoder), Filters(), encoder)
        plain = find("file_all", [place], Mode.HYBRID)
        encoder.queries = 0
        found = find("file_all", [place], Mode.HYBRID, Reranker(LengthMatcher(), 2))
    assert encoder.queries == 1
    assert (plain[0][0].lexical_rank, plain[0][0].dense_rank, plain[0][0].similarity) == (1, None, None)
    query = FakeEncoder().encode_query("file_all")
    for candidate, stored in found[:2]:
        [passage] = passages_of(stored)
        assert candidate.similarity == pytest.approx(FakeEncoder().encode_query(passage.text) @ query, abs=1e-3)
        assert candidate.matching == len(passage.text)
    assert [one.id for _, one in found[2:]] == [one.id for _, one in plain[2:]]
    assert [candidate.matching for candidate, _ in found[2:]] == [None]


@pytest.mark.parametrize("mode", [Mode.DENSE, Mode.HYBRID])
def test_replacing_is_the_published_order(mode: Mode, checkpoint: Path, root: Path, tmp_path: Path) -> None:
    """The best five by logit plus cosine, both computed anew for each pair; the others follow as they were."""
    encoder = load_encoder(str(checkpoint), device="cpu", cache_folder=tmp_path / "graphs")
    matcher = TorchMatcher(checkpoint, "cpu")
    with Library.open(tmp_path / "library") as library:
        place = Place(indexed(library, root, encoder), Filters(), encoder)
        plain = find(QUERY, [place], mode)
        found = find(QUERY, [place], mode, Reranker(matcher, 5, REPLACING))
    sums = {}
    for _, stored in plain[:5]:
        [text] = [passage.text for passage in passages_of(stored)]
        cosine = float(encoder.encode_passages([text])[0] @ encoder.encode_query(QUERY))
        sums[stored.id] = float(matcher.pair_scores([QUERY], [text])[0]) + cosine
    assert [one.id for _, one in found[:5]] == sorted(sums, key=lambda one: -sums[one])
    assert [one.id for _, one in found[5:]] == [one.id for _, one in plain[5:]]
    assert len(found) == len(NAMES)


def test_the_engine_reranks_when_asked(checkpoint: Path, root: Path, tmp_path: Path) -> None:
    """As many as asked are read, with the words alone too, which embeds nothing; otherwise none."""
    with CodeSearch(tmp_path / "library", str(checkpoint)) as opened:
        words = opened.search(QUERY, [root], mode=Mode.LEXICAL, rerank=True, rerank_k=2)
        reranked = opened.search(QUERY, [root], rerank=True)
        plain = [opened.search(QUERY, [root], rerank=wanted) for wanted in (None, False)]
    assert [match.matching is not None for match in words.matches[:4]] == [True, True, False, False]
    assert {match.similarity for match in words.matches} == {None}
    assert words.coverage.embedded_passages == 0
    assert all(match.matching is not None and match.similarity is not None for match in reranked.matches)
    assert {match.matching for results in plain for match in results.matches} == {None}
    assert {match.path for match in reranked.matches} == {match.path for match in plain[0].matches}


def test_a_model_without_a_head_says_so(root: Path, tmp_path: Path) -> None:
    """When reranking is asked for, before anything is indexed; a search without it is answered."""
    folders.published(tmp_path / "small", "codet5p_embedding", file="model.safetensors")
    with CodeSearch(tmp_path / "library", str(tmp_path / "small")) as opened:
        with pytest.raises(CapabilityMissing, match="matching head"):
            opened.search(QUERY, [root], rerank=True)
        assert [status.passages for status in opened.status()] == [0]
        assert opened.search(QUERY, [root]).matches
        with pytest.raises(CapabilityMissing):
            opened.evaluate(judged_set(tmp_path), [RerankedMode(Mode.LEXICAL)])


def test_where_reranking_is_the_default(
    checkpoint: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs a head, is silent without one, can be declined, and is no reason to load a model for words alone."""
    monkeypatch.setattr(engine, "RERANK_BY_DEFAULT", True)
    folders.published(tmp_path / "small", "codet5p_embedding", file="model.safetensors")
    with CodeSearch(tmp_path / "library", str(checkpoint)) as able:
        assert able.search(QUERY, [root]).matches[0].matching is not None
        assert able.search(QUERY, [root], rerank=False).matches[0].matching is None
        assert able.search(QUERY, [root], mode=Mode.LEXICAL).matches[0].matching is None
    with CodeSearch(tmp_path / "other", str(tmp_path / "small")) as unable:
        assert unable.search(QUERY, [root]).matches[0].matching is None


def judged_set(folder: Path) -> Path:
    """Write a judged set of the seven functions, each asked for by its name in words; return its folder."""
    target = folder / "judged"
    target.mkdir()
    files = {
        "corpus": [{"id": name, "language": "python", "code": code} for name, code in CODES.items()],
        "queries": [{"id": name, "query": name.replace("_", " ")} for name in NAMES],
        "qrels": [{"query_id": name, "doc_id": name, "relevance": 1} for name in NAMES],
    }
    for name, rows in files.items():
        (target / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return target


def test_an_evaluation_of_reranked_modes(checkpoint: Path, tmp_path: Path) -> None:
    """Each mode under its name; dense replaced is the mean over a brute-force order of all pairs."""
    modes = [Mode.DENSE, RerankedMode(Mode.DENSE, replacing=True), *(RerankedMode(mode) for mode in Mode)]
    with CodeSearch(tmp_path / "library", str(checkpoint)) as opened:
        report = opened.evaluate(judged_set(tmp_path), modes)
    names = ["dense", "dense+replace", "hybrid+rerank", "dense+rerank", "lexical+rerank"]
    assert list(report.modes) == list(report.by_language) == names
    encoder = load_encoder(str(checkpoint), device="cpu", cache_folder=tmp_path / "graphs")
    matcher = load_matcher(str(checkpoint), "cpu")
    ranks = []
    for name in NAMES:
        query = name.replace("_", " ")
        # A document's passage has no path: it is its code without the indentation.
        texts = [code.replace("    ", "").rstrip() for code in CODES.values()]
        cosines = encoder.encode_passages(texts) @ encoder.encode_query(query)
        order = np.argsort(-(matcher.scores(query, texts) + cosines))
        ranks.append(reciprocal_rank([NAMES[place] for place in order], {name: 1.0}, 10))
    assert report.modes["dense+replace"]["mrr@10"] == pytest.approx(np.mean(ranks), abs=1e-4)
    assert report.modes["dense+replace"] != report.modes["dense"]
