"""A polars frame, with a column that tells what was removed.

python examples/polars_frame.py articles.parquet
"""

import sys

import polars as pl

from cleaner.pipelines.arrow import TableCleaner


def clean_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its column `text` cleaned, and the number of removed lines."""
    cleaned = pl.DataFrame(TableCleaner("text", removed_column="removed")(frame))
    return cleaned.with_columns(lines_removed=pl.col("removed").list.len())


if __name__ == "__main__":
    print(clean_frame(pl.read_parquet(sys.argv[1])))
