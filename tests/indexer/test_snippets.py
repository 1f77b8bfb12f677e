"""Code out of its file: the share that is malformed, and the code without its documentation."""

from __future__ import annotations

import pytest

from indexer import bare_code, malformed_share

WELL_FORMED = [
    ("python", "@cached\ndef area(self):\n    return self.width * self.height"),
    ("go", "func (s *Server) Close() error {\n\treturn nil\n}"),
    ("java", "@Override\npublic String toString() {\n    return name;\n}"),
    ("rust", "pub fn area(&self) -> u8 {\n    self.width\n}"),
    ("ruby", "def area\n  @width\nend"),
    ("haskell", "area :: Int -> Int\narea x = x * x"),
]


@pytest.mark.parametrize(("language", "code"), WELL_FORMED)
def test_well_formed_code(language, code):
    """A function on its own is well-formed in its language."""
    assert malformed_share(code, language) == 0.0


@pytest.mark.parametrize(
    ("language", "code", "share"),
    [
        ("go", "func f() {\n\tg()\n", 1 / 16),  # 16 bytes, and a brace that is missing
        ("python", "))))))))", 8 / 9),  # all of the text, not the line end that is added
        ("python", "", 0.0),
    ],
)
def test_the_share_counts_bytes(language, code, share):
    """What is an error counts with its bytes, what is missing as one."""
    assert malformed_share(code, language) == pytest.approx(share)


def test_prose_is_malformed():
    """A sentence is no Go and no Java."""
    sentence = "The function reads a file, and then it returns what is in it."
    assert malformed_share(sentence, "go") > 0.5
    assert malformed_share(sentence, "java") > 0.1


def test_a_language_without_a_grammar_has_no_share():
    """Nothing can be said of SQL, nor of what is no language."""
    assert malformed_share("select 1", "sql") is None
    assert malformed_share("x", "") is None


def test_bare_code_has_no_docstring():
    """The documentation string goes with its line; comments and other strings stay."""
    code = 'def f(x):\n    """Say\n\n    what."""\n    # why\n    return "x"\n'
    assert bare_code(code, "python") == 'def f(x):\n    # why\n    return "x"'


def test_bare_code_of_what_has_none():
    """Without a documentation string, without a grammar, and with a second definition, nothing is lost."""
    assert bare_code("def f(x):\n    return x\n", "python") == "def f(x):\n    return x"
    assert bare_code("select 'ä'", "sql") == "select 'ä'"
    two = 'def f():\n    """One."""\n    return 1\n\n\ndef g():\n    """Two."""\n    return "ä"'
    assert bare_code(two, "python") == two.replace('    """One."""\n', "")
