"""Files in which a grammar meets what it does not know, and what is found behind it."""

from __future__ import annotations

import importlib
import random

import pytest

from indexer.grammars import load_grammar, matches_in, parse_source
from indexer.recovery import MOST_TRIES, SWALLOWED_LINES, find_matches
from indexer.split import split
from indexer.suspects import suspects
from tests.indexer.test_split_languages import LANGUAGES, sample_of

KOTLIN = """package channels

interface Before {
    fun send(value: Int)
}

@JvmInline
public value class Result<out T>
@PublishedApi internal constructor(internal val holder: Any?) {
    /** Whether it "succeeded": `println("${result.get()}")`. */
    public fun isSuccess(): Boolean = holder !is Failed

    public fun get(): T {
        check(holder !is Failed) { "Nothing in $holder" }
        return holder as T
    }

    internal class Failed
}

/** What comes after. */
public interface Iterator<out E> {
    public fun next(): E
}

public fun after(): String {
    return "after"
}
"""

C = """#include <poll.h>

static int before(int a) {
  return a;
}

void poll_events(loop_t* loop) {
#if USE_EVENTFD
  for (; !supported;) {
#else
  for (;;) {
#endif
    wait(loop);
  }
}

static int grow(loop_t* loop) {
  return loop->size * 2;
}

/* Waits. */
static void wait(loop_t* loop) {
  while (loop->busy) {
    if (grow(loop))
      break;
  }
}

int after(void) {
  return 1;
}
"""

KOTLIN_MEMBER = """object Walker {
    fun walk(root: Any): Int {
        return visit(root)
    }

    private fun visit(element: Any): Int {
        when {
            element is Executor && name == $$"java.Executors$Delegated" -> {
                push(element)
            }
            else -> fields(element)
        }
        return 1
    }

    private fun push(value: Any) {
        stack.add(value)
    }

    private fun fields(type: Any): Int {
        return type.size
    }
}

fun last() = 1
"""


def found(text: str, language: str) -> list[tuple[str, int, int]]:
    """Return qualified name and lines of what is defined in a text, blocks left out."""
    definitions = split(text.encode(), language)
    return [(one.qualified_name, one.start_line, one.end_line) for one in definitions if one.kind != "block"]


def read_once(text: bytes, language: str) -> list[tuple[int, dict[str, list[tuple[int, int]]]]]:
    """Return what the query finds in the tree of a single parse, as plain values."""
    loaded = load_grammar(language)
    assert loaded is not None
    tree = parse_source(text, loaded)
    assert tree is not None
    return plain(matches_in(tree, loaded))


def plain(matches: list) -> list[tuple[int, dict[str, list[tuple[int, int]]]]]:
    """Return matches with byte ranges for nodes."""
    return [
        (pattern, {name: [node.byte_range for node in nodes] for name, nodes in captures.items()})
        for pattern, captures in matches
    ]


