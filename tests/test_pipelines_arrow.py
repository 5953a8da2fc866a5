"""Arrow batches and the data frames that speak Arrow; Spark and Ray Data run when asked for."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_world import ADVERTS, STORIES, story

from cleaner import Cleaner

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
arrow = pytest.importorskip("cleaner.pipelines.arrow")
REMOVED, TableCleaner, clean_batches = arrow.REMOVED, arrow.TableCleaner, arrow.clean_batches

ROOT = Path(__file__).parent.parent
TEXTS = [one.text for one in STORIES[:6]]
CLEANED = [one.cleaned for one in STORIES[:6]]


def table(kind=None, **more):
    return pa.table({"id": pa.array(range(6), pa.int16()), "text": pa.array(TEXTS, kind or pa.string()), **more})


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_every_kind_of_string_keeps_its_kind(kind):
    cleaned = TableCleaner()(table(kind))
    assert cleaned.schema == table(kind).schema
    assert cleaned["text"].to_pylist() == CLEANED
    assert cleaned["id"].to_pylist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("index", [pa.int8(), pa.int32(), pa.uint16()])
@pytest.mark.parametrize("value", [pa.string(), pa.large_string()])
def test_dictionaries_stay_dictionaries(index, value):
    kind = pa.dictionary(index, value)
    texts = pa.array([TEXTS[0], None, TEXTS[1], TEXTS[0]], value).dictionary_encode().cast(kind)
    cleaned = TableCleaner()(pa.table({"text": pa.chunked_array([texts, texts.slice(1, 2)])}))
    assert cleaned.schema.field("text").type == kind
    assert cleaned["text"].to_pylist() == [CLEANED[0], None, CLEANED[1], CLEANED[0], None, CLEANED[1]]


def test_nulls_empty_texts_and_empty_batches():
    clean = TableCleaner(removed_column="gone")
    cleaned = clean(pa.table({"text": pa.array([None, "", TEXTS[0]])}))
    assert cleaned["text"].to_pylist() == [None, "", CLEANED[0]]
    assert [rows if not rows else len(rows) for rows in cleaned["gone"].to_pylist()] == [None, [], len(ADVERTS)]
    empty = table().slice(0, 0)
    assert clean(empty).schema == clean.schema(empty.schema)
    assert clean(empty).num_rows == 0
    assert (
        clean(empty.to_batches()[0] if empty.to_batches() else pa.RecordBatch.from_pylist([], empty.schema)).num_rows
        == 0
    )
    assert clean(pa.table({"text": pa.nulls(3)}))["text"].to_pylist() == [None] * 3


def test_chunks_slices_and_extra_columns_are_kept():
    parts = pa.chunked_array([TEXTS[:1], [], TEXTS[1:4], TEXTS[4:]])
    nested = pa.array([{"site": "news", "tags": ["a", None]}] * 6)
    whole = pa.table({"tags": nested, "text": parts}).replace_schema_metadata({"owner": "news desk"})
    cleaned = TableCleaner()(whole)
    assert cleaned.schema.equals(whole.schema, check_metadata=True)
    assert cleaned["text"].to_pylist() == CLEANED
    assert cleaned["tags"].to_pylist() == nested.to_pylist()
    assert TableCleaner()(whole.slice(2, 3))["text"].to_pylist() == CLEANED[2:5]


def test_a_text_without_injected_lines_is_the_same_memory():
    batch = pa.RecordBatch.from_pydict({"text": CLEANED})
    cleaned = TableCleaner()(batch)
    assert cleaned.column(0).buffers()[2].address == batch.column(0).buffers()[2].address


def test_batches_come_one_at_a_time_and_equal_the_cleaner():
    taken = []

    def source():
        for batch in table().to_batches(max_chunksize=2):
            taken.append(batch.num_rows)
            yield batch

    stream = clean_batches(source(), text_column="text", mode="recall")
    first = next(stream)
    assert taken == [2]
    rest = [text for batch in stream for text in batch.column("text").to_pylist()]
    cleaner = Cleaner("recall")
    assert first.column("text").to_pylist() + rest == [cleaner.clean(text).text for text in TEXTS]


def test_removed_pieces_and_annotation():
    cleaned = TableCleaner(annotate=True, url_column="url")(table(url=pa.nulls(6, pa.string())))
    assert cleaned["text"].to_pylist() == TEXTS
    assert cleaned.schema.field("removed").type == REMOVED
    for text, rows in zip(TEXTS, cleaned["removed"].to_pylist(), strict=True):
        assert [text[row["start"] : row["end"]] for row in rows] == [row["text"] for row in rows]
        assert all(row["reasons"][0]["says"] for row in rows)


def test_a_column_that_is_not_there_or_holds_no_text():
    with pytest.raises(ValueError, match="there is no column 'body'; there are 'id', 'text'"):
        TableCleaner("body")(table())
    with pytest.raises(ValueError, match="column 'id' holds int16, not text"):
        TableCleaner("id")(table())
    with pytest.raises(ValueError, match="there is no column 'url'"):
        TableCleaner(url_column="url")({"text": TEXTS})


def test_options_pickle_small_and_always_the_same():
    script = "import pickle; from cleaner.pipelines.arrow import TableCleaner as T; import sys; "
    script += "sys.stdout.buffer.write(pickle.dumps(T(also=['meta'], mode='precision'), 4))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment).stdout
    assert other == pickle.dumps(TableCleaner(also=["meta"], mode="precision"), 4)
    assert len(other) < 1000
    assert pickle.loads(other)(table())["text"].to_pylist() == CLEANED


def test_a_changed_rule_file_is_another_cleaner(tmp_path):
    rules = tmp_path / "own.toml"
    rules.write_text("")
    before = pickle.dumps(TableCleaner(rules=[rules]))
    rules.write_text("# more")
    assert pickle.dumps(TableCleaner(rules=[rules])) != before


@pytest.mark.parametrize("form", [None, "arrow"])
def test_datasets_map_is_cached(form, tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    table_file = tmp_path / "news.parquet"
    parquet.write_table(table(), table_file)
    source = datasets.Dataset.from_parquet(str(table_file), cache_dir=str(tmp_path / "cache"))
    source = source.with_format(form) if form else source
    clean = TableCleaner(removed_column="removed")
    cleaned = source.map(clean, batched=True, batch_size=4)
    assert cleaned.with_format(None)["text"][:] == CLEANED
    assert cleaned.with_format(None)["id"][:] == list(range(6))
    again = source.map(TableCleaner(removed_column="removed"), batched=True, batch_size=4)
    assert again.cache_files == cleaned.cache_files
    assert source.map(TableCleaner(), batched=True, batch_size=4).cache_files != cleaned.cache_files


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"id": range(6), "text": TEXTS, "section": ["news", None] * 3})
    cleaned = polars.DataFrame(TableCleaner()(frame))
    assert cleaned.schema == frame.schema
    assert cleaned["text"].to_list() == CLEANED
    assert cleaned["section"].to_list() == frame["section"].to_list()
    as_category = frame.with_columns(polars.col("text").cast(polars.Categorical))
    assert polars.DataFrame(TableCleaner()(as_category))["text"].to_list() == CLEANED


def test_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": [*TEXTS[:5], None], "section": list("abcdef")}, index=list("uvwxyz"))
    cleaned = TableCleaner()(frame).to_pandas()
    assert list(cleaned["text"][:5]) == CLEANED[:5]
    assert pandas.isna(cleaned["text"]["z"])
    assert list(cleaned.index) == list("uvwxyz")
    assert dict(cleaned.dtypes) == dict(frame.dtypes)


@pytest.mark.skipif("CLEANER_TEST_SPARK" not in os.environ, reason="set CLEANER_TEST_SPARK=1 (needs pyspark and Java)")
def test_spark(monkeypatch):
    sql = pytest.importorskip("pyspark.sql")
    from_arrow_schema = pytest.importorskip("pyspark.sql.pandas.types").from_arrow_schema
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    spark = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        rows = [(one.number, one.text) for one in STORIES] + [(200, None)]
        frame = spark.createDataFrame(rows, "id int, text string").repartition(2)
        clean = TableCleaner(removed_column="removed")
        schema = from_arrow_schema(clean.schema(pa.schema([("id", pa.int32()), ("text", pa.string())])))
        found = {row.id: row for row in frame.mapInArrow(clean.batches, schema).collect()}
        assert {number: row.text for number, row in found.items()} == {
            **{one.number: one.cleaned for one in STORIES},
            200: None,
        }
        assert all(len(found[one.number].removed) == len(ADVERTS) for one in STORIES)
    finally:
        spark.stop()


@pytest.mark.skipif("CLEANER_TEST_RAY" not in os.environ, reason="set CLEANER_TEST_RAY=1 (needs ray[data])")
def test_ray_data():
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": str(ROOT)}})
    try:
        source = ray.data.from_items([{"id": one.number, "text": one.text} for one in STORIES])
        cleaned = source.map_batches(TableCleaner(), batch_format="pyarrow", batch_size=50)
        assert {row["id"]: row["text"] for row in cleaned.take_all()} == {one.number: one.cleaned for one in STORIES}
    finally:
        ray.shutdown()


def test_two_tables_of_one_story_differ_only_in_the_text():
    one = story(3)
    row = TableCleaner()(pa.table({"text": [one.text], "n": [1.5]})).to_pylist()
    assert row == [{"text": one.cleaned, "n": 1.5}]
