"""Words first: an answer before the passages are embedded, and an answer while another process is embedding them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from codesearch import CodeSearch, Mode, Progress, SearchResults, refreshing
from codesearch.codet5p import FoundEncoder
from codesearch.codet5p.errors import ModelNotFound
from codesearch.models import EncoderBeingLoaded, Models
from codesearch.search import DENSE_WEIGHT_FOR_WORDS, Place, share_of_dense
from store import Filters, Library
from store.library import DATABASE_NAME
from tests.fakes import FakeEncoder

QUESTION = "send an upload"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository of three functions."""
    root = tmp_path / "shop"
    root.mkdir()
    for name in ("send_upload", "count_apples", "parse_date"):
        (root / f"{name}.py").write_text(f"def {name}(value):\n    return value + 1\n")
    return root


def test_words_come_before_vectors(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is by words alone and comes when nothing is embedded; the full answer follows, complete."""
    monkeypatch.setattr(refreshing, "WORDS_FIRST_FROM", 3)
    events: list[object] = []

    def report(progress: Progress) -> None:
        events.append(progress.phase)

    with CodeSearch(library=tmp_path / "library") as opened:
        full = opened.search(QUESTION, [shop], progress=report, words_first=events.append)
        again: list[SearchResults] = []
        opened.search(QUESTION, [shop], words_first=again.append)
    (first,) = [event for event in events if isinstance(event, SearchResults)]
    assert (first.mode, first.coverage.passages, first.coverage.embedded_passages) == (Mode.LEXICAL, 3, 0)
    assert first.matches[0].definition.name == "send_upload"
    assert "parse" in events[: events.index(first)]
    assert "embed" not in events[: events.index(first)]
    assert "embed" in events[events.index(first) :]
    assert (full.mode, full.coverage.complete) == (Mode.HYBRID, True)
    assert again == []


@pytest.mark.parametrize(("least", "mode"), [(4, Mode.HYBRID), (1, Mode.LEXICAL)])
def test_no_first_answer_where_none_is_needed(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, mode: Mode
) -> None:
    """Little to embed, or nothing at all: there is one answer."""
    monkeypatch.setattr(refreshing, "WORDS_FIRST_FROM", least)
    first: list[SearchResults] = []
    with CodeSearch(library=tmp_path / "library") as opened:
        assert opened.search(QUESTION, [shop], mode=mode, words_first=first.append).matches
    assert first == []


def test_what_there_is_answers_while_another_indexes(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who finds the repository locked by another writer gets the words that are saved, and is told of it."""
    monkeypatch.setattr(refreshing, "SEARCH_WAIT_SECONDS", 0.0)
    with CodeSearch(library=tmp_path / "library") as opened, Library.open(tmp_path / "library") as elsewhere:
        opened.index(shop, lexical_only=True)
        (shop / "new.py").write_text("def send_upload_again():\n    return 2\n")
        with elsewhere.repository(shop).writing():
            found = opened.search(QUESTION, [shop])
        assert [match.definition.name for match in found.matches][:1] == ["send_upload"]
        assert (found.coverage.stale, found.coverage.being_indexed, found.coverage.embedded_passages) == (True, True, 0)
        assert not opened.search(QUESTION, [shop]).coverage.being_indexed


def test_who_indexes_one_repository_keeps_no_other_from_being_read(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several that are searched together, those that nobody else is writing are brought up to date."""
    monkeypatch.setattr(refreshing, "SEARCH_WAIT_SECONDS", 0.0)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "again.py").write_text("def send_upload_again():\n    return 2\n")
    with CodeSearch(library=tmp_path / "library") as opened, Library.open(tmp_path / "library") as elsewhere:
        opened.index(shop, lexical_only=True)
        with elsewhere.repository(shop).writing():
            found = opened.search(QUESTION, [shop, tmp_path / "new"], mode=Mode.LEXICAL)
    assert {"send_upload", "send_upload_again"} <= {match.definition.name for match in found.matches}
    assert (found.coverage.stale, found.coverage.being_indexed) == (True, True)


def test_meaning_counts_as_much_as_is_embedded(shop: Path, tmp_path: Path) -> None:
    """With one of three passages embedded the dense side has a third of its weight, with none none of it."""
    with CodeSearch(library=tmp_path / "library") as opened:
        opened.index(shop, lexical_only=True)
    encoder = FakeEncoder()
    with Library.open(tmp_path / "library") as library:
        repository = library.repository(shop)
        places = [Place(repository, Filters(), encoder)]
        assert share_of_dense(QUESTION, places, Mode.HYBRID) == 0.0
        with closing(sqlite3.connect(library.folder / DATABASE_NAME)) as database:
            (digest,) = database.execute("SELECT digest FROM passage").fetchone()
        repository.save_embeddings(encoder.fingerprint, [digest], encoder.encode_passages(["one"]))
        assert share_of_dense(QUESTION, places, Mode.HYBRID) == pytest.approx(DENSE_WEIGHT_FOR_WORDS / 3)
        assert share_of_dense(QUESTION, places, Mode.DENSE) == 1.0


FOUND = FoundEncoder("fake", Path(), "fake@1", 4)


def test_a_model_that_is_missing_is_an_error_before_anything_is_done(tmp_path: Path) -> None:
    """The encoder of a name that no model has is refused at once, also where a thread has begun to load it."""
    with pytest.raises(ModelNotFound):
        Models("no-such-model", tmp_path).encoder()
    models = Models("no-such-model", tmp_path)
    models.prepare(lambda: "")
    with pytest.raises(ModelNotFound):
        models.encoder()


def test_an_error_of_loading_is_raised_where_a_text_is_encoded() -> None:
    """Each text raises what loading raised; what is known without loading can be asked all the same."""

    def load(found: FoundEncoder) -> FakeEncoder:
        raise ValueError(f"{found.name} is damaged")

    loading = EncoderBeingLoaded(lambda: FOUND, load)
    for use in (lambda: loading.encode_passages(["p"]), lambda: loading.encode_query("q")):
        with pytest.raises(ValueError, match="fake is damaged"):
            use()
    assert (loading.fingerprint, loading.dimension) == ("fake@1", 4)


@pytest.mark.parametrize("prepared", [True, False])
def test_what_is_loaded_answers(prepared: bool) -> None:
    """It is found and loaded once, with the first text or before; and then asked, whatever is asked of it."""
    encoder = FakeEncoder()
    calls: list[str] = []

    def find() -> FoundEncoder:
        calls.append("find")
        return FOUND

    def load(found: FoundEncoder) -> FakeEncoder:
        calls.append(f"load {found.name}")
        return encoder

    loading = EncoderBeingLoaded(find, load)
    if prepared:
        loading.begin()
    assert (loading.fingerprint, loading.dimension) == ("fake@1", 4)
    assert prepared or calls == ["find"]
    assert (loading.encode_query("a b") == encoder.encode_query("a b")).all()
    assert (loading.encode_passages(["a", "b"]) == encoder.encode_passages(["a", "b"])).all()
    assert calls == ["find", "load fake"]