def count_parses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the length of every text that is parsed from now on."""
    recovery = importlib.import_module("indexer.recovery")
    parsed: list[int] = []

    def counted(source, loaded, listener=None):
        parsed.append(len(source))
        return parse_source(source, loaded, listener)

    monkeypatch.setattr(recovery, "parse_source", counted)
    return parsed


def test_kotlin_constructor_that_the_grammar_does_not_know() -> None:
    """An annotated constructor on a line of its own costs neither its class nor what follows."""
    assert found(KOTLIN, "kotlin") == [
        ("Before", 3, 5),
        ("Before.send", 4, 4),
        ("Result", 7, 19),
        ("Result.isSuccess", 11, 11),
        ("Result.get", 13, 16),
        ("Result.Failed", 18, 18),
        ("Iterator", 22, 24),
        ("Iterator.next", 23, 23),
        ("after", 26, 28),
    ]
    documented = [(one.name, one.documentation) for one in split(KOTLIN.encode(), "kotlin") if one.documentation]
    assert documented[-1] == ("Iterator", "What comes after.")


def test_what_was_put_aside_is_read_as_it_is() -> None:
    """Only the parser misses the text: code and signature have it, the latter without annotations."""
    (result,) = (one for one in split(KOTLIN.encode(), "kotlin") if one.name == "Result")
    assert "@PublishedApi internal constructor(internal val holder: Any?)" in result.code
    assert result.signature.endswith("Result<out T> internal constructor(internal val holder: Any?)")


def test_c_condition_that_opens_a_bracket_twice() -> None:
    """Branches that open the same bracket do not cost the functions below."""
    assert found(C, "c") == [
        ("before", 3, 5),
        ("poll_events", 7, 15),
        ("grow", 17, 19),
        ("wait", 22, 27),
        ("after", 29, 31),
    ]


def test_statement_in_a_member() -> None:
    """A statement that cannot be read costs neither its function nor the object around it."""
    assert found(KOTLIN_MEMBER, "kotlin") == [
        ("Walker", 1, 23),
        ("Walker.walk", 2, 4),
        ("Walker.visit", 6, 14),
        ("Walker.push", 16, 18),
        ("Walker.fields", 20, 22),
        ("last", 25, 25),
    ]


@pytest.mark.parametrize(("text", "language"), [(KOTLIN, "kotlin"), (C, "c"), (KOTLIN_MEMBER, "kotlin")])
def test_one_parse_loses_it(text: str, language: str) -> None:
    """The snippets are what they claim: a single parse finds less, and line ends do not matter to what is found."""
    matches = find_matches(text.encode(), load_grammar(language))
    assert len(matches) > len(read_once(text.encode(), language))
    assert found(text.replace("\n", "\r\n"), language) == found(text, language)


@pytest.mark.parametrize(("text", "language"), [(KOTLIN, "kotlin"), (C, "c"), (KOTLIN_MEMBER, "kotlin")])
def test_spans_nest(text: str, language: str) -> None:
    """Of two definitions one holds the other or they have nothing in common, and no line of code is lost."""
    definitions = split(text.encode(), language)
    spans = [(one.start_byte, one.end_byte) for one in definitions]
    for start, end in spans:
        assert all(end <= a or b <= start or (a <= start and end <= b) or (start <= a and b <= end) for a, b in spans)
    covered = {line for one in definitions for line in range(one.start_line, one.end_line + 1)}
    for number, line in enumerate(text.split("\n"), start=1):
        assert number in covered or not line.strip("}) \t") or line.startswith(("/*", "package")), line


def test_the_place_of_a_second_error() -> None:
    """Where the parser stopped in the error that is looked at counts, not where it stumbled before."""
    text = C.replace("  return a;\n}", "  return a;\n@}", 1).replace("      break;\n", "", 1)
    assert [name for name, _, _ in found(text, "c")] == ["before", "poll_events", "grow", "wait", "after"]


@pytest.mark.parametrize("seed", range(60))
def test_spans_are_right_whatever_is_wrong(seed: int) -> None:
    """With odd bytes, brackets and line ends anywhere, spans nest, and lines and code are those of the span."""
    draw = random.Random(seed)
    text, language = draw.choice([(KOTLIN, "kotlin"), (C, "c"), (KOTLIN_MEMBER, "kotlin")])
    source = text.encode().replace(b"\n", draw.choice([b"\n", b"\r\n"]))
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(source))
        odd = draw.choice([b"[", b"{", b")", b"}", b"$$", b"@X(", b"\n#else\n", b'"', "é".encode(), b"\xe9", b"\r"])
        source = source[:at] + odd + source[at + draw.randrange(2) :]
    definitions = split(source, language)
    spans = [(one.start_byte, one.end_byte) for one in definitions]
    for one, (start, end) in zip(definitions, spans, strict=True):
        assert all(end <= a or b <= start or (a <= start and end <= b) or (start <= a and b <= end) for a, b in spans)
        assert one.start_line == source.count(b"\n", 0, start) + 1
        assert one.code.split()[0] == source[start:end].decode("utf-8", "replace").split()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_files_are_parsed_once(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without a large error costs one parse and gives what that parse gives."""
    parsed = count_parses(monkeypatch)
    source = sample_of(language)
    matches = find_matches(source, load_grammar(language))
    assert matches is not None
    assert plain(matches) == read_once(source, language)
    assert parsed == [len(source)]


def test_small_errors_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of fewer lines than are worth it costs no second parse."""
    parsed = count_parses(monkeypatch)
    source = b"def f():\n    return 1\n\n\nprint 1, $$ 2\n\n\ndef g():\n    return 2\n"
    find_matches(source, load_grammar("python"))
    assert len(parsed) == 1


def test_tries_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no program at all is given up after the named number of tries, each with one look at the log."""
    parsed = count_parses(monkeypatch)
    source = b"class A { void f( { ] ) ((\n  @ = \x00 if (\n" * SWALLOWED_LINES
    assert split(source, "java")
    assert 1 < len(parsed) <= 1 + 2 * MOST_TRIES


def test_suspects_from_the_least_to_the_most() -> None:
    """The word, the line up to the culprit, the statement, the member, the declaration and those before."""
    text = "int a() {}\n\n@X\nclass B {\n  int c() {}\n\n  int d() {\n    e = bad f;\n    g();\n  }\n}\n\nint h() {}\n"
    culprit = text.index(" f;")
    tried = [[text[start:end] for start, end in ranges] for ranges in suspects(text.encode(), culprit, 0)]
    member = "  int d() {\n    e = bad f;\n    g();\n  }\n"
    assert tried == [
        ["bad"],
        ["    e = bad "],
        ["    e = bad f;\n"],
        [member],
        ["@X\nclass B {\n  int c() {}\n\n" + member + "}\n"],
        ["  int c() {}\n"],
        ["int a() {}\n"],
    ]


def test_conditions_keep_their_first_branch() -> None:
    """Directives and the other branches are suspects, and a condition that is not closed is none."""
    text = "#if A\nint a() {\n#elif B\nint b() {\n#else\nint c() {\n#endif\n  return bad x;\n}\n#if C\n"
    tried = [[text[start:end] for start, end in ranges] for ranges in suspects(text.encode(), text.index(" x;"), 0)]
    assert ["#if A\n", "#elif B\nint b() {\n#else\nint c() {\n#endif\n"] in tried
