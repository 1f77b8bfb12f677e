"""What a search is limited to, as conditions on the tables.

Turns `Filters` into SQL and path globs into regular expressions. The searches themselves are in `full_text` and
`dense`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from store.prepared import storable
from store.tables import definition, id_list, passage, source_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from store.records import Filters

_LONGEST_LIKE = 1_000  # characters; SQLite refuses patterns of more than 50,000


def allowed_definitions(repository_id: int, filters: Filters) -> Select[tuple[int]]:
    """Return the query for the ids of the definitions that pass the filters.

    Indexes hold all that it reads: rows of `definition` are long.
    """
    statement = (
        select(definition.c.id)
        .join(source_file, source_file.c.id == definition.c.file_id)
        .where(source_file.c.repository_id == repository_id)
    )
    if filters.kinds:
        statement = statement.where(definition.c.kind.in_(sorted(filters.kinds)))
    if filters.languages:
        statement = statement.where(source_file.c.language.in_(sorted(filters.languages)))
    if filters.paths:
        statement = statement.where(source_file.c.path.regexp_match(glob_expression(filters.paths)))
    if filters.not_paths:
        statement = statement.where(not_(source_file.c.path.regexp_match(glob_expression(filters.not_paths))))
    if filters.definitions is not None:
        statement = statement.where(definition.c.id.in_(id_list(sorted(filters.definitions))))
    if filters.below:
        statement = statement.where(or_(*map(_at_or_below, filters.below)))
    return statement


def allowed_passages(repository_id: int, filters: Filters) -> Select[tuple[int]]:
    """Return the query for the ids of the passages whose definition passes the filters."""
    allowed = allowed_definitions(repository_id, filters)
    return allowed.with_only_columns(passage.c.id).join(passage, passage.c.definition_id == definition.c.id)


def containing(repository_id: int, phrases: Iterable[str], filters: Filters) -> Select[tuple[int]]:
    """Return the query for the ids of the definitions that pass the filters and hold every phrase literally.

    Case does not count. Looked at are qualified name, signature, documentation and code: every row that the filters
    leave is read, so that a part of a word is found as well as a sentence.
    """
    texts = (definition.c.qualified_name, definition.c.signature, definition.c.documentation, definition.c.code)
    held = (or_(*(_holds(text, phrase) for text in texts)) for phrase in map(storable, phrases))
    return allowed_definitions(repository_id, filters).where(*held).order_by(definition.c.id)


def _holds(text: ColumnElement[str], phrase: str) -> ColumnElement[bool]:
    if phrase.isascii() and len(phrase) <= _LONGEST_LIKE:
        return text.contains(phrase, autoescape=True)  # LIKE, to which case does not count
    return text.regexp_match(f"(?i){re.escape(phrase)}")  # slower; LIKE knows the case of ASCII alone


def glob_expression(globs: Iterable[str]) -> str:
    r"""Return the regular expression that finds the paths (relative, forward slashes) that any of the globs names.

    Without a slash a glob names any file or folder of that name, at any depth. With one it starts at the root. A
    folder stands for everything below it. `*` crosses folders, `**/` is any number of folders, none included, `?` is
    one character and `[a-z]`, `[!a-z]` one of some.
    """
    return "|".join(f"(?:{_one_glob(glob)})" for glob in globs)


def _at_or_below(place: str) -> ColumnElement[bool]:
    # "0" is the character behind "/": the range holds what is in the folder, and the index on paths serves it.
    inside = and_(source_file.c.path >= f"{place}/", source_file.c.path < f"{place}0")
    return or_(source_file.c.path == place, inside)


def _one_glob(glob: str) -> str:
    pattern = glob.strip()
    anchored = "/" in pattern
    while pattern.startswith("./"):
        pattern = pattern[2:]
    name = pattern.strip("/")
    if name in {"", "."}:
        return r"\A"  # the root itself: every path
    start = r"\A" if anchored else r"(?:\A|/)"
    end = r"/" if pattern.endswith("/") else r"(?:\Z|/)"
    return start + _translated(name) + end


def _translated(glob: str) -> str:
    result: list[str] = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position) and (position == 0 or glob[position - 1] == "/"):
            result.append(r"(?:[\s\S]*/)?")
            position += 3
        elif glob[position] == "*":
            result.append(r"[\s\S]*")
            position += 1
        elif glob[position] == "?":
            result.append(r"[^/]")
            position += 1
        elif glob[position] == "[" and (closing := glob.find("]", position + 2)) > 0:
            result.append(_character_class(glob[position + 1 : closing]))
            position = closing + 1
        else:
            result.append(re.escape(glob[position]))
            position += 1
    return "".join(result)


def _character_class(inside: str) -> str:
    negated = inside.startswith(("!", "^"))
    members = re.escape(inside[1:] if negated else inside).replace(r"\-", "-")
    try:
        re.compile(f"[{members}]")
    except re.error:  # a range the wrong way round, or nothing inside: the characters as they stand
        return re.escape(f"[{inside}]")
    return f"[{'^' if negated else ''}{members}]"
