"""Code to code, with vectors that can be worked out by hand, and with the bundled model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesearch import CodeSearch, Filters, Kind, Mode
from codesearch.reading import locate
from codesearch.repositories import Repositories
from codesearch.similar import query_vectors, similar_to
from indexer import describe, index_repository
from tests.fakes import FakeEncoder

FILES = {
    "box.py": """\
class Box:
    def load(self, name):
        return read(name) + read(name)

    def store(self, name):
        return write(name)
""",
    "copy.py": "def renamed(name):\n    return read(name) + read(name)\n",
    "near.py": "def near(name):\n    return read(name) + read(name) + send(name)\n",
    "far.py": "def far(name):\n    delete(name)\n    return sort(name)\n",
    "tool.go": "package tool\n\nfunc Load(name string) {\n\tread(name)\n\tread(name)\n}\n",
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Five files in two languages, the current folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name, code in FILES.items():
        (folder / name).write_text(code)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def repositories(tmp_path):
    opened = Repositories(tmp_path / "library")
    yield opened
    opened.close()


def located(repositories, encoder, where, *paths):
    brought = None if encoder is None else lambda repository: index_repository(repository, encoder)
    return locate(where, paths or (Path(),), repositories, brought)


def names(matches):
    return [match.definition.qualified_name for match in matches]


def cosine(one, other):
    """Return the mean, over the passages of one definition, of the best cosine with a passage of the other."""
    encode = FakeEncoder().encode_passages
    mine, its = (encode([passage.text for passage in describe(*place)]) for place in (one, other))
    return float((mine @ its.T).max(axis=1).mean())


def test_the_order_is_that_of_the_cosines(root, repositories):
    """Every other definition by the mean of its best cosines, computed here from the texts of the passages."""
    encoder = FakeEncoder()
    found = located(repositories, encoder, "copy.py:1")
    matches = similar_to(found, lambda _: encoder, Filters(), 10)
    every = [one for name in FILES for one in _definitions(found.home, name)]
    meant = next(one for one in every if one.definition.name == "renamed")
    expected = {
        one.definition.qualified_name: cosine(
            (meant.path, meant.language, meant.definition), (one.path, one.language, one.definition)
        )
        for one in every
        if one is not meant and describe(one.path, one.language, one.definition)
    }
    assert {match.definition.qualified_name for match in matches} == set(expected)
    for match in matches:
        assert match.score == pytest.approx(expected[match.definition.qualified_name], abs=2e-3)
        assert match.similarity == pytest.approx(match.score, abs=2e-3)
    assert names(matches)[:2] == ["Box.load", "Load"]
    assert [match.dense_rank for match in matches] == list(range(1, len(matches) + 1))
    assert len(similar_to(found, lambda _: encoder, Filters(), 2)) == 2


def _definitions(repository, path):
    return repository.definitions(repository.containing((), Filters(below=(path,))))


def test_what_it_is_in_and_what_is_in_it_are_left_out(root, repositories):
    """A method's class is not like it, nor is a class like its methods; other methods of the class may be."""
    encoder = FakeEncoder()
    method = names(similar_to(located(repositories, encoder, "box.py:2"), lambda _: encoder, Filters(), 10))
    assert "Box.store" in method
    assert not {"Box", "Box.load"} & set(method)
    whole = names(similar_to(located(repositories, encoder, "box.py:1"), lambda _: encoder, Filters(), 10))
    assert "renamed" in whole
    assert not {"Box", "Box.load", "Box.store"} & set(whole)


def test_a_copy_comes_first_wherever_it_stands(root, repositories):
    """Nearly the same code scores at least what it has in common, though its class says something else."""
    body = "\n".join(f"        step{number}(self, name, {number})" for number in range(30))
    (root / "one.py").write_text(f"class Sort:\n    def sort(self, name):\n{body}\n")
    (root / "two.py").write_text(f"class Send:\n    def sort(self, name):\n{body}\n        return 1\n")
    (root / "three.py").write_text("def sort(self, name):\n    return read(name)\n")
    encoder = FakeEncoder()
    first = similar_to(located(repositories, encoder, "one.py:2"), lambda _: encoder, Filters(), 1)[0]
    assert first.definition.qualified_name == "Send.sort"
    assert first.score > first.similarity


