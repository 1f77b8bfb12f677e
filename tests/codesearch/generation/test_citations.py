"""The code and the citations in an answer of a language model."""

from __future__ import annotations

import pytest

from codesearch.generation.citations import citations_in, code_in

ANSWER = """Here it is:

```python
def first(rows):
    return rows[0] + [9][0]
```

It follows [2] and, for `rows[7]`, [1, 3]. See also [5][6] and [a link](https://x) or [4](https://x).
"""


def test_citations_are_checked_against_what_was_sent():
    """Three functions were sent: 5 does not exist; code, links and indexes are no citations."""
    assert citations_in(ANSWER, 3) == ((1, 2, 3), (5,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("As in [1][2].", ((1,), ())),
        ("[0]", ((), (0,))),
        ("[1; 2]", ((1, 2), ())),
        ("rows[1]", ((), ())),
        ("none", ((), ())),
        ("```\n[1]", ((), ())),  # a block without an end
    ],
)
def test_forms_of_citations(text, expected):
    """Numbers count from 1; a bracket behind a word or another bracket is an index."""
    assert citations_in(text, 2) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ANSWER, "def first(rows):\n    return rows[0] + [9][0]"),
        ("```\nx\n```\n```\ny\n```", "x"),
        ("```go\nfunc f() {", "func f() {"),  # cut off
        ("def f():\n    return 1\n", "def f():\n    return 1"),
        ("\n    indented\n", "    indented"),
        ("", ""),
    ],
)
def test_the_code_is_the_first_block(text, code):
    """A text without a block is all code."""
    assert code_in(text) == code
