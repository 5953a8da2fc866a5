"""A pandas frame: index, types and other columns stay.

python examples/pandas_frame.py articles.csv cleaned.csv
"""

import sys

import pandas as pd

from cleaner.pipelines.arrow import TableCleaner


def clean_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its column `text` cleaned."""
    return TableCleaner("text")(frame).to_pandas()


if __name__ == "__main__":
    clean_frame(pd.read_csv(sys.argv[1])).to_csv(sys.argv[2], index=False)
