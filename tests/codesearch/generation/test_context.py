"""What a writer reads: near-duplicates out, whole functions, as many as fit, counted by hand."""

from __future__ import annotations

import pytest

from codesearch.generation.context import Source, distinct, jaccard, pack, shingles, sources_of
from tests.codesearch.generation.fakes import FakeWriter, match


def source(name, words):
    """Return a source whose code has so many words."""
    return Source(match(name, name), " ".join([name] * words))


def packed(room, limit, *words, prompt="two words"):
    """Return (names of the sources taken, tokens, cut) for sources a, b, c ... with so many words."""
    sources = [source(name, count) for name, count in zip("abcde", words, strict=False)]
    context = pack(prompt, sources, FakeWriter(source_tokens=room), limit)
    assert context.parts == (prompt, *(one.code for one in sources if one.match in context.sources))
    assert context.room == room
    return "".join(one.definition.name for one in context.sources), context.tokens, context.cut


@pytest.mark.parametrize(
    ("room", "limit", "words", "expected"),
    [
        # <s> two words </s> is 4 tokens, and each function one more than its words.
        (100, 3, (10, 20, 30), ("abc", 4 + 11 + 21 + 31, False)),
        (67, 3, (10, 20, 30), ("abc", 67, False)),
        (66, 3, (10, 20, 30), ("ab", 36, False)),  # one token too many
        (40, 3, (10, 50, 20), ("ac", 36, False)),  # what does not fit gives way
        (100, 1, (10, 20), ("a", 15, False)),
        (100, 2, (200, 10, 20, 30), ("bc", 36, False)),
        (30, 3, (50, 60), ("a", 30, True)),  # nothing fits whole: the best one, cut
        (100, 0, (10,), ("", 4, False)),
        (100, 3, (), ("", 4, False)),
    ],
)
def test_packing(room, limit, words, expected):
    """Functions are taken in their order while they fit whole; only if none does is the best one cut."""
    assert packed(room, limit, *words) == expected


def test_a_prompt_that_fills_the_room_leaves_none():
    """Nothing is packed beside a prompt that is as long as the room, and no more is counted than is read."""
    assert packed(10, 3, 5, prompt="w " * 20) == ("", 10, False)
    assert packed(10, 3, 5, prompt="w " * 7) == ("", 9, False)


def test_shingles_and_jaccard():
    """Five tokens in a row are a shingle; of six tokens there are two, of fewer than five one."""
    six = shingles("a b c d e f")
    assert six == {tuple("abcde"), tuple("bcdef")}
    assert shingles("f(x)") == {("f", "(", "x", ")")}
    assert jaccard(six, shingles("a b c d e f g")) == 2 / 3
    assert jaccard(six, six) == 1
    assert jaccard(shingles(""), shingles("")) == 1


def test_near_duplicates_give_way_to_the_better_one():
    """A copy with one token changed at the end of 40 is left out, one changed in the middle of 12 is not."""
    long = [f"t{n}" for n in range(40)]
    copy = [*long[:-1], "other"]  # 35 of 37 shingles in common
    short = [f"s{n}" for n in range(12)]
    changed = [*short[:6], "other", *short[7:]]  # 3 of 13
    codes = {"long": long, "copy": copy, "short": short, "changed": changed, "again": long}
    kept = distinct(Source(match(name, name), " ".join(words)) for name, words in codes.items())
    assert [one.match.definition.name for one in kept] == ["long", "short", "changed"]


METHOD = 'class Queue:\n    def retry(self):\n        """Try."""\n        return 1\n'


def test_code_is_read_at_the_margin_and_without_documentation(tmp_path):
    """A method moves to the left as far as it stands in its file, and its docstring goes."""
    (tmp_path / "queue.py").write_text(METHOD)
    code = METHOD.split("\n", 1)[1].strip()
    found = match("retry", code, path="queue.py", line=2)
    here = type(found)(tmp_path, *[getattr(found, name) for name in found.__slots__[1:]])
    (one,) = sources_of([here])
    assert one.code == "def retry(self):\n    return 1"
    assert one.match is here


def test_a_file_that_changed_or_is_gone_leaves_the_code_as_it_is(tmp_path):
    """Where the margin cannot be known, nothing is moved."""
    code = "def f(self):\n        return 1"
    (tmp_path / "shop.py").write_text("    def g(self):\n        return 2\n")
    found = match("f", code)
    moved = type(found)(tmp_path, *[getattr(found, name) for name in found.__slots__[1:]])
    assert [one.code for one in sources_of([found, moved])] == [code, code]
