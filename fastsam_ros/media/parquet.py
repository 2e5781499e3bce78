# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Segments in Parquet files, one row a picture: what a cluster, DuckDB or pandas reads.

A row is the picture's `key`, `width` and `height`, and `segments`, a list of structs:

    box           x, y, width, height: int32, pixels of the picture
    counts        uint32 run lengths in the box, row by row, background first (`RunLengths`)
    area          uint32, pixels
    score         float32, 0 to 1
    label         string, '' where none is known
    label_score   float32, how sure the label is, 0 to 1
    prompt        int32, which prompt chose it, -1 without prompts; prompt_score float32
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import BackendError, OutputError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media.results import Result, Segment

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError as missing:
    raise BackendError(
        'Parquet needs pyarrow, which is not installed: pip install "fastsam_ros[label]"'
    ) from missing

WRITER = b'fastsam_ros: fastsam label'
AREA = 5  # which of the file's columns, counted flat, holds the areas
ROWS = 128  # pictures that are written at a time
SEGMENT = pa.struct([
    ('box', pa.list_(pa.int32(), 4)),
    ('counts', pa.list_(pa.uint32())),
    ('area', pa.uint32()),
    ('score', pa.float32()),
    ('label', pa.string()),
    ('prompt', pa.int32()),
    ('prompt_score', pa.float32()),
    ('label_score', pa.float32()),
])
SCHEMA = pa.schema([
    ('key', pa.string()),
    ('width', pa.int32()),
    ('height', pa.int32()),
    ('segments', pa.list_(SEGMENT)),
])


class ParquetWriter:
    """
    Writes rows as they come, `ROWS` at a time; use it as a context.

    :param path: of the file
    :param about: kept in the file's metadata, beside this program's mark
    """

    def __init__(self, path: Path, about: dict[str, str]) -> None:
        schema = SCHEMA.with_metadata({'written_by': WRITER, **about})
        self._file = pq.ParquetWriter(path, schema, compression='zstd')
        self._rows: list[tuple[str, Result]] = []

    def __enter__(self) -> ParquetWriter:
        return self

    def __exit__(self, kind: type | None, *error: object) -> None:
        if kind is None:
            self._flush()
        self._file.close()

    def write(self, key: str, result: Result) -> None:
        """
        Add a picture.

        :param key: names it among all
        :param result: its segments
        """
        self._rows.append((key, result))
        if len(self._rows) == ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._file.write_batch(_batch(self._rows))
            self._rows.clear()


def _batch(rows: Sequence[tuple[str, Result]]) -> pa.RecordBatch:
    segments = [segment for _, result in rows for segment in result.segments]
    columns = [
        pa.array([key for key, _ in rows], pa.string()),
        pa.array([result.width for _, result in rows], pa.int32()),
        pa.array([result.height for _, result in rows], pa.int32()),
        pa.ListArray.from_arrays(
            _offsets([len(result.segments) for _, result in rows]), _structs(segments)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _structs(segments: Sequence[Segment]) -> pa.StructArray:
    runs = [segment.runs for segment in segments]
    boxes = np.array([(r.x, r.y, r.width, r.height) for r in runs], np.int32).reshape(-1)
    counts = np.concatenate([np.empty(0, np.uint32), *(r.counts for r in runs)])
    values = [
        pa.FixedSizeListArray.from_arrays(pa.array(boxes), 4),
        pa.ListArray.from_arrays(
            _offsets([len(r.counts) for r in runs]), pa.array(counts.astype(np.uint32))),
        pa.array([r.area for r in runs], pa.uint32()),
        pa.array([segment.score for segment in segments], pa.float32()),
        pa.array([segment.label for segment in segments], pa.string()),
        pa.array([segment.prompt for segment in segments], pa.int32()),
        pa.array([segment.prompt_score for segment in segments], pa.float32()),
        pa.array([segment.label_score for segment in segments], pa.float32()),
    ]
    return pa.StructArray.from_arrays(values, fields=list(SEGMENT))


def _offsets(lengths: Sequence[int]) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))


@dataclass(frozen=True)
class Contents:
    """
    What a file says of itself, without its rows being read.

    :param about: what `ParquetWriter` was told to keep
    :param pictures: rows
    :param segments: in all of them
    """

    about: dict[str, str]
    pictures: int
    segments: int


def read_contents(file: object) -> Contents:
    """
    Read a file's own description.

    :param file: a path, or a file object
    :raises OutputError: when the file is no Parquet, or somebody else's
    """
    try:
        opened = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise OutputError(f'{file} cannot be read as Parquet: {error}') from error
    about = opened.schema_arrow.metadata or {}
    if about.get(b'written_by') != WRITER:
        raise OutputError(f'{file} was not written by fastsam label')
    metadata = opened.metadata
    columns = [metadata.row_group(group).column(AREA) for group in range(metadata.num_row_groups)]
    segments = sum(column.statistics.num_values for column in columns)
    words = {key.decode(): value.decode() for key, value in about.items()}
    return Contents(words, metadata.num_rows, segments)


def read_rows(file: object) -> Iterator[tuple[str, Result]]:
    """
    The rows of a file, in order, without holding all of them.

    :param file: a path, or a file object
    :raises OutputError: when the file is no such Parquet
    """
    try:
        opened = pq.ParquetFile(file)
        batches = opened.iter_batches(ROWS, columns=SCHEMA.names)
        for batch in batches:
            yield from map(_row, batch.to_pylist())
    except (pa.ArrowException, OSError, KeyError) as error:
        raise OutputError(f'{file} cannot be read as segments in Parquet: {error}') from error


def _row(row: dict) -> tuple[str, Result]:
    segments = tuple(
        Segment(
            RunLengths(*s['box'], s['area'], np.array(s['counts'], np.uint32)),
            number,
            s['score'],
            s['prompt'],
            s['prompt_score'],
            s['label'],
            label_score=s.get('label_score', 0.0),  # no file of 0.1.0 has it
        )
        for number, s in enumerate(row['segments'], 1)
    )
    return row['key'], Result(row['height'], row['width'], segments)
