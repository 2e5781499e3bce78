# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What a run has finished, so that an interrupted one can go on: a small sqlite3 database.

It holds what was asked for; a run that asks for anything else starts from the beginning.
"""

from __future__ import annotations

import json
from pathlib import Path
import sqlite3

from fastsam_ros.core.errors import OutputError

APPLICATION = 0x46535341  # 'FSSA', in the file's header: whose database it is
TABLES = """
CREATE TABLE IF NOT EXISTS request (text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS finished (
    source TEXT, frame INTEGER, data BLOB NOT NULL, PRIMARY KEY (source, frame));
"""
Key = tuple[str, int]  # which source, and which frame of it


class Journal:
    """
    The records of one run; use it as a context.

    :param path: of the file, made if need be; one that is damaged or no journal is moved aside
    :param request: what is asked for; anything that JSON can hold
    :param fresh: begin anew, whatever is there
    """

    def __init__(self, path: Path, request: object, fresh: bool = False) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(request, sort_keys=True)
        try:
            self._database = _open(path)
            known = self._database.execute('SELECT text FROM request').fetchall()
        except sqlite3.OperationalError as error:
            raise OutputError(
                f'{path} cannot be written ({error}): does another run write there?') from error
        except sqlite3.DatabaseError:
            _move_aside(path)
            self._database, known = _open(path), []
        if fresh or known != [(text,)]:
            self._begin(text)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def __contains__(self, key: Key) -> bool:
        query = 'SELECT 1 FROM finished WHERE source = ? AND frame = ?'
        return self._database.execute(query, key).fetchone() is not None

    def __len__(self) -> int:
        return self._database.execute('SELECT COUNT(*) FROM finished').fetchone()[0]

    def __getitem__(self, key: Key) -> bytes:
        """The data that was kept under a key."""
        query = 'SELECT data FROM finished WHERE source = ? AND frame = ?'
        return self._database.execute(query, key).fetchone()[0]

    def add(self, key: Key, data: bytes = b'') -> None:
        """
        Keep that something is finished, and what came of it.

        :param key: which source and frame
        :param data: what came of it
        """
        query = 'INSERT OR REPLACE INTO finished VALUES (?, ?, ?)'
        with self._database:
            self._database.execute(query, (*key, data))

    def frames(self, source: str) -> int:
        """How many frames of a source are finished; they are, one after the other."""
        query = 'SELECT COUNT(*) FROM finished WHERE source = ? AND frame >= 0'
        return self._database.execute(query, (source,)).fetchone()[0]

    def discard(self) -> None:
        """Remove the file: all is done."""
        self._database.close()
        self.path.unlink(missing_ok=True)

    def _begin(self, request: str) -> None:
        with self._database:
            self._database.execute('DELETE FROM finished')
            self._database.execute('DELETE FROM request')
            self._database.execute('INSERT INTO request VALUES (?)', (request,))


def _open(path: Path) -> sqlite3.Connection:
    """
    Open or make the database.

    :raises sqlite3.DatabaseError: when the file is something else, or damaged
    """
    database = sqlite3.connect(path, isolation_level='IMMEDIATE')
    try:
        # A record survives the end of the process at once, the end of the machine soon after.
        database.execute('PRAGMA journal_mode = WAL')
        database.execute('PRAGMA synchronous = NORMAL')
        (application,) = database.execute('PRAGMA application_id').fetchone()
        empty = not database.execute('SELECT COUNT(*) FROM sqlite_master').fetchone()[0]
        if application != APPLICATION and not empty:
            raise sqlite3.DatabaseError(f'{path} belongs to another program')
        database.execute(f'PRAGMA application_id = {APPLICATION}')
        database.executescript(TABLES)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _move_aside(path: Path) -> None:
    """Keep what is there under a name of its own: it may be somebody else's."""
    number = 1
    while (aside := path.with_name(f'{path.name}.{number}')).exists():
        number += 1
    path.rename(aside)
