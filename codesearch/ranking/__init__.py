"""Of what was found, what is meant? The last step of a search: names, paths and neighbours reorder the candidates.

Words and ranks have said which definitions come into question. What a person means by a question shows in more than
that: it names a function or a file, it is about the program and not about its tests. `question` reads the question,
`signals` holds each sign as a pure function with its weight, `rank` applies them.
"""

from __future__ import annotations

from codesearch.ranking.question import is_east_asian, last_name, read_question
from codesearch.ranking.rank import rank

__all__ = ["is_east_asian", "last_name", "rank", "read_question"]
