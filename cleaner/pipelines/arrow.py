"""The cleaner over Arrow batches: for Spark, Ray Data, Hugging Face datasets, polars and pandas, and Parquet files.

All of them hand text over as Arrow, so one step serves them:

    df.mapInArrow(TableCleaner("text").batches, df.schema)                        # Spark
    ds.map_batches(TableCleaner("text"), batch_format="pyarrow")                  # Ray Data
    ds.with_format("arrow").map(TableCleaner("text"), batched=True)               # Hugging Face datasets
    polars.DataFrame(TableCleaner("text")(frame))                                 # polars
    TableCleaner("text")(frame).to_pandas()                                       # pandas

A `TableCleaner` is a few words of options and travels as such; each process makes its cleaner once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any

from cleaner import Result
from cleaner.pipelines.options import Options, Paths, missing, removal_rows

try:
    import pyarrow as pa
except ImportError as error:
    raise missing("arrow", error) from error

REASON = pa.struct([("source", pa.string()), ("says", pa.string()), ("weight", pa.float64())])
REMOVED = pa.list_(
    pa.struct(
        [
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("line", pa.int64()),
            ("text", pa.string()),
            ("category", pa.string()),
            ("score", pa.float64()),
            ("reasons", pa.list_(REASON)),
        ]
    )
)


class TableCleaner:
    """Takes injected lines out of one text column; all other columns, the order of rows and the schema stay.

    text_column: strings of any Arrow type, dictionaries of strings included; nulls stay null.
    url_column: the address of each row, for rules of single sites.
    removed_column: a column to add, of type `REMOVED`: what was removed, null where the text is null.
    annotate: leave the text; only say in `removed_column` ("removed" if not named) what would go.
    mode, also, keep, rules, sightings: see `Cleaner`; `sightings` is the path of a store.
    Equal arguments, rules and versions pickle to equal bytes. Raises `ValueError` for a column that is not there.
    """

    def __init__(
        self,
        text_column: str = "text",
        *,
        url_column: str | None = None,
        removed_column: str | None = None,
        annotate: bool = False,
        mode: str = "balanced",
        also: Iterable[str] = (),
        keep: Iterable[str] = (),
        rules: Paths = (),
        sightings: str | PathLike[str] | None = None,
    ) -> None:
        self.text_column = text_column
        self.url_column = url_column
        self.removed_column = removed_column or ("removed" if annotate else None)
        self.annotate = annotate
        self.options = Options.of(mode, also, keep, rules, sightings)

    def __call__(self, data: Any) -> Any:
        """Clean a table, record batch, dictionary of lists, or any data frame that speaks Arrow.

        A record batch comes back as such, of a dictionary only the columns that change (as `datasets.map` wants it),
        everything else comes back as a table.
        """
        if isinstance(data, pa.RecordBatch):
            return self._batch(data)
        if isinstance(data, Mapping):
            return self._lists(data)
        table = data if isinstance(data, pa.Table) else pa.table(data)
        return pa.Table.from_batches(self.batches(table.to_batches()), self.schema(table.schema))

    def batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Clean record batches as they come, one in memory at a time."""
        for batch in batches:
            yield self._batch(batch)

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """The schema of what comes out for what goes in."""
        self._check(schema)
        name = self.removed_column
        if name is None:
            return schema
        at = schema.get_field_index(name)
        return schema.append(pa.field(name, REMOVED)) if at < 0 else schema.set(at, pa.field(name, REMOVED))

    def _batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        schema = self.schema(batch.schema)
        columns = list(batch.columns)
        at = schema.get_field_index(self.text_column)
        urls = columns[schema.get_field_index(self.url_column)].to_pylist() if self.url_column else None
        results = self._results(columns[at].to_pylist(), urls)
        if not self.annotate:
            columns[at] = _with_texts(columns[at], results)
        if self.removed_column is not None:
            place = schema.get_field_index(self.removed_column)
            columns[place : place + 1] = [pa.array(_rows(results), REMOVED)]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _lists(self, data: Mapping[str, Any]) -> dict[str, Any]:
        for name in (self.text_column, self.url_column):
            if name is not None and name not in data:
                raise ValueError(f"there is no column {name!r}; there are {', '.join(map(repr, data))}")
        urls = data[self.url_column] if self.url_column else None
        results = self._results(data[self.text_column], urls)
        changed: dict[str, Any] = {}
        if not self.annotate:
            changed[self.text_column] = [result.text if result else None for result in results]
        if self.removed_column is not None:
            changed[self.removed_column] = _rows(results)
        return changed

    def _results(self, texts: Sequence[str | None], urls: Sequence[str | None] | None) -> list[Result | None]:
        clean = self.options.cleaner().clean
        pairs = zip(texts, urls if urls is not None else [None] * len(texts), strict=True)
        return [None if text is None else clean(text, url) for text, url in pairs]

    def _check(self, schema: pa.Schema) -> None:
        for name in (self.text_column, self.url_column):
            if name is None:
                continue
            found = schema.get_all_field_indices(name)
            if len(found) != 1:
                what = "no" if not found else "more than one"
                raise ValueError(f"there is {what} column {name!r}; there are {', '.join(map(repr, schema.names))}")
            kind = schema.field(found[0]).type
            if not _is_text(kind):
                raise ValueError(f"column {name!r} holds {kind}, not text; cast it to string first")


def clean_batches(
    batches: Iterable[pa.RecordBatch], text_column: str = "text", **arguments: Any
) -> Iterator[pa.RecordBatch]:
    """Clean the text column of record batches as they come; the arguments are those of `TableCleaner`."""
    return TableCleaner(text_column, **arguments).batches(batches)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) in ("string_view", "null")


def _with_texts(column: pa.Array, results: Sequence[Result | None]) -> pa.Array:
    """The column with the cleaned texts; itself if nothing was removed."""
    if not any(result is not None and result.removed for result in results):
        return column
    texts = [None if result is None else result.text for result in results]
    if not pa.types.is_dictionary(column.type):
        return pa.array(texts, column.type)
    encoded = pa.array(texts, column.type.value_type).dictionary_encode()
    indices = encoded.indices.cast(column.type.index_type)
    return pa.DictionaryArray.from_arrays(indices, encoded.dictionary, ordered=column.type.ordered)


def _rows(results: Sequence[Result | None]) -> list[list[dict[str, Any]] | None]:
    return [None if result is None else removal_rows(result.removed) for result in results]
