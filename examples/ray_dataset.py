"""A Ray dataset through `map_batches`.

python examples/ray_dataset.py articles.parquet cleaned/
"""

import sys

import ray

from cleaner.pipelines.arrow import TableCleaner


def clean_dataset(articles: ray.data.Dataset) -> ray.data.Dataset:
    """The dataset with its column `text` cleaned."""
    return articles.map_batches(TableCleaner("text"), batch_format="pyarrow")


if __name__ == "__main__":
    clean_dataset(ray.data.read_parquet(sys.argv[1])).write_parquet(sys.argv[2])
