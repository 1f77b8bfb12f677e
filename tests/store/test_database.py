"""How the database is reached: what is not the business of any table."""

from __future__ import annotations

import sqlite3

import pytest

from store.database import Database


def test_an_interruption_while_it_is_closed_is_raised_and_not_logged(tmp_path, monkeypatch, caplog):
    """Ctrl-C often comes while the log is copied into the database: who is to hear of it does, once."""

    class Interrupted(sqlite3.Connection):
        def close(self) -> None:
            super().close()
            raise KeyboardInterrupt

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **options: connect(*given, factory=Interrupted, **options))
    database = Database(tmp_path / "library.sqlite3")
    with pytest.raises(KeyboardInterrupt):
        database.close()
    assert caplog.text == ""
