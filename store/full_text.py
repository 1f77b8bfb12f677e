"""Lexical search: the FTS5 table of a repository, written and asked.

Which words a text has is decided by `lexical`, and `prepared` makes them of a file; this module keeps them by
definition and ranks definitions by BM25.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, literal_column, select

from store.filters import allowed_definitions
from store.lexical import all_of, any_of, query_terms
from store.tables import TEXT_COLUMNS, create_definition_text, definition_text, drop_definition_text, id_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.records import Filters

# BM25 counts a word in a column this many times. A name says what a function is for in the fewest words. Its weight was
# measured, MRR@10 over 400 CoSQA and 393 CodeSearchNet queries among 6,000 functions each: 0.249 and 0.582 with 1,
# 0.269 and 0.592 with 5, 0.273 and 0.598 with 8, 0.268 and 0.596 with 12. NDCG@10 of files, lexical and hybrid, mean
# over 19 real repositories, with a path of 1: .852 and .874, of 2: .857 and .874, of 4: .858 and .874; with a
# documentation of 1: .852 and .872, of 2: .857 and .874, of 4: .859 and .874.
COLUMN_WEIGHTS = {"name": 8.0, "path": 2.0, "documentation": 2.0, "body": 1.0}

# FTS5 scores every row that matches, at about a microsecond for each term of the query. Among 113,000 definitions, with
# 10,000, 6,000, 4,000 and 2,000 rows a question in words takes 7.1, 5.0, 4.2 and 2.7 ms (p95 14.8, 7.7, 7.5, 7.4), and
# 10.5 (28) when all that match are scored. It costs no answer down to 4,000: lexical MRR@10 on `csn_docstring` (54,000
# functions) .4382, .4382, .4381 and .4320, NDCG@10 on 19 real repositories .859 with each and .854 with 1,000.
ROWS_TO_SCORE = 4_000

# More than any question in words has; a pasted page of code is cut here, because every term costs a lookup.
MAX_QUERY_TERMS = 64


def create(connection: Connection, repository_id: int) -> None:
    """Create the table of a repository."""
    connection.exec_driver_sql(create_definition_text(repository_id))


def drop(connection: Connection, repository_id: int) -> None:
    """Drop the table of a repository with all that is in it."""
    connection.exec_driver_sql(drop_definition_text(repository_id))


def add(connection: Connection, repository_id: int, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Add the words of definitions, each as (id of the definition, then the words of each of `TEXT_COLUMNS`)."""
    if rows:
        text = definition_text(repository_id).name
        columns = ", ".join(("rowid", *TEXT_COLUMNS))
        # Straight to the driver, see `catalogue`.
        connection.exec_driver_sql(f"INSERT INTO {text} ({columns}) VALUES (?, ?, ?, ?, ?)", list(rows))


def set_documentation(connection: Connection, repository_id: int, words: Mapping[int, str]) -> None:
    """Put words in the place of those that definitions (by id) have in the column `documentation`."""
    text = definition_text(repository_id).name
    rows = [(value, definition_id) for definition_id, value in words.items()]
    if rows:
        connection.exec_driver_sql(f"UPDATE {text} SET documentation = ? WHERE rowid = ?", rows)


def remove(connection: Connection, repository_id: int, definition_ids: Sequence[int]) -> None:
    """Remove definitions by id."""
    text = definition_text(repository_id)
    connection.execute(delete(text).where(text.c.rowid.in_(id_list(definition_ids))))


def search(
    connection: Connection, repository_id: int, query: str, limit: int, filters: Filters
) -> list[tuple[int, float]]:
    """Return up to `limit` pairs (definition id, BM25 score), best first, equal scores by id; scores are positive."""
    wanted = query_terms(query)[:MAX_QUERY_TERMS]
    if not wanted or limit <= 0:
        return []
    statement = _best(repository_id)
    expression, multiplicity = _affordable(connection, repository_id, wanted, limit)
    if filters:
        # As a sum, the row id is not looked up: SQLite would otherwise ask the index once for each allowed row.
        rows = definition_text(repository_id).c.rowid + 0
        statement = statement.where(rows.in_(allowed_definitions(repository_id, filters)))
    found = connection.execute(statement, {"expression": expression, "limit": limit})
    return [(definition_id, -value / multiplicity) for definition_id, value in found]


def count_rows(connection: Connection, repository_id: int, expressions: Sequence[str]) -> list[int]:
    """Return how many rows each expression matches."""
    return _of_each(connection, repository_id, "(SELECT count(*) FROM {0} WHERE {0} MATCH ?)", expressions)


def have_rows(connection: Connection, repository_id: int, expressions: Sequence[str]) -> list[bool]:
    """Return, for each expression, whether it matches any row: the first one ends the search for it."""
    return _of_each(connection, repository_id, "EXISTS (SELECT 1 FROM {0} WHERE {0} MATCH ?)", expressions)


def _of_each(connection: Connection, repository_id: int, asked: str, expressions: Sequence[str]) -> list[Any]:
    """Return the answers to a question that is asked of each expression, all in one row."""
    if not expressions:
        return []
    # As text: asked for the words of a question, a query of SQLAlchemy's took longer to put together than to answer.
    each = asked.format(definition_text(repository_id).name)
    return list(connection.exec_driver_sql(f"SELECT {', '.join([each] * len(expressions))}", tuple(expressions)).one())


def _affordable(connection: Connection, repository_id: int, wanted: Sequence[str], limit: int) -> tuple[str, int]:
    """Return an FTS5 expression with few enough rows to score, and how many times over it counts each term.

    In a large repository common words would bring most of its rows. Rows must then have one of the rarer terms; the
    common ones still count in their scores. FTS5 has no "optional" term, and counts a term once for every time it
    stands in the expression: so every term stands in it twice, and BM25 is exactly doubled.
    """
    found = count_rows(connection, repository_id, [any_of([term]) for term in wanted])
    counts = dict(zip(wanted, found, strict=True))
    by_rarity = sorted((term for term in wanted if counts[term]), key=lambda term: counts[term])
    if sum(counts.values()) <= ROWS_TO_SCORE or len(by_rarity) < 2:
        return any_of(wanted), 1
    if counts[by_rarity[0]] > ROWS_TO_SCORE:
        (having_all,) = count_rows(connection, repository_id, [all_of(by_rarity)])
        if having_all >= limit:
            return all_of(by_rarity), 1
    rare = [by_rarity[0]]
    for term in by_rarity[1:]:
        if sum(counts[one] for one in rare) + counts[term] > ROWS_TO_SCORE:
            break
        rare.append(term)
    common = by_rarity[len(rare) :]
    return f"{any_of(rare)} AND {any_of([*rare, *common, *common])}", 2


@lru_cache(maxsize=1024)
def _best(repository_id: int) -> Select[Any]:
    """Return the query for the `limit` best rows that match `expression`: to put it together takes a while."""
    text = definition_text(repository_id)
    name: ColumnElement[str] = literal_column(text.name)
    score = func.bm25(name, *(COLUMN_WEIGHTS[name] for name in TEXT_COLUMNS))
    matching = select(text.c.rowid, score.label("score")).where(name.bool_op("MATCH")(bindparam("expression")))
    return matching.order_by("score", text.c.rowid).limit(bindparam("limit"))
