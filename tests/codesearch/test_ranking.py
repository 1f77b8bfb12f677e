"""The last step of a search, against values worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.fusion import FusedCandidate
from codesearch.ranking import rank
from codesearch.ranking.question import read_question, stem, word_stems
from codesearch.ranking.rank import COHERENCE
from codesearch.ranking.signals import (
    SIGNALS,
    file_asked,
    folder_asked,
    identifier_fit,
    is_beside_the_program,
    read_place,
    type_named,
)
from store import Heading, Kind


def stored(qualified_name: str, path: str = "a.py", kind: Kind = Kind.FUNCTION, number: int = 1) -> Heading:
    """Return what is known of a definition before its text is read."""
    name = qualified_name.rsplit(".", 1)[-1]
    return Heading(number, Path("/r"), path, kind, name, qualified_name)


def order(query: str, *found: tuple[str, str, float]) -> list[str]:
    """Return the names of candidates, given as (qualified name, path, fused score), in their final order."""
    definitions = {number: stored(name, path, number=number) for number, (name, path, _) in enumerate(found, 1)}
    candidates = [
        FusedCandidate(number, score, number, None, None, None) for number, (_, _, score) in enumerate(found, 1)
    ]
    return [definitions[one.definition_id].qualified_name for one in rank(query, candidates, definitions)]


@pytest.mark.parametrize(
    "words",
    [
        ("route", "routes", "router", "routing"),
        ("validate", "validates", "validation", "validator"),
        ("dependency", "dependencies"),
        ("run", "running", "runs"),
        ("copy", "copies", "copied", "copying"),
        ("cookie", "cookies"),
        ("connect", "connection", "connections"),
    ],
)
def test_forms_of_a_word_have_one_stem(words: tuple[str, ...]) -> None:
    """Plurals, actors and actions of one verb are the same word."""
    assert len({stem(word) for word in words}) == 1


@pytest.mark.parametrize(("one", "other"), [("request", "require"), ("test", "text"), ("node", "nodelay"), ("is", "i")])
def test_other_words_have_other_stems(one: str, other: str) -> None:
    """Words that only look alike stay apart."""
    assert stem(one) != stem(other)


def test_words_of_identifiers_and_sentences_are_the_same() -> None:
    """An identifier has the words of the sentence that says it, without those that carry no matter."""
    assert word_stems("registerBlueprints") == word_stems("how do I register a blueprint?") == {"regist", "blueprint"}


@pytest.mark.parametrize(
    ("query", "identifiers"),
    [
        ("jsonify", ("jsonify",)),
        ("how app.render finds views", ("app.render",)),
        ("where is parse_url used", ("parse_url",)),
        ("Picker:get_selection and getUser", ("Picker:get_selection", "getUser")),
        ("retry failed uploads", ()),
        ("what does `Client.send()` return", ("Client.send",)),
        ("`x = load_all(y)`", ("load_all",)),
        ("where is `send` called", ()),
        ("`send`", ("send",)),
        ("how does a::b differ from A#b", ("a::b", "A#b")),
        ("what of std::vector::push_back and this->next", ("std::vector::push_back", "this->next")),
        ("在哪里调用parse_url函数", ("在哪里调用parse_url函数", "parse_url")),
        ("谁调用send()\uff1f", ("谁调用send",)),
        ("如何解析json文件 数据", ()),
        ("parse_urlはどこ ですか", ("parse_url",)),
        ("parse_url을 호출", ("parse_url",)),
        ("где вызывается parse_url", ("parse_url",)),
        ("获取用户", ("获取用户",)),
    ],
)
def test_identifiers_in_a_question(query: str, identifiers: tuple[str, ...]) -> None:
    """A word is an identifier when it is all of the question or written as only code is."""
    assert read_question(query).identifiers == identifiers


@pytest.mark.parametrize(
    ("query", "mentioned"),
    [
        ("where is `send` called", ("send",)),
        ("what does `Client.send()` return", ()),  # an identifier
        ("`retry failed uploads`", ()),
        ("`x = load(y)`", ("load",)),
        ("who calls send() and close(fd, 0)?", ("send", "close")),
        ("ruby empty?() and println!(x)", ("empty", "println")),
        ("find the function(s) and class(es)", ()),
        ("on a device(phone or tablet)", ()),
        ("both ``get`` and ``set``, not and", ("get", "set")),
        ("谁调用send()\uff1f", ("send",)),
        ("¿dónde está `abrir`?", ("abrir",)),
        ("retry failed uploads", ()),
    ],
)
def test_words_mentioned_as_names(query: str, mentioned: tuple[str, ...]) -> None:
    """A plain word is mentioned as a name when it is called, or stands alone between backticks."""
    assert read_question(query).mentioned == mentioned


@pytest.mark.parametrize(
    ("query", "name", "fit"),
    [
        ("jsonify", "jsonify", 1.0),
        ("Jsonify", "jsonify", 0.8),
        ("parseUrl", "parse_url", 0.8),
        ("Reader.close", "Reader.close", 1.0),
        ("Reader.close", "Writer.close", 0.6),
        ("jsonify", "jsonify_all", 0.0),
        ("turn it to json", "jsonify", 0.0),
        ("where is `jsonify` called", "jsonify", 0.25),
        ("who calls jsonify() and load_all", "jsonify", 0.25),
        ("who calls jsonify() and load_all", "load_all", 1.0),
    ],
)
def test_fit_of_an_identifier(query: str, name: str, fit: float) -> None:
    """A name fits best in the same spelling and with the same owner."""
    assert identifier_fit(read_question(query), stored(name)) == fit


def test_blocks_have_no_name() -> None:
    """What a block is called is our word, not the program's."""
    assert identifier_fit(read_question("imports"), stored("imports", kind=Kind.BLOCK)) == 0


