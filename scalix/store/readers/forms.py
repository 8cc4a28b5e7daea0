"""The forms in which an answer leaves a reader: Arrow IPC stream, CSV, or JSON lines, batch by batch."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scalix.store.readers.wire import Form


def written(batches: Iterator[pa.RecordBatch], schema: pa.Schema, form: Form) -> Iterator[bytes]:
    """The bytes of an answer. Without a row it still has its columns, JSON lines apart."""
    if form == "jsonl":
        return map(_json_lines, batches)
    if form == "csv":
        return _streamed(map(_flat, batches), _flat(schema.empty_table()).schema, pa.csv.CSVWriter)
    return _streamed(batches, schema, pa.ipc.new_stream)


def _streamed(batches: Iterator[Any], schema: pa.Schema, writer_of: Any) -> Iterator[bytes]:
    sink = io.BytesIO()
    with writer_of(sink, schema) as writer:
        for batch in batches:
            writer.write(batch)
            yield _taken(sink)
    yield _taken(sink)


def _taken(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


def _json_lines(batch: pa.RecordBatch) -> bytes:
    encoder = msgspec.json.Encoder(enc_hook=str)
    return b"".join(encoder.encode(row) + b"\n" for row in _plain(batch).to_pylist())


def _plain(batch: pa.RecordBatch) -> pa.Table:
    """Whole numbers that DuckDB gives as decimals are numbers in JSON; money stays text, exact to the last digit."""
    table = pa.Table.from_batches([batch])
    return pa.table([_json_column(column) for column in table.columns], names=table.column_names)


def _json_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_decimal(column.type) and column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            return column
    return _moments(column) if pa.types.is_timestamp(column.type) else column


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments as text. All are UTC, so none of this looks for a time zone, which a reader could not read."""
    text = column.cast(pa.int64()).cast(pa.timestamp(column.type.unit)).cast(pa.string())
    zone = "Z" if column.type.tz else ""
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), zone, "")


def _flat(rows: pa.RecordBatch | pa.Table) -> pa.Table:
    """Rows as CSV can hold them: what is nested, or has no text in Arrow, as JSON."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    columns = [_csv_column(table.column(number)) for number in range(table.num_columns)]
    return pa.table(columns, names=table.column_names)


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _moments(column)
    if not (
        pa.types.is_nested(kind)
        or pa.types.is_interval(kind)
        or isinstance(kind, pa.BaseExtensionType)
        or pa.types.is_binary(kind)
    ):
        return column
    texts = [
        None if value is None else msgspec.json.encode(value, enc_hook=str).decode() for value in column.to_pylist()
    ]
    return pa.array(texts, pa.string())