def test_filters_and_folders(root, repositories):
    """Language, kind and path limit what is found; the definition that is asked about need not pass them."""
    encoder = FakeEncoder()
    found = located(repositories, encoder, "copy.py:1")
    for filters, expected in (
        (Filters(languages=frozenset({"go"}), kinds=frozenset({Kind.FUNCTION})), ["Load"]),
        (Filters(kinds=frozenset({Kind.METHOD})), ["Box.load", "Box.store"]),
        (Filters(paths=("far.py",)), ["far"]),
    ):
        assert names(similar_to(found, lambda _: encoder, filters, 10)) == expected
    below = located(repositories, encoder, "copy.py:1", Path("far.py"), Path("near.py"))
    assert names(similar_to(below, lambda _: encoder, Filters(), 10)) == ["near", "far"]


def test_its_embeddings_are_taken_from_the_library(root, repositories):
    """Nothing is encoded for a definition that is embedded; for another model's search it is encoded then."""
    encoder, other = FakeEncoder(), FakeEncoder("other")
    found = located(repositories, encoder, "copy.py:1")
    encoded = len(encoder.texts)
    stored = query_vectors(found.meant, found.home, encoder)
    assert len(encoder.texts) == encoded
    assert np.abs(stored - query_vectors(found.meant, found.home, other)).max() < 1e-3
    assert len(other.texts) == 1


def test_a_long_definition_asks_with_passages_from_end_to_end(root, repositories):
    """Of many passages eight are asked with, the first and the last among them."""
    lines = [f"    {word}(name)  # {'x' * 90}" for word in ("read", "write", "send", "sort") for _ in range(40)]
    (root / "long.py").write_text("def long(name):\n" + "\n".join(lines) + "\n")
    encoder = FakeEncoder()
    found = located(repositories, encoder, "long.py:1")
    every = found.home.embeddings_of(encoder.fingerprint, found.meant.id)
    asked = query_vectors(found.meant, found.home, encoder)
    assert len(every) > 12
    assert len(asked) == 8
    assert np.array_equal(asked[[0, -1]], every[[0, -1]])
    assert len(query_vectors(found.meant, found.home, FakeEncoder("other"))) == 8


def test_another_repository(root, repositories, tmp_path):
    """A definition of one repository is looked for in another one alone."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "own.py").write_text("def own(name):\n    return read(name)\n")
    encoder = FakeEncoder()
    found = located(repositories, encoder, "copy.py:1", other)
    matches = similar_to(found, lambda _: encoder, Filters(), 10)
    assert [(match.root, match.definition.name) for match in matches] == [(other, "own")]


def test_the_engine_with_the_bundled_model(tmp_path):
    """A renamed copy in another language's spelling of names comes first; the answer says what was asked about."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "retry.py").write_text(
        "def send_with_patience(client, data):\n    for attempt in range(5):\n        try:\n"
        "            return client.put(data)\n        except OSError:\n            time.sleep(2**attempt)\n"
    )
    (root / "again.js").write_text(
        "async function uploadWithRetry(http, body) {\n  for (let i = 0; i < 5; i++) {\n    try {\n"
        "      return await http.put(body)\n    } catch (error) {\n      await sleep(2 ** i)\n    }\n  }\n}\n"
    )
    (root / "price.py").write_text("def total(items):\n    return sum(item.price for item in items)\n")
    with CodeSearch(library=tmp_path / "library") as engine:
        found = engine.similar(f"{root}/retry.py:3", [root])
        assert found.definition.definition.name == "send_with_patience"
        assert [match.definition.name for match in found.results.matches][:1] == ["uploadWithRetry"]
        assert found.results.mode is Mode.DENSE
        assert found.results.coverage.complete
        (root / "price.py").unlink()
        stale = engine.similar("send_with_patience", [root], refresh=False, top_k=1).results
        assert stale.coverage.stale
        assert len(stale.matches) == 1
