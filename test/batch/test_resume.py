# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a run has finished is known to the next one, whatever happened in between."""

import signal
import sqlite3
import subprocess
import sys

import pytest

from fastsam_ros.batch.resume import Journal
from fastsam_ros.core.errors import OutputError

REQUEST = {'a': 1}
KILLED = f"""
import os, pathlib, sys
from fastsam_ros.batch.resume import Journal
journal = Journal(pathlib.Path(sys.argv[1]), {REQUEST})
for number in range(5):
    journal.add(('film', number), bytes([number]) * 100)
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""


def test_records_survive_the_end_of_the_process(tmp_path):
    path = tmp_path / 'journal'
    done = subprocess.run([sys.executable, '-c', KILLED, path], timeout=60)
    assert done.returncode == -signal.SIGKILL
    with Journal(path, REQUEST) as journal:
        assert journal.frames('film') == len(journal) == 5
        assert [journal['film', n] for n in range(5)] == [bytes([n]) * 100 for n in range(5)]
        journal.add(('film', 4), b'again')
        journal.add(('film', -1))
        assert journal['film', 4] == b'again'
        assert journal.frames('film') == 5 and ('film', -1) in journal
        assert ('film', 5) not in journal and ('other', 0) not in journal
        journal.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('other, fresh', [({'a': 2}, False), (REQUEST, True)])
def test_another_request_begins_anew(tmp_path, other, fresh):
    with Journal(tmp_path / 'journal', REQUEST) as journal:
        journal.add(('film', 0), b'data')
    with Journal(tmp_path / 'journal', other, fresh) as journal:
        assert len(journal) == 0


@pytest.mark.parametrize('content', [b'something else', b'SQLite format 3\0' + bytes(500)])
def test_a_file_that_is_no_journal_is_moved_aside(tmp_path, content):
    path = tmp_path / 'journal'
    for name in ('journal.1', 'journal.2'):
        path.write_bytes(content)
        with Journal(path, REQUEST) as journal:
            journal.add(('film', 0), b'new')
            assert journal['film', 0] == b'new'
        assert (tmp_path / name).read_bytes() == content


def test_a_journal_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / 'journal').mkdir()
    with pytest.raises(OutputError, match='cannot be written'):
        Journal(tmp_path / 'journal', REQUEST)


def test_the_database_of_another_program_stays_as_it_is(tmp_path):
    path = tmp_path / 'journal'
    other = sqlite3.connect(path)
    other.execute('CREATE TABLE mine (x)')
    other.close()
    with Journal(path, REQUEST):
        pass
    (aside,) = tmp_path.glob('journal.?')
    other = sqlite3.connect(aside)
    assert other.execute('SELECT COUNT(*) FROM mine').fetchone() == (0,)
    other.close()
