"""How many of a thing there are, in words: "1 file", "2,000 files".

Every noun that the command line counts goes through here. Loads nothing, for it is part of every command.
"""

from __future__ import annotations


def number_of(count: int, noun: str, rest: str = "") -> str:
    """Return the count with its noun and what follows it: "1 query", "2,000 definitions read"."""
    return " ".join(filter(None, (f"{count:,}", noun if count == 1 else plural(noun), rest)))


def plural(noun: str) -> str:
    """Return the plural of a noun that we count: "files", "queries"."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
