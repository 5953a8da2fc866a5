"""A Hugging Face dataset through `map`: in processes, and remembered in the cache of `datasets`.

python examples/huggingface_datasets.py articles.jsonl cleaned.jsonl
"""

import sys

from datasets import Dataset, load_dataset

from cleaner.pipelines.arrow import TableCleaner


def clean_dataset(articles: Dataset, processes: int | None = None) -> Dataset:
    """The dataset with its column `text` cleaned."""
    cleaned = articles.with_format("arrow").map(TableCleaner("text"), batched=True, num_proc=processes)
    return cleaned.with_format(None)


if __name__ == "__main__":
    articles = load_dataset("json", data_files=sys.argv[1], split="train")
    clean_dataset(articles).to_json(sys.argv[2])
