"""Passages: hand-written expectations of what the encoder reads."""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise

import pytest

from indexer.passages import PASSAGE_CHARACTERS, describe, path_words
from indexer.split import split
from store.records import Definition, Kind


def definition(code: str, **changes) -> Definition:
    """Make a function `send` of the type `Adapter` that starts in line 11."""
    values = {
        "kind": Kind.METHOD,
        "name": "send",
        "qualified_name": "Adapter.send",
        "signature": "def send(self, request)",
        "documentation": "",
        "code": code,
        "start_line": 11,
        "end_line": 11 + code.count("\n"),
        "start_byte": 0,
        "end_byte": len(code),
    }
    return Definition(**{**values, **changes})


def test_a_short_definition_is_one_passage_with_its_place_documentation_and_code():
    """Path words and enclosing type, then the documentation, then the code; the digest is that of the text."""
    code = "def send(self, request):\n    return self.pool.send(request)"
    (passage,) = describe(
        "src/net/adapters.py", "python", definition(code, documentation="Send a request.\nRetry once.")
    )
    assert passage.text == (
        "net/adapters Adapter\nSend a request.\nRetry once.\ndef send(self, request):\nreturn self.pool.send(request)"
    )
    assert (passage.start_line, passage.end_line) == (11, 12)
    assert passage.digest == blake2b(passage.text.encode(), digest_size=16).digest()


def test_documentation_inside_the_code_is_not_said_twice():
    """A Python docstring stays where it is; the same words wrapped or marked otherwise are recognised."""
    code = 'def send(self):\n    """Send a\n    request, twice.\n    """\n    return 1'
    (passage,) = describe("a.py", "python", definition(code, documentation="Send a request, twice."))
    assert passage.text.count("twice") == 1
    (other,) = describe("a.py", "python", definition(code, documentation="Send a parcel, twice."))
    assert other.text.count("twice") == 2


@pytest.mark.parametrize(
    ("documentation", "said"),
    [
        ("send", True),  # the first word of the code
        ("a b c", True),  # only behind "a b", which begins alike
        ("b c", True),
        ("c", True),  # the last word
        ("c d", False),  # goes on where the code ends
        ("en", False),  # in the midst of a word
        ("nd a", False),
        ("...", True),  # no words
        (" ".join("abcdefghijkl"), False),
    ],
)
def test_documentation_is_looked_for_word_by_word(documentation: str, said: bool):
    """Whole words in their order say that the code has the documentation, wherever it begins."""
    (passage,) = describe("x.py", "python", definition("send(a, b, a b c)", documentation=documentation))
    assert passage.text.startswith("x Adapter\nsend(a") is said


def test_a_long_definition_is_read_in_overlapping_windows_under_its_name():
    """Every line is in a window, in order; each window behind the first names the definition and its signature."""
    lines = ["def send(self, request):", *(f"    step_{number:03}(request, option={number})" for number in range(200))]
    passages = describe("net/adapters.py", "python", definition("\n".join(lines)))
    assert len(passages) > 7
    for passage in passages[1:]:
        assert passage.text.startswith("net/adapters Adapter.send\ndef send(self, request)\nstep_")
    for passage in passages:
        assert len(passage.text) <= PASSAGE_CHARACTERS + 120
        shown = passage.text.split("\n")[-(passage.end_line - passage.start_line + 1) :]
        assert shown == [line.strip() for line in lines[passage.start_line - 11 : passage.end_line - 10]]
    for before, after in pairwise(passages):
        assert before.start_line < after.start_line <= before.end_line < after.end_line
    assert (passages[0].start_line, passages[-1].end_line) == (11, 211)


def test_long_lines_are_cut_and_long_documentation_leaves_room_for_the_code():
    """One giant line, or pages of documentation, cannot push the rest of a definition out."""
    code = "x = '" + "a" * 900_000 + "'\nreturn x"
    (passage,) = describe("a.py", "python", definition(code))
    assert passage.text.endswith("aaa\nreturn x")
    assert len(passage.text) < 400
    documented = describe("a.py", "python", definition("def send():\n    pass", documentation="word " * 5_000))
    assert [passage.text.endswith("def send():\npass") for passage in documented] == [True]
    assert len(documented[0].text) <= PASSAGE_CHARACTERS


def test_a_table_of_data_has_an_end():
    """The number of passages of one definition is limited."""
    assert len(describe("a.py", "python", definition("\n".join(f"    {n}: 'value'," for n in range(40_000))))) == 64


def test_an_outline_has_the_lines_of_the_whole_type():
    """The code of a type leaves its methods' bodies out, so lines of the code are not lines of the file."""
    source = "class Adapter:\n    " + "\n    ".join(f"def a{n}(self, x):\n        return {n}" for n in range(90))
    outline = split(source.encode(), "python")[0]
    assert outline.kind is Kind.CLASS
    passages = describe("a.py", "python", outline)
    assert len(passages) > 1
    assert {(passage.start_line, passage.end_line) for passage in passages} == {(1, 181)}


def test_parts_without_a_name_are_known_by_their_place_and_imports_give_none():
    """A block says where it is and no name like `<top level>`; imports are not worth an embedding."""
    source = b"import os\nimport sys\n\n\nprint(os.name)\nprint(sys.path)\n"
    imports, block = split(source, "python")
    assert describe("tools/show.py", "python", imports) == ()
    (passage,) = describe("tools/show.py", "python", block)
    assert passage.text == "tools/show\nprint(os.name)\nprint(sys.path)"
    assert (passage.start_line, passage.end_line) == (5, 6)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a.py", "a"),
        ("src/main/java/com/shop/cart/Cart.java", "shop/cart/Cart"),
        ("a/b/c/d/e.d.ts", "b/c/d/e"),
        (".ci/build.sh", ".ci/build"),
        ("Makefile", "Makefile"),
        (".bashrc", ".bashrc"),
    ],
)
def test_path_words(path, words):
    """The last three telling folders and the stem."""
    assert path_words(path) == words


def test_odd_text_gives_a_passage():
    """Lone surrogates, replacement characters, form feeds and an empty code do not stop anything."""
    for code in ("", "\n\n", "\x0c", "\ufffd\ufffd", "\ud800", "a\r\nb\rc"):
        for passage in describe("a.py", "python", definition(code)):
            assert passage.text


def test_a_table_of_data_is_found_by_its_words_alone():
    """Top-level code whose lines are nearly all values gives no passage; calls, few lines or a function do."""
    rows = ["return ["] + [f"    'en_{number}' => 'English ({number})'," for number in range(30)] + ["];"]
    table = definition("\n".join(rows), kind=Kind.BLOCK, name="<top level>", qualified_name="", signature="")
    assert describe("data/en.php", "php", table) == ()
    calls = "\n".join(f"register('en_{number}', English({number}));" for number in range(30))
    assert describe("data/en.php", "php", definition(calls, kind=Kind.BLOCK)) != ()
    assert describe("data/en.php", "php", definition("\n".join(rows[:10]), kind=Kind.BLOCK)) != ()
    assert describe("data/en.php", "php", definition("\n".join(rows), kind=Kind.METHOD)) != ()
