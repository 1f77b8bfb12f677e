"""Passages that belong to queries: the place as in search, what is left out, comments and docstrings by hand."""

from __future__ import annotations

import ast
from random import Random

import pytest

from codesearch.training.passages import (
    PassageShares,
    make_passage,
    place_of,
    search_passage,
    with_docstring,
    without_comment,
)
from codesearch.training.queries import Query, QueryStyle
from indexer import describe, passage_code, split
from tests.codesearch.training.examples import LOAD, documented, example

PLAIN = PassageShares(place=0.0, documentation=0.0, hidden_name=0.0, hidden_variables=0.0)
KEPT = PassageShares(place=0.0, documentation=1.0, hidden_name=0.0, hidden_variables=0.0)
PLACED = PassageShares(place=1.0, documentation=0.0, hidden_name=0.0, hidden_variables=0.0)
WEB = Query("load configuration", QueryStyle.WEB)
CODE = passage_code(LOAD.code)  # without the indentation that its lines share

FILE = '''
class Store:
    class Cache:
        def put(self, key, value):
            """Keeps a value."""
            self.rows[key] = value
            return value


def top(rows):
    for row in rows:
        return row
'''


def passages(one, query, shares, seeds=30):
    return {make_passage(one, query, shares, Random(seed)) for seed in range(seeds)}


@pytest.mark.parametrize("path", ["src/shop/deep/down/a.store/files.test.py", "main.py", "lib/.hidden.py"])
def test_the_place_is_that_of_search(path):
    """The first line is the one with which the indexer begins the passage of the same function."""
    found = {one.name: one for one in split(FILE.encode(), "python")}
    for name in ("put", "top"):
        definition = found[name]
        [passage] = describe(path, "python", definition)
        one = example(path=path, name=name, qualified_name=definition.qualified_name, code=definition.code)
        head, line_break, code = passage.text.partition("\n")
        assert place_of(one) == head
        assert make_passage(one, WEB, PLACED, Random(0)).startswith(head + line_break)
        assert code.split("\n")[0] == definition.code.split("\n")[0]


@pytest.mark.parametrize(
    ("language", "file", "name", "code"),
    [
        ("python", FILE, "put", "def put(self, key, value):\n    self.rows[key] = value\n    return value"),
        ("python", FILE, "top", "def top(rows):\n    for row in rows:\n        return row"),
        ("go", "package a\n\n// Keeps a value.\nfunc put() int {\n\treturn 1\n}\n", "put", None),
    ],
)
def test_a_whole_passage_is_that_of_search(language, file, name, code):
    """Place, documentation and code as the indexer puts them together, with a docstring in its place."""
    [definition] = [one for one in split(file.encode(), language) if one.name == name]
    [passage] = describe("shop/a.x", language, definition)
    one = example(
        language=language,
        path="shop/a.x",
        name=name,
        qualified_name=definition.qualified_name,
        documentation="Keeps a value." if name == "put" else "",
        code=code or definition.code,
    )
    assert search_passage(one) == passage.text


def test_shares_of_one_and_zero():
    """What is shown always, and what never; no share of anything leaves the code."""
    assert passages(LOAD, WEB, PLAIN) == {CODE}
    assert passages(LOAD, WEB, PLACED) == {f"shop/files/config_store ConfigStore\n{CODE}"}
    java = example(language="java")
    assert passages(java, WEB, KEPT) == {f"{LOAD.documentation}\n{CODE}"}
    half = PassageShares(0.5, 0.0, 0.0, 0.0)
    placed = [make_passage(LOAD, WEB, half, Random(seed)) != CODE for seed in range(400)]
    assert 150 < sum(placed) < 250


def test_documentation_per_style():
    """A query that is the documentation leaves none of it, its opening leaves the rest, a made one may leave all."""
    java = example(language="java")
    for style in QueryStyle:
        kept = {text.removesuffix(CODE).strip() for text in passages(java, Query("some words", style), KEPT)}
        if style is QueryStyle.DOCUMENTATION:
            assert kept == {""}
        elif style is QueryStyle.OPENING:
            assert kept == {"Missing files are skipped."}
        elif style is not QueryStyle.NAME:
            assert kept == {java.documentation}
    long = documented("word " * 200, language="java")
    assert passages(long, WEB, KEPT) == {f"{('word ' * 200)[:400]}\n{CODE}"}


