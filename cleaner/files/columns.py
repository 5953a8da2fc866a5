"""Parquet files as records, by way of pyarrow. Rows travel as Arrow IPC streams, which follow each other in a file.

A Parquet file ends with a list of its parts, so it cannot grow bit by bit and survive a crash. Cleaned rows therefore
gather in a spool of IPC streams; when the last one is there, the spool becomes the Parquet file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from cleaner.files.fields import bury
from cleaner.files.problems import DamagedError, UnreadableError, in_words, need
from cleaner.files.streams import Limits, Raw, chunks_of, open_regular

BATCH_ROWS = 256
GROUP_ROWS = 1 << 17  # rows and bytes of one row group in what we write
GROUP_BYTES = 1 << 26


def read_batches(path: Path, packing: str, limits: Limits, behind: int = 0) -> Iterator[Raw]:
    """The rows of a Parquet file behind row `behind`; each `Raw` holds many, `number` is that of its first.

    `end` is the number of the last row. Raises `UnreadableError` if the file is no Parquet, `DamagedError` where it
    is corrupt.
    """
    parquet = need("pyarrow.parquet")
    arrow = need("pyarrow")
    with closing(_seekable(path, packing, limits)) as file:
        try:
            source = parquet.ParquetFile(file)
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise UnreadableError("it is not a Parquet file, or its end is missing") from error
        row = 0
        for group in range(source.num_row_groups):
            rows = source.metadata.row_group(group).num_rows
            if row + rows <= behind:
                row += rows
                continue
            try:
                for batch in source.iter_batches(batch_size=BATCH_ROWS, row_groups=[group], use_threads=False):
                    row += batch.num_rows
                    if row > behind:
                        yield Raw(row - batch.num_rows + 1, to_stream(batch), row)
            except (arrow.ArrowException, OSError, ValueError) as error:
                raise DamagedError(f"the Parquet data is corrupt after row {row}") from error


def _seekable(path: Path, packing: str, limits: Limits) -> IO[bytes]:
    if not packing:
        return open_regular(path)
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        for chunk in chunks_of(path, packing, limits):
            unpacked.write(chunk)
    except DamagedError as error:
        unpacked.close()
        raise UnreadableError(str(error)) from error
    except OSError as error:
        unpacked.close()
        raise UnreadableError(f"it could not be unpacked: {in_words(error)}") from error
    except BaseException:
        unpacked.close()
        raise
    unpacked.seek(0)
    return unpacked


def to_stream(batch: Any) -> bytes:
    """A record batch as one IPC stream."""
    arrow = need("pyarrow")
    sink = arrow.BufferOutputStream()
    with arrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def from_stream(data: bytes) -> Any:
    """The record batch of an IPC stream."""
    arrow = need("pyarrow")
    with arrow.ipc.open_stream(data) as reader:
        batches = list(reader)
        return batches[0] if batches else arrow.RecordBatch.from_pylist([], schema=reader.schema)


def records(batch: Any, paths: Sequence[str]) -> list[dict[str, Any] | None]:
    """The rows of a batch as records that hold the columns of some paths only; see `rows`."""
    names = {column(batch.schema.names, path) for path in paths if path}
    chosen = [name for name in batch.schema.names if name in names]
    return rows(batch.select(chosen)) if chosen else [{} for _ in range(batch.num_rows)]


def rows(batch: Any) -> list[dict[str, Any] | None]:
    """The rows of a batch as records; None for a row with a value that cannot be had.

    Nothing checks a Parquet file for text that is no UTF-8, or for days beyond the calendar.
    """
    arrow = need("pyarrow")
    try:
        return list(batch.to_pylist())
    except (arrow.ArrowException, ValueError, OverflowError):
        if batch.num_rows == 1:
            return [None]
    return [row for number in range(batch.num_rows) for row in rows(batch.slice(number, 1))]


def column(names: Sequence[str], path: str) -> str:
    """The column that a path begins in."""
    return path if path in names else path.partition(".")[0]


def rebuild(batch: Any, rows: Sequence[int], changes: Sequence[Mapping[str, Any]], added: Sequence[str]) -> Any:
    """The batch with only the `rows` of these numbers (from 0), `changes` made in each, and text columns `added`.

    Every other column, and the table's metadata, stays as it is.
    """
    arrow = need("pyarrow")
    if len(rows) < batch.num_rows:
        batch = batch.take(arrow.array(rows, arrow.int64()))
    names = list(batch.schema.names)
    touched = {column(names, path) for change in changes for path in change} | set(added)
    for name in sorted(touched, key=lambda name: names.index(name) if name in names else len(names)):
        old = batch.column(name).to_pylist() if name in names else [None] * batch.num_rows
        values = [_changed(value, name, change) for value, change in zip(old, changes, strict=True)]
        if name in names:
            field = batch.schema.field(name)
            batch = batch.set_column(names.index(name), field, _array(values, field.type))
        else:
            batch = batch.append_column(arrow.field(name, arrow.string()), arrow.array(values, arrow.string()))
            names.append(name)
    return batch


def _changed(value: Any, name: str, change: Mapping[str, Any]) -> Any:
    row = {name: value}
    for path, new in change.items():
        if path == name or path.startswith(f"{name}."):
            bury(row, path, new)
    return row[name]


def _array(values: list[Any], kind: Any) -> Any:
    arrow = need("pyarrow")
    if arrow.types.is_dictionary(kind):
        return arrow.array(values, kind.value_type).dictionary_encode().cast(kind)
    return arrow.array(values, kind)


def guess_schema(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The schema that some records have in common. Raises `UnreadableError` if a column holds different things."""
    arrow = need("pyarrow")
    names = dict.fromkeys(name for row in rows for name in row)
    try:
        schema = arrow.Table.from_pydict({name: [row.get(name) for row in rows] for name in names}).schema
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise UnreadableError(f"its records do not fit into columns: {error}") from error
    return arrow.schema([_typed(field) for field in schema])


