"""A Parquet file of any size, cleaned batch by batch in constant memory.

python examples/parquet_file.py articles.parquet cleaned.parquet
"""

import sys

import pyarrow.parquet as pq

from cleaner.pipelines.arrow import TableCleaner


def clean_file(source: str, target: str, text_column: str = "text") -> int:
    """Clean a column of a Parquet file into another file; gives the number of rows."""
    clean = TableCleaner(text_column, removed_column="removed")
    reader = pq.ParquetFile(source)
    rows = 0
    with pq.ParquetWriter(target, clean.schema(reader.schema_arrow)) as writer:
        for batch in clean.batches(reader.iter_batches(batch_size=1000)):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


if __name__ == "__main__":
    print(f"{clean_file(sys.argv[1], sys.argv[2])} rows")