@pytest.mark.parametrize(
    ("kind", "fit"), [(Kind.TRAIT, 1.0), (Kind.CLASS, 1.0), (Kind.MODULE, 0.0), (Kind.METHOD, 0.0)]
)
def test_a_name_means_the_type(kind, fit):
    """Of a trait, its implementation and a constructor of one name, the trait is meant."""
    assert type_named(read_question("Serialize"), stored("Serialize", kind=kind)) == fit
    assert type_named(read_question("Deserialize"), stored("Serialize", kind=kind)) == 0


@pytest.mark.parametrize(
    ("path", "file", "folder"),
    [
        ("src/json/provider.py", 0.0, 1.0),
        ("src/json/json_provider.py", 0.5, 1.0),
        ("src/json/__init__.py", 1.0, 0.0),
        ("JSON.hs", 1.0, 0.0),
        ("json/src/index.ts", 0.0, 1.0),
    ],
)
def test_paths_that_are_asked(path: str, file: float, folder: float) -> None:
    """The words of file and folder count, and a file like `__init__` has its folder's name."""
    question = read_question("encode as json")
    assert (file_asked(question, stored("f", path)), folder_asked(question, stored("f", path))) == (file, folder)


@pytest.mark.parametrize(
    ("path", "file"), [("midnight.py", 4 / 8), ("noisy_line.py", 1.0), ("parse_color.py", 0.5 * 4 / 8), ("a.py", 0.0)]
)
def test_a_name_counts_by_what_it_explains(path: str, file: float) -> None:
    """A file whose name has fewer than a quarter of the question's words gains less by it."""
    question = read_question("parse dates beyond midnight inside noisy server line")
    assert len(question.stems) == 8
    assert file_asked(question, stored("f", path)) == pytest.approx(file)


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("tests/test_json.py", True),
        ("pkg/json_test.go", True),
        ("src/app.spec.ts", True),
        ("src/JsonReaderTest.java", True),
        ("examples/tutorial/app.py", True),
        ("packages/vitest/src/run.ts", False),
        ("src/latest.py", False),
        ("src/attest/contest.py", False),
    ],
)
def test_files_beside_the_program(path: str, beside: bool) -> None:
    """Tests and examples are known by whole words of their paths."""
    assert read_place(path).beside_the_program is beside


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("tests::line_count", True),
        ("lines::tests::count", True),
        ("Tests::count", False),
        ("contests::count", False),
        ("lines::tests", False),
    ],
)
def test_modules_beside_the_program(name: str, beside: bool) -> None:
    """So are tests that stand in a module of the file that they test."""
    assert is_beside_the_program(stored(name, "src/lines.rs")) is beside