def _typed(field: Any) -> Any:
    arrow = need("pyarrow")
    return field.with_type(arrow.string()) if arrow.types.is_null(field.type) else field


def one_row(record: Mapping[str, Any], schema: Any) -> Any:
    """A record as a batch of one row. Raises `UnreadableError` if it does not fit the schema."""
    arrow = need("pyarrow")
    unknown = [name for name in record if name not in schema.names]
    if unknown:
        raise UnreadableError(f"its field {unknown[0]!r} is not among the columns of the file")
    try:
        return arrow.RecordBatch.from_pylist([dict(record)], schema=schema)
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise UnreadableError(f"it does not fit the columns of the file: {error}") from error


def joined(batches: Sequence[Any], schema: Any) -> Any:
    """Batches as one."""
    arrow = need("pyarrow")
    table = arrow.Table.from_batches(batches, schema=schema).combine_chunks()
    return next(iter(table.to_batches()), None) or arrow.RecordBatch.from_pylist([], schema=schema)


def write_parquet(spool: IO[bytes], target: IO[bytes], schema: Any | None = None) -> None:
    """Turn a spool of IPC streams into a Parquet file. An empty spool needs a schema."""
    arrow, parquet = need("pyarrow"), need("pyarrow.parquet")
    writer = None
    held: list[Any] = []
    size = rows = 0

    def flush() -> None:
        nonlocal size, rows
        if held and writer is not None:
            writer.write_table(arrow.Table.from_batches(held))
        held.clear()
        size = rows = 0

    try:
        for batch in _spooled(spool):
            writer = writer or parquet.ParquetWriter(target, batch.schema)
            held.append(batch)
            size, rows = size + batch.nbytes, rows + batch.num_rows
            if size >= GROUP_BYTES or rows >= GROUP_ROWS:
                flush()
        if writer is None:
            writer = parquet.ParquetWriter(target, schema if schema is not None else arrow.schema([]))
        flush()
    finally:
        if writer is not None:
            writer.close()


def _spooled(spool: IO[bytes]) -> Iterator[Any]:
    arrow = need("pyarrow")
    end = spool.seek(0, 2)
    spool.seek(0)
    while spool.tell() < end:
        with arrow.ipc.open_stream(spool) as reader:
            yield from reader


def schema_of(path: Path, packing: str, limits: Limits) -> Any:
    """The schema of a Parquet file. Raises `UnreadableError` if it has none."""
    arrow, parquet = need("pyarrow"), need("pyarrow.parquet")
    with closing(_seekable(path, packing, limits)) as file:
        try:
            return parquet.read_schema(file)
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise UnreadableError("it is not a Parquet file, or its end is missing") from error
