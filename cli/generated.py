"""What is said of code that was written: what it was drawn from, what was sent, why it cannot be used.

Pure functions from an answer to lines of text; which stream they go to is for `generate` to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.counting import number_of
from cli.plain import shown_path
from codesearch import generation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codesearch import Match

_INDENT = "  "
_CODE_INDENT = "    "

# What is wrong with what `writer` wrote; `language` is that asked for, or a word for any.
SENTENCES = {
    generation.Reason.NO_DECODER: "the model {writer} has no decoder that writes code well enough; take one"
    " that has: --model NAME (see codesearch models), or a server: --generator URL",
    generation.Reason.EMPTY: "{writer} wrote nothing",
    generation.Reason.REPEATS: "{writer} went round in a circle",
    generation.Reason.NO_DEFINITION: "what {writer} wrote defines nothing",
    generation.Reason.DOES_NOT_PARSE: "what {writer} wrote is no {language}",
}


def sending_line(context: generation.Context, host: str) -> str:
    """Return what is about to leave this machine, and where it goes."""
    functions = number_of(len(context.sources), "function") if context.sources else "no function"
    return f"sending the prompt and {functions} to {host}"


def context_lines(context: generation.Context, folder: Path) -> Iterator[str]:
    """Yield all that the writer reads, with the place of each function."""
    yield f"context: {context.tokens:,} of {number_of(context.room, 'token')}"
    yield f"{_INDENT}{context.prompt}"
    for number, (match, code) in enumerate(zip(context.sources, context.codes, strict=True), 1):
        yield f"{_INDENT}[{number}] {place_line(match, folder)}"
        yield from (f"{_CODE_INDENT}{line}".rstrip() for line in code.split("\n"))


def source_lines(answer: generation.GeneratedAnswer, folder: Path, *, numbered: bool) -> Iterator[str]:
    """Yield what the code was drawn from: `path:start-end  qualified_name`, each in a line, numbered where cited."""
    if not answer.sources:
        yield f"written by {answer.writer} from the prompt alone"
        return
    yield f"written by {answer.writer}, drawing on"
    for number, match in enumerate(answer.sources, 1):
        mark = f"[{number}] " if numbered else ""
        yield f"{_INDENT}{mark}{place_line(match, folder)}"
    if answer.context.cut:
        yield f"{_INDENT}(it is longer than the {answer.context.room:,} tokens that are read; its end was left out)"


def citation_lines(answer: generation.GeneratedAnswer) -> Iterator[str]:
    """Yield what is wrong with the citations: those of functions that were never sent, or none at all."""
    if answer.false_citations:
        cited = ", ".join(f"[{number}]" for number in answer.false_citations)
        yield f"{answer.writer} cites {cited}, which it was not sent; do not rely on what it says there"
    elif answer.sources and not answer.citations:
        yield f"{answer.writer} cites none of the functions that it was sent"


def cut_line(answer: generation.GeneratedAnswer, asked: int | None) -> str:
    """Return where the text was cut and what to do about it, "" for one that came to its end.

    `asked` is how many tokens it was allowed, None where that was left to the writer.
    """
    if answer.cut_at is None:
        return ""
    if asked is not None and answer.cut_at < asked:
        return f"cut at {number_of(answer.cut_at, 'token')}, the most that {answer.writer} writes"
    return f"cut at {number_of(answer.cut_at, 'token')}; --max-tokens N gives more"


def not_usable_line(answer: generation.GeneratedAnswer, asked: int | None, *, shown: bool) -> str:
    """Return why there is no code, and what is shown instead; `shown`: the text stands on the screen already.

    `asked` is as for `cut_line`.
    """
    assert answer.reason is not None
    language = answer.language or "code in any usual language"
    sentence = SENTENCES[answer.reason].format(writer=answer.writer, language=language)
    above = "not usable: " if shown else ""
    if cut := cut_line(answer, asked):
        sentence = f"{sentence}, {cut}"
    return f"{above}{sentence}; {'instead, what was found:' if answer.found else 'and no function was found'}"


def place_line(match: Match, folder: Path) -> str:
    """Return `path:start-end  qualified_name`."""
    one = match.definition
    return f"{shown_path(match.root, match.path, folder)}:{one.start_line}-{one.end_line}  {one.qualified_name}"
