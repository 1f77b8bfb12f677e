"""The options and arguments that commands share: their names, help texts, and the reading of their values.

What a command does with them is its own module's business.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.streams import Color
from codesearch import Filters, Mode, RerankedMode, filter_names

if TYPE_CHECKING:
    from collections.abc import Iterable

FILTERS = "Filters"
RANKING = "Ranking"
OUTPUT = "Output"
INDEX = "Index and model"

FLAG = ""  # an option that takes no value names none in the help

DEFAULT_TOP_K = 10
DEFAULT_RERANK_K = 32  # as many as CodeT5+ reads
MOST_RERANKED = 100  # a search ranks no more
DEFAULT_SNIPPET_LINES = 8  # ten matches then fill about two screens, and a short function is seen whole

MODE_NAMES = tuple(mode.value for mode in Mode)
RERANKED_ENDINGS = {"rerank": False, "replace": True}  # whether the head's opinion replaces the order so far

# The same names as in a query (`lang:py kind:type`), with the same errors.
parse_languages = filter_names.languages_named
parse_kinds = filter_names.kinds_named
split_commas = filter_names.split_commas


def parse_modes(
    values: Iterable[str], known: tuple[str, ...] = MODE_NAMES, rerank_k: int = DEFAULT_RERANK_K
) -> tuple[Mode | RerankedMode, ...]:
    """Return the modes that the values name, each once, in the order given; raise BadParameter, with all `known`.

    A mode may end in +rerank or +replace: then a matching head reads its best `rerank_k`.
    """
    modes: dict[Mode | RerankedMode, None] = {}
    for value in split_commas(values):
        name, plus, ending = value.partition("+")
        if name not in MODE_NAMES or (plus and ending not in RERANKED_ENDINGS):
            reranked = f"A mode of search may end in {' or '.join(f'+{one}' for one in RERANKED_ENDINGS)}."
            raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}. {reranked}", param_hint="--modes")
        mode = Mode(name)
        modes[RerankedMode(mode, RERANKED_ENDINGS[ending], rerank_k) if plus else mode] = None
    return tuple(modes)


def parse_filters(
    languages: Iterable[str] | None,
    globs: Iterable[str] | None,
    excluded: Iterable[str] | None,
    kinds: Iterable[str] | None = None,
) -> Filters:
    """Return what the options of those names limit a search to. Raises LanguageUnknown and KindUnknown."""
    return Filters(
        languages=parse_languages(languages or ()),
        paths=tuple(globs or ()),
        kinds=parse_kinds(kinds or ()),
        not_paths=tuple(excluded or ()),
    )


def complete_kind(incomplete: str) -> list[str]:
    """Return the kinds that begin as typed, for the shell's completion."""
    return [kind for kind in filter_names.KIND_NAMES if kind.startswith(incomplete)]


Query = Annotated[
    str,
    typer.Argument(
        metavar="QUERY",
        help='What the code does, in plain words; or a name. Also in it: lang:go path:src/ kind:type "a phrase".',
        show_default=False,
    ),
]
Where = Annotated[
    str,
    typer.Argument(
        metavar="FILE:LINE",
        help="A line of the definition, as search and grep print it; or its name.",
        show_default=False,
    ),
]
Place = Annotated[str, typer.Argument(metavar="FILE:LINE", help="The line that is to go on.", show_default=False)]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Folders or files.", show_default="the current folder"),
]
TopK = Annotated[int, typer.Option("--top-k", "-k", min=1, metavar="N", help="How many matches.")]
Languages = Annotated[
    list[str] | None,
    typer.Option("--lang", metavar="NAME", help="Only these languages: python,go.", rich_help_panel=FILTERS),
]
Globs = Annotated[
    list[str] | None,
    typer.Option("--path", metavar="GLOB", help="Only these files: src/, '*_test.go'.", rich_help_panel=FILTERS),
]
Excluded = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", "-x", metavar="GLOB", help="Not these files: tests/, '*.min.js'.", rich_help_panel=FILTERS
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only function (with methods), type (classes and the like), block, macro, ...",
        autocompletion=complete_kind,
        rich_help_panel=FILTERS,
    ),
]
SearchMode = Annotated[
    Mode,
    typer.Option("--mode", metavar="MODE", help="hybrid, dense (by meaning) or lexical (by words)."),
]
Lexical = Annotated[bool, typer.Option("--lexical", metavar=FLAG, help="Short for --mode lexical: needs no model.")]
Rerank = Annotated[
    bool | None,
    typer.Option(
        "--rerank/--no-rerank",
        metavar=FLAG,
        help="Let the model's matching head read the best candidates and order them anew.",
        show_default=False,
        rich_help_panel=RANKING,
    ),
]
RerankK = Annotated[
    int,
    typer.Option(
        "--rerank-k",
        min=1,
        max=MOST_RERANKED,
        metavar="N",
        help="How many candidates it reads.",
        rich_help_panel=RANKING,
    ),
]
Explain = Annotated[
    bool,
    typer.Option("--explain", metavar=FLAG, help="Say why each match was found.", rich_help_panel=RANKING),
]
NoRefresh = Annotated[
    bool,
    typer.Option(
        "--no-refresh", metavar=FLAG, help="Search the index as it is; do not look for changes.", rich_help_panel=INDEX
    ),
]
Within = Annotated[
    float | None,
    typer.Option(
        "--within",
        min=0,
        metavar="SECONDS",
        envvar="CODESEARCH_WITHIN",  # typer names it in the help and, beside the option, in errors
        help="Index for so long at most, then answer with what there is; the next search goes on.",
        show_default=False,
        rich_help_panel=INDEX,
    ),
]
SnippetLines = Annotated[
    int | None,
    typer.Option(
        "--snippet-lines",
        min=0,
        metavar="N",
        help="Lines of code a match; 0: none.",
        show_default=f"{DEFAULT_SNIPPET_LINES}; in JSON all",
        rich_help_panel=OUTPUT,
    ),
]
FilesOnly = Annotated[
    bool, typer.Option("--files-only", "-l", metavar=FLAG, help="Only the names of the files.", rich_help_panel=OUTPUT)
]
AsJson = Annotated[bool, typer.Option("--json", metavar=FLAG, help="One JSON document.", rich_help_panel=OUTPUT)]
AsJsonLines = Annotated[
    bool, typer.Option("--jsonl", metavar=FLAG, help="One JSON object a match.", rich_help_panel=OUTPUT)
]
WithColor = Annotated[
    Color, typer.Option("--color", metavar="WHEN", help="auto, always or never.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", metavar=FLAG, help="No progress, no notes.", rich_help_panel=OUTPUT)
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME",
        help="A model's name or a folder with a checkpoint; auto: the one that the index has.",
        rich_help_panel=INDEX,
    ),
]
LibraryFolder = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="FOLDER",
        help="Where indexes are kept (also: CODESEARCH_LIBRARY).",
        show_default=False,
        rich_help_panel=INDEX,
    ),
]
