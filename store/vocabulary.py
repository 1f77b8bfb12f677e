"""The words that the definitions of a repository have: what is near to one that they have not, and what begins so.

The FTS5 table keeps stems ("authent"), and people misspell whole words, endings too. So stems that a near word may have
are taken from the index in order of letters, and words are read from some of the rows that have them. What near means,
`spelling` knows; which rows have a word, `full_text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import catalogue, full_text
from store.lexical import STOP_WORDS, all_of, any_of, query_terms
from store.records import KnownWord
from store.spelling import (
    BEHIND_ALL,
    FEWEST_LETTERS,
    begin_alike,
    beginnings,
    folded,
    likely_stems,
    mistakes_allowed,
    mistakes_between,
)
from store.tables import TEXT_COLUMNS, definition_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from store.database import Database

    LikelyStem = tuple[int, int, str]  # fewest mistakes, rows (negative: the commonest first), the stem

# Words that stand for one that is not there: more would bring what nobody asked for.
MOST_WORDS = 3

# Stems that are looked at, and for each so many rows from so many spots: forms of a word ("parse", "parsing") lie in
# clusters. A row takes some 30 microseconds.
MOST_STEMS = 8
SPOTS = 6
ROWS_AT_A_SPOT = 4

# A word that stands nowhere is put together from a stem and an ending, and may be no word: it gets one mistake at most.
MISTAKES_IN_A_FORM = 1

NOT_WANTED = 9  # the measure of a word that will not do: more than any mistakes that are allowed


class Vocabulary:
    """The words of one repository; of one that was removed there are none, and none is missing.

    `repository_id` is its id in `database`. Every method raises `LibraryUnreadable` for a damaged database.
    """

    def __init__(self, database: Database, repository_id: int) -> None:
        self._database = database
        self._id = repository_id

    def missing(self, text: str) -> list[str]:
        """Return the terms of a text, in order and without stop words, that stand in no definition in any form."""
        with self._database.reading() as connection:
            if not self._exists(connection):
                return []
            terms = query_terms(text)[: full_text.MAX_QUERY_TERMS]
            there = full_text.have_rows(connection, self._id, [any_of([term]) for term in terms])
            return [term for term, known in zip(terms, there, strict=True) if not known]

    def near(self, term: str) -> list[KnownWord]:
        """Return up to `MOST_WORDS` words that differ least from a term, the commonest first.

        They `spelling.begin_alike`, with as many mistakes as `spelling.mistakes_allowed`, and are no stop words. Where
        one with the second letter as well has a single mistake, others are not looked at; of those as near as the first
        there may be more. Where there is none, it may be another form of the word that is there.
        """
        term = folded(term)
        if not mistakes_allowed(term):
            return []
        with self._database.reading() as connection:
            if not self._exists(connection):
                return []
            same, others = beginnings(term)
            likely = self._likely(connection, term, same)
            near = self._nearest(connection, term, likely)
            if min(near.values(), default=NOT_WANTED) > 1:
                likely = sorted([*likely, *self._likely(connection, term, others)])[:MOST_STEMS]
                near |= self._nearest(connection, term, likely)
            near = near or self._other_forms(connection, likely)
            fewest = min(near.values(), default=0)
            return self._commonest(connection, (word for word in near if near[word] == fewest), fewest)

    def beginning_with(self, term: str) -> list[KnownWord]:
        """Return up to `MOST_WORDS` words that begin with a term, the commonest first."""
        term = folded(term)
        if not mistakes_allowed(term):
            return []
        with self._database.reading() as connection:
            if not self._exists(connection):
                return []
            # The stem of a longer word may be shorter: "token" is that of "tokenizer", which "tokeniz" begins.
            stems = [
                (-definitions, stem)
                for stem, definitions in self._stems(connection, [term[: FEWEST_LETTERS - 1]])
                if stem.startswith(term) or term.startswith(stem[:-1])
            ]

            def measure(word: str) -> int:
                return 0 if word.startswith(term) else NOT_WANTED

            commonest = (stem for _, stem in sorted(stems)[:MOST_STEMS])
            words = {word for stem in commonest for word in self._words(connection, stem, measure)}
            return self._commonest(connection, words, 0)

    def _likely(self, connection: Connection, term: str, starts: Sequence[str]) -> list[LikelyStem]:
        """Return the stems with such beginnings that a word near to the term may have, the likeliest first."""
        mistakes = mistakes_allowed(term)
        rows_of = {stem: rows for stem, rows in self._stems(connection, starts) if len(stem) <= len(term) + mistakes}
        likely = likely_stems(term, list(rows_of), mistakes)
        return sorted((least, -rows_of[stem], stem) for least, stem in likely)[:MOST_STEMS]

    def _nearest(self, connection: Connection, term: str, likely: Sequence[LikelyStem]) -> dict[str, int]:
        """Return words near to the term, the nearest of those of the stems among them, with their mistakes."""
        mistakes = mistakes_allowed(term)

        def measure(word: str) -> int:
            alike = abs(len(word) - len(term)) <= mistakes and begin_alike(term, word) and word not in STOP_WORDS
            fewest = mistakes_between(term, word) if alike else NOT_WANTED
            return fewest if fewest <= mistakes else NOT_WANTED

        near: dict[str, int] = {}
        for least, _, stem in likely:
            near |= self._words(connection, stem, measure, least)
            # No word of the stems to come is nearer, and of those as near none is commoner.
            if min(near.values(), default=NOT_WANTED) <= least:
                break
        return near

    def _other_forms(self, connection: Connection, likely: Sequence[LikelyStem]) -> dict[str, int]:
        """Return words that stand here with such a stem: "configuration" for "cofnigure", which has it as well."""
        forms = {
            self._form(connection, stem)[1]: least
            for least, _, stem in likely
            if least <= MISTAKES_IN_A_FORM and len(stem) >= FEWEST_LETTERS
        }
        return {word: least for word, least in forms.items() if word not in STOP_WORDS}

    def _words(
        self, connection: Connection, stem: str, measure: Callable[[str], int], enough: int = 0
    ) -> dict[str, int]:
        """Return words that are wanted, with what they measure, from some of the rows that have a stem.

        Rows are taken from all over the repository until there is a word that measures no more than `enough`.
        """
        text = definition_text(self._id).name
        first, form = self._form(connection, stem)  # the stem itself may have a stem of its own
        last = connection.exec_driver_sql(f"SELECT max(rowid) FROM {text}").scalar_one()
        statement = f"SELECT {', '.join(TEXT_COLUMNS)} FROM {text} WHERE {text} MATCH ? AND rowid >= ? LIMIT ?"
        found: dict[str, int] = {}
        for start in range(first, last + 1, (last - first) // SPOTS + 1):
            rows = connection.exec_driver_sql(statement, (any_of([form]), start, ROWS_AT_A_SPOT)).all()
            words = {word for row in rows for column in row for word in column.split() if _begins(word, stem)}
            found |= {word: measured for word in words if (measured := measure(folded(word))) < NOT_WANTED}
            if min(found.values(), default=NOT_WANTED) <= enough:
                break
        return found

    def _form(self, connection: Connection, stem: str) -> tuple[int, str]:
        """Return the first row that has a stem, and the word that it has it of."""
        text, index = definition_text(self._id).name, self._index(connection, "instance")
        statement = f"SELECT doc, col, offset FROM {index} WHERE term = ? LIMIT 1"
        row, column, offset = connection.exec_driver_sql(statement, (stem,)).one()
        words = connection.exec_driver_sql(f"SELECT {column} FROM {text} WHERE rowid = ?", (row,)).scalar_one().split()
        # Not always the word at that place: letters that SQLite does not know of separate words for it.
        likely = (word for word in (*words[offset : offset + 1], *words) if folded(word).startswith(stem[:-1]))
        return row, next(likely, stem)

    def _commonest(self, connection: Connection, words: Iterable[str], mistakes: int) -> list[KnownWord]:
        """Return the words that most definitions have; of several forms of one word, one."""
        counted = [(-self._count(connection, any_of([word])), len(word), word) for word in words]
        chosen: list[KnownWord] = []
        for negative, _, word in sorted(counted):
            same = (one.word for one in chosen if one.definitions == -negative)
            if any(self._count(connection, all_of([word, other])) == -negative for other in same):
                continue
            chosen.append(KnownWord(word, mistakes, -negative))
            if len(chosen) == MOST_WORDS:
                break
        return chosen

    def _stems(self, connection: Connection, starts: Sequence[str]) -> list[tuple[str, int]]:
        """Return the stems that begin with one of `starts`, in their order, with the number of rows of each.

        They are asked for one beginning at a time, since the index also counts the rows of all that it passes.
        """
        statement = f"SELECT term, doc FROM {self._index(connection, 'row')} WHERE term >= ? AND term < ?"
        return [
            (stem, definitions)
            for start in starts
            for stem, definitions in connection.exec_driver_sql(statement, (start, start + BEHIND_ALL)).all()
        ]

    def _index(self, connection: Connection, kind: str) -> str:
        """Return the table that reads the index itself: of stems with "row", of where each stands with "instance".

        It lasts as long as the transaction and writes nothing to the library.
        """
        name = f"temp.vocabulary_{kind}_{self._id}"
        text = definition_text(self._id).name
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5vocab('main', {text}, {kind})")
        return name

    def _count(self, connection: Connection, expression: str) -> int:
        return full_text.count_rows(connection, self._id, [expression])[0]

    def _exists(self, connection: Connection) -> bool:
        return catalogue.state(connection, self._id).generation >= 0


def _begins(word: str, stem: str) -> bool:
    return word[0] == stem[0] or not word.isascii()
