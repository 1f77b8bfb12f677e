"""Explain and complete from a file to an answer, with a checkpoint that has learned two functions by heart."""

from __future__ import annotations

import pytest

from codesearch import CodeSearch
from codesearch.codet5p import Decoding, Task, load_writer
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.errors import LineMissing, LineNotGiven, PathMissing, SymbolUnknown
from tests.codesearch.codet5p import learned

pytestmark = pytest.mark.usefixtures("one_thread")

STORE = '''\
class Store:
    def size(path):
        """Documentation that the model must not read."""
        return len(path)
'''
SUMS = "def add(a, b):\n    return a + b\n"
BEGUN = "# a file\ndef add(a, b):\n    return\n"
ADD, SIZE = learned.SUMMARIES


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of the checkpoint; learning takes some seconds."""
    folder = tmp_path_factory.mktemp("learned")
    learned.write(folder)
    return str(folder)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Two functions in two files, the current folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "store.py").write_text(STORE)
    (folder / "sums.py").write_text(SUMS)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def engine(tmp_path, model):
    with CodeSearch(library=tmp_path / "library", model=model) as opened:
        yield opened


def test_a_writer_writes_what_it_learned(model):
    """Summaries of code, code of summaries, and the rest of code that was begun; the best beam is the same."""
    writer = load_writer(model, "cpu")
    for code, summary in learned.SUMMARIES.items():
        assert writer.write(Task.SUMMARY, [code], Decoding(40))[0].text == summary
        assert writer.write(Task.SUMMARY, [code], Decoding(40, beams=3))[0].text == summary
        assert writer.write(Task.CODE, [summary], Decoding(60))[0].text == code
    pieces = []
    [found] = writer.write(Task.COMPLETION, [ADD], Decoding(40), prefix=SIZE[:14], on_text=pieces.append)
    assert SIZE[:14] + found.text == "".join([SIZE[:14], *pieces]) == SIZE
    assert found.score > -0.5


@pytest.mark.parametrize("where", ["store.py:4", "Store.size", "size", "store.py:2-4"])
def test_explain_reads_the_code_alone(engine, root, where):
    """At the left margin and without its documentation, as it was learned; nothing is embedded for it."""
    explained = engine.explain(where)
    assert explained.summary == learned.SUMMARIES[SIZE]
    assert explained.definition.definition.qualified_name == "Store.size"
    assert explained.definition.root == root
    assert explained.score < 0
    assert [status.embedded_passages for status in engine.status()] == [0]


def test_complete_writes_the_rest_of_a_line(engine, root):
    """Beside the function that is like it, which is the answer's source."""
    (root / "begun.py").write_text(BEGUN)
    (root / "sums.py").unlink()
    completed = engine.complete("begun.py:3")
    assert (completed.text, completed.new_line) == (" a + b", False)
    assert completed.definition.definition.name == "add"
    assert [source.definition.qualified_name for source in completed.sources] == ["Store.size"]


def test_complete_writes_the_next_line_of_a_complete_one(engine, root):
    """With the indentation of the file; a path says where to look for what is like it."""
    completed = engine.complete("store.py:2", [root / "sums.py"], lines=2)
    assert (completed.text, completed.new_line) == ("        return len(path)", True)
    assert [source.path for source in completed.sources] == ["sums.py"]
    assert completed.line == 2


def test_a_file_of_no_repository_alone(engine, tmp_path):
    """Nothing like it to read: the decoder goes on from the code alone."""
    lone = tmp_path / "lone"
    lone.mkdir()
    (lone / "begun.py").write_text(BEGUN)
    completed = engine.complete(f"{lone}/begun.py:3:6")
    assert completed.sources == ()
    assert [status.root for status in engine.status()] == [lone]


def test_what_cannot_be_asked(engine, root, tmp_path):
    """No such name, line or file, no line at all; a model without a decoder says so before anything is indexed."""
    with pytest.raises(SymbolUnknown):
        engine.explain("nothing")
    for where, error in (("store.py:9", LineMissing), ("gone.py:1", PathMissing), ("size", LineNotGiven)):
        with pytest.raises(error):
            engine.complete(where)
    with CodeSearch(library=tmp_path / "other", model="codet5p-110m-embedding") as bare:
        bare._models.writer = lambda _repository=None, _task=None: (_ for _ in ()).throw(
            CapabilityMissing("bare", "decoder")
        )
        for ask in (bare.explain, bare.complete):
            with pytest.raises(CapabilityMissing):
                ask("store.py:2")
        assert bare.status() == []