def test_a_name_that_is_asked_for_is_not_there():
    """A query of names meets neither the name nor the place, nor the name in the documentation."""
    one = documented("Calls load_config of a shop. More.", language="java")
    for text in passages(one, Query("load config", QueryStyle.NAME), PassageShares(1.0, 1.0, 0.0, 0.0)):
        assert "load_config" not in text
        assert "config_store" not in text
        assert text.startswith("Calls Func of a shop. More.\ndef Func(self, path")
    word = documented("How to load a shop.", language="java", name="load", code="def load(x):\n    pass")
    assert passages(word, WEB, PassageShares(0.0, 1.0, 1.0, 0.0)) == {"How to load a shop.\ndef Func(x):\npass"}


def test_hidden_variables_hide_the_name_too():
    """Name, parameters and variables are replaced; the member of the same name stays."""
    [text] = passages(LOAD, WEB, PassageShares(0.0, 0.0, 0.0, 1.0))
    assert text.startswith("def Func(self, arg_0: str, arg_1=False) -> dict:\n")
    assert "arg_2 = self.path.read(arg_0)" in text


def test_the_comment_that_is_asked_for_is_gone():
    """Its line, or the end of the line that it stands on."""
    lines = CODE.split("\n")
    [first] = passages(LOAD, Query(LOAD.comments[0], QueryStyle.COMMENT), PLAIN)
    assert first.split("\n") == [lines[0], *lines[2:]]
    [second] = passages(LOAD, Query(LOAD.comments[1], QueryStyle.COMMENT), PLAIN)
    assert second.split("\n") == [*lines[:4], "content = self.path.read(path)", lines[5]]


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("int f() {\n  // sort all rows\n  // by their size\n  return 1;\n}", "int f() {\n  return 1;\n}"),
        ("int f() {\n  /* sort all rows\n   * by their size */\n  return 1;\n}", "int f() {\n  return 1;\n}"),
        ("int f() {\n  /*\n   * sort all rows by their size\n   */\n  return 1;\n}", None),
        ("f(a /* sort all rows by their size */, b)", "f(a, b)"),
        ("x = 1 -- sort all rows by their size\ny = 2", "x = 1\ny = 2"),
        ("x = 1  #: sort all rows\n       #: by their size", "x = 1"),
        ("# sort all rows by their sizes", "# sort all rows by their sizes"),
        ("# sort rows by their size", "# sort rows by their size"),
    ],
)
def test_comments_of_several_lines_and_marks(code, left):
    """Marks before, between and behind go with the words; a comment that only looks like it stays."""
    found = without_comment(code, "sort all rows by their size")
    if left is None:
        assert "sort" not in found
        assert found.endswith("return 1;\n}")
    else:
        assert found == left


SIGNATURES = [
    "def f(x):\n    return x",
    "async def f(\n    x: dict = {1: 2},\n    y=lambda a: a,\n) -> Callable[[int], str]:  # a: b\n    #c\n    return x",
    "@retry(lambda error:\n    error)\n@cached\ndef f(x={\n    1:\n        2}):\n\n        return x",
    'def f(x=":\\n"):\n\treturn x',
    "def f(x):\n    class A:\n        pass\n    return x[1:\n    2]",
]


@pytest.mark.parametrize("code", SIGNATURES)
def test_the_docstring_stands_where_python_finds_it(code):
    """Python's own parser reads the documentation back and finds the rest of the function as it was."""
    tree = ast.parse(with_docstring(code, 'Says "hi".'))
    assert ast.get_docstring(tree.body[0]) == 'Says "hi".'
    del tree.body[0].body[0]
    assert ast.dump(tree) == ast.dump(ast.parse(code))
    ast.parse(with_docstring(code, 'Says """hi"""'))


@pytest.mark.parametrize(
    "code", ["def f(x): return x", "def f(x", "x = 1\n", "", "def f(x):\n    'unfinished", "def f(x):"]
)
def test_no_place_for_a_docstring(code):
    """Where there is no indented body, or the code is cut before it, documentation stands above."""
    assert with_docstring(code, "Words.") in (f"Words.\n{code}", 'def f(x):\n    """Words."""\n    \'unfinished')


def test_half_of_pythons_documentation_is_a_docstring():
    """In Python documentation stands in the code or above it; in both, nothing is lost."""
    above = f"{LOAD.documentation}\n{CODE}"
    inside = passage_code(with_docstring(LOAD.code, LOAD.documentation))
    found = [make_passage(LOAD, WEB, KEPT, Random(seed)) for seed in range(300)]
    assert set(found) == {above, inside}
    assert 100 < found.count(inside) < 200
