"""Why a match was found, in a line or two of text for people: its score as a sum.

Knows nothing of colours; both views, `views` and `plain`, show these lines.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesearch import Match

UNWRAPPED = 10_000  # columns: where no person watches a line stays a line


def why_lines(match: Match, width: int) -> list[str]:
    """Return the lines of at most `width` columns that say why the match was found; none where nobody asked.

    What rounds to nothing is left out. The hundredths add up to those of the score that is shown.
    """
    if match.explanation is None:
        return []
    terms: list[str] = []
    exact = shown = 0.0
    for part in match.explanation.parts:
        exact += part.points
        hundredths = round(exact * 100) - round(shown * 100)
        shown += hundredths / 100
        if hundredths:
            sign = "-" if hundredths < 0 else "+" if terms else ""
            terms.append(f"{sign} {abs(hundredths) / 100:.2f} {part.name}{_detail(match, part.name)}".strip())
    text = f"{match.score:.2f} = {' '.join(terms)}" if terms else f"{match.score:.2f}"
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)


def _detail(match: Match, name: str) -> str:
    """Return what a person may want to know of a part: ranks, and what there was to be found."""
    if name == "words" and match.lexical_rank and match.explanation:
        words = ", ".join(match.explanation.words)
        return f" (#{match.lexical_rank}: {words})" if words else f" (#{match.lexical_rank})"
    if name == "meaning" and match.dense_rank and match.similarity is not None:
        return f" (#{match.dense_rank}, cosine {match.similarity:.2f})"
    if name == "matching head" and match.matching is not None:
        return f" (logit {match.matching:.1f})"
    return ""
