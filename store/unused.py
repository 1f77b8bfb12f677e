"""Embeddings that no passage of any repository has any more, and summaries without a definition: when they are removed.

An edit leaves some, and so does the branch before: whoever goes back to it finds them again and embeds nothing. So they
stay until they are many embeddings, and summaries go with them. Removing them is `embeddings`' and `summaries`'; with a
repository that is forgotten, all go at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from store import embeddings, summaries
from store.tables import embedding, passage

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.database import Database

# How many there are for each one in use before they go: two branches that share nothing leave one each, so that to and
# fro between these costs nothing, and a library holds at most three times what it needs.
UNUSED_FOR_EACH_USED = 2

# Fewer stay in any case, or a branch without code would cost all others theirs: 75 MB of the bundled model's, which
# took two cores ten minutes to make.
LEAST_UNUSED = 100_000

# Digests that are looked at to find out: the share is then known within 3 %, and looking takes 3 to 5 ms. (To remove
# 50,000 of 60,000 takes half a second of one core, and the disk.)
SAMPLE = 1_000


def remove_unused(database: Database, fingerprint: str) -> int:
    """Remove what is unused, of all models, if most embeddings of this one are; return how many embeddings.

    They are counted beforehand in a sample, so that to find out that nothing is to be done takes no lock.
    """
    with database.reading() as connection:
        if not are_mostly_unused(connection, fingerprint):
            return 0
    with database.writing() as connection:
        removed = remove_all_unused(connection)
    database.release_free_pages()
    return removed


def remove_all_unused(connection: Connection) -> int:
    """Remove the embeddings without a passage, and the summaries without a definition; return how many embeddings."""
    summaries.remove_unused(connection)
    return embeddings.remove_unused(connection)


def are_mostly_unused(connection: Connection, fingerprint: str) -> bool:
    """Return whether the unused embeddings of a model are `UNUSED_FOR_EACH_USED` and `LEAST_UNUSED`.

    Asks for the smallest digests alone, however many there are: digests are hashes, so these are drawn at random. How
    far the last of them is from 0 says how many there are in all (k minimum values: Bar-Yossef et al. 2002).
    """
    statement = (
        select(embedding.c.digest, exists().where(passage.c.digest == embedding.c.digest).label("used"))
        .where(embedding.c.model_id == embeddings.model_id(connection, fingerprint))
        .order_by(embedding.c.digest)
        .limit(SAMPLE)
    )
    sample = connection.execute(statement).all()
    unused = sum(not row.used for row in sample)
    if unused <= UNUSED_FOR_EACH_USED * (len(sample) - unused):
        return False
    every = len(sample)
    if every == SAMPLE:
        last: bytes = sample[-1].digest
        every = every * (1 << 8 * len(last)) // (int.from_bytes(last, "big") + 1)
    return unused * every >= LEAST_UNUSED * len(sample)