def test_the_named_function_comes_before_its_tests() -> None:
    """A test that mentions the name most is behind the function of that name."""
    found = (("test_jsonify", "tests/test_json.py", 1.0), ("jsonify", "src/json.py", 0.4))
    assert order("jsonify", *found) == ["jsonify", "test_jsonify"]


def test_tests_are_not_held_back_when_asked_for() -> None:
    """The order of the fusion stays where the question is about tests."""
    found = (("check", "tests/a.py", 1.0), ("other", "src/b.py", 0.9))
    assert order("cookies", *found) == ["other", "check"]
    assert order("tests of cookies", *found) == ["check", "other"]


def test_files_with_several_candidates_gain() -> None:
    """Two candidates in one file lift the better of them above a lone one that was a little better."""
    found = (("lone", "a.py", 0.6), ("first", "b.py", 0.5), ("second", "b.py", 0.4))
    assert order("cookies", *found) == ["first", "lone", "second"]


def test_equal_scores_are_in_the_order_of_ids() -> None:
    """Of equal candidates the smaller id comes first, whatever their order was; of one file it alone gains."""
    candidates = [FusedCandidate(number, 0.5, None, None, None, None) for number in (4, 3, 2, 1)]
    apart = {number: stored("f", f"{number}.py", number=number) for number in range(1, 5)}
    assert [one.definition_id for one in rank("cookies", candidates, apart)] == [1, 2, 3, 4]
    assert [one.definition_id for one in rank("cookies", candidates, apart, 2)] == [1, 2]
    together = {number: stored("f", number=number) for number in range(1, 5)}
    first, *others = rank("cookies", candidates, together)
    assert first.definition_id == 1
    assert {one.score for one in others} == {others[0].score}
    assert first.score > others[0].score


def test_score_by_hand() -> None:
    """The score is the sum of all signs, scaled by the most that it can be."""
    highest = 1 + sum(signal.weight for signal in SIGNALS) + COHERENCE
    weights = {signal.measure: signal.weight for signal in SIGNALS}
    candidates = [FusedCandidate(1, 0.5, 1, None, None, None), FusedCandidate(2, 0.25, 2, None, None, None)]
    definitions = {1: stored("save", "cookie.py", number=1), 2: stored("load", "b.py", number=2)}
    best, other = rank("all cookies", candidates, definitions)
    first = 0.5 + weights[file_asked]
    assert (best.definition_id, other.definition_id) == (1, 2)
    assert best.score == pytest.approx((first + COHERENCE) / highest)
    assert other.score == pytest.approx((0.25 + COHERENCE * 0.25 / 0.5) / highest)  # by what was found, not by names


def test_the_highest_score_is_one() -> None:
    """A candidate that has every sign scores 1, and nothing is above it."""
    candidate = FusedCandidate(1, 1.0, 1, 1, 0.9, None)
    [best] = rank("jsonify", [candidate], {1: stored("jsonify", "jsonify/jsonify.py", Kind.CLASS)})
    assert best.score == pytest.approx(1)


def test_candidates_that_are_gone_are_left_out() -> None:
    """A definition that was removed between the two looks at the library is not an answer."""
    assert rank("anything", [FusedCandidate(7, 1.0, 1, None, None, None)], {}) == []
