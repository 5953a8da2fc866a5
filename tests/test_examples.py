"""Every program in `examples` runs as its first lines say, against the real host."""

import gzip
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_world import ADVERTS, STORIES, news_site, story

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SOME = STORIES[:12]
ROWS = [{"id": str(one.number), "url": f"https://news.example{one.path}", "text": one.text} for one in SOME]
CLEANED = {row["id"]: one.cleaned for row, one in zip(ROWS, SOME, strict=True)}


def load(name):
    return runpy.run_path(str(EXAMPLES / name))


def run(monkeypatch, name, *arguments):
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def write_lines(path, rows=ROWS):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def page(tmp_path, one=STORIES[5]):
    path = tmp_path / "page.html"
    path.write_text(one.html, encoding="utf-8")
    return path


def test_every_example_has_a_test():
    here = Path(__file__).read_text()
    missing = [path.name for path in EXAMPLES.iterdir() if path.is_file() and f'"{path.name}"' not in here]
    assert missing == []


def test_scrapy(tmp_path):
    pytest.importorskip("scrapy")
    output = tmp_path / "articles.jsonl"
    with news_site() as address:
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / "scrapy_news.py"), f"{address}/index-0-12", str(output)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"12 articles, {12 * len(ADVERTS)} lines removed\n"
    assert {row["title"]: row["text"] for row in read_lines(output)} == {
        f"Story {one.number}": one.cleaned for one in SOME
    }


def test_datatrove(tmp_path, monkeypatch):
    pytest.importorskip("datatrove")
    warcio = pytest.importorskip("warcio")
    headers = pytest.importorskip("warcio.statusandheaders").StatusAndHeaders
    (tmp_path / "warc").mkdir()
    for number in range(2):
        with (tmp_path / "warc" / f"{number}.warc.gz").open("wb") as file:
            writer = warcio.WARCWriter(file, gzip=True)
            for one in SOME[number::2]:
                answer = headers("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
                url = f"https://news.example{one.path}"
                writer.write_record(
                    writer.create_warc_record(
                        url,
                        "response",
                        io.BytesIO(one.html.encode()),
                        http_headers=answer,
                        warc_headers_dict={"WARC-Identified-Payload-Type": "text/html"},
                    )
                )
    run(monkeypatch, "datatrove_news.py", tmp_path / "warc", tmp_path / "out")
    rows = [
        json.loads(line)
        for path in (tmp_path / "out" / "cleaned").iterdir()
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]
    assert sorted(row["text"] for row in rows) == sorted(f"Story {one.number}\n{one.cleaned}" for one in SOME)
    assert len(list((tmp_path / "out" / "sightings").iterdir())) == 1


def test_parquet(tmp_path, monkeypatch, capsys):
    pq = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").Table.from_pylist(ROWS)
    pq.write_table(table, tmp_path / "articles.parquet")
    run(monkeypatch, "parquet_file.py", tmp_path / "articles.parquet", tmp_path / "cleaned.parquet")
    assert capsys.readouterr().out == "12 rows\n"
    cleaned = pq.read_table(tmp_path / "cleaned.parquet").to_pylist()
    assert {row["id"]: row["text"] for row in cleaned} == CLEANED
    assert all(len(row["removed"]) == len(ADVERTS) for row in cleaned)


def test_huggingface_datasets(tmp_path, monkeypatch):
    pytest.importorskip("datasets").disable_progress_bars()
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    run(monkeypatch, "huggingface_datasets.py", write_lines(tmp_path / "in.jsonl"), tmp_path / "out.jsonl")
    assert {row["id"]: row["text"] for row in read_lines(tmp_path / "out.jsonl")} == CLEANED


def test_polars(tmp_path, monkeypatch, capsys):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(ROWS)
    cleaned = load("polars_frame.py")["clean_frame"](frame)
    assert dict(zip(cleaned["id"], cleaned["text"], strict=True)) == CLEANED
    assert cleaned["lines_removed"].to_list() == [len(ADVERTS)] * 12
    frame.write_parquet(tmp_path / "articles.parquet")
    run(monkeypatch, "polars_frame.py", tmp_path / "articles.parquet")
    assert "lines_removed" in capsys.readouterr().out


def test_pandas(tmp_path, monkeypatch):
    pandas = pytest.importorskip("pandas")
    pandas.DataFrame(ROWS).to_csv(tmp_path / "in.csv", index=False)
    run(monkeypatch, "pandas_frame.py", tmp_path / "in.csv", tmp_path / "out.csv")
    cleaned = pandas.read_csv(tmp_path / "out.csv", dtype=str)
    assert dict(zip(cleaned["id"], cleaned["text"], strict=True)) == CLEANED


def test_trafilatura(tmp_path, monkeypatch, capsys):
    one = STORIES[5]
    run(monkeypatch, "after_trafilatura.py", page(tmp_path, one))
    assert capsys.readouterr().out.strip().endswith(one.cleaned)
    example = load("after_trafilatura.py")
    assert "Advertisement" not in example["markdown_of"](one.html)
    document = example["document_of"](one.html, f"https://news.example{one.path}")
    assert document.title == "Story 5"
    assert document.text.endswith(one.cleaned)
    assert example["text_of"]("<html></html>") is None


def test_newspaper(tmp_path, monkeypatch, capsys):
    pytest.importorskip("newspaper")
    run(monkeypatch, "after_newspaper.py", page(tmp_path))
    assert capsys.readouterr().out.replace("\n\n", "\n").strip().endswith(STORIES[5].cleaned)


def test_readability(tmp_path, monkeypatch, capsys):
    pytest.importorskip("readability")
    run(monkeypatch, "after_readability.py", page(tmp_path))
    assert capsys.readouterr().out.strip().endswith(STORIES[5].cleaned)


def test_fundus():
    """Without the network: Fundus reads a page by a parser for its layout, as it has them for each publisher."""
    pytest.importorskip("fundus")
    from datetime import datetime

    from fundus.parser import ArticleBody, BaseParser, attribute
    from fundus.parser.utility import extract_article_body_with_selector
    from fundus.scraping.article import Article
    from fundus.scraping.html import HTML, SourceInfo
    from lxml.etree import XPath

    class CourierParser(BaseParser):
        @attribute
        def body(self) -> ArticleBody | None:
            return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=XPath("//article/p"))

    one, url = story(9), "https://news.example/news/9.html"
    html = HTML(url, url, one.html, datetime(2024, 5, 3), SourceInfo("Courier"))
    article = Article(html=html, **CourierParser().parse(one.html))
    assert "Advertisement" in article.plaintext
    ((address, text),) = load("after_fundus.py")["texts_of"]([article])
    assert address == url
    assert [line for line in text.split("\n") if line] == list(one.body)


@pytest.mark.parametrize("name", ["with_jq.sh", "with_node.sh"])
def test_streams_of_records(name, tmp_path):
    needed = {"with_jq.sh": "jq", "with_node.sh": "node"}[name]
    if shutil.which(needed) is None or os.name != "posix":
        pytest.skip(f"{needed} is not here")
    command = tmp_path / "cleaner"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n')
    command.chmod(0o755)
    records = write_lines(tmp_path / "in.jsonl", [*ROWS[:2], {"id": "7", "text": 7}, ROWS[2]]).read_text()
    done = subprocess.run(
        ["sh", str(EXAMPLES / name)],
        input=records,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    if needed == "jq":
        rows = [json.loads(line) for line in lines]
        assert [row.get("text") for row in rows] == [CLEANED["0"], CLEANED["1"], None, CLEANED["2"]]
        assert "is a number, not text" in rows[2]["error"]
    else:
        assert lines[0] == f"0 {len(CLEANED['0'])}"
        assert lines[2].startswith("7 ") and "is a number, not text" in lines[2]


@pytest.mark.skipif("CLEANER_TEST_SPARK" not in os.environ, reason="set CLEANER_TEST_SPARK=1 (needs pyspark and Java)")
def test_spark(tmp_path, monkeypatch):
    pytest.importorskip("pyspark")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pytest.importorskip("pyarrow").Table.from_pylist(ROWS), tmp_path / "in.parquet")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    run(monkeypatch, "spark_frame.py", tmp_path / "in.parquet", tmp_path / "out.parquet")
    cleaned = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert {row["id"]: row["text"] for row in cleaned} == CLEANED


@pytest.mark.skipif("CLEANER_TEST_RAY" not in os.environ, reason="set CLEANER_TEST_RAY=1 (needs ray[data])")
def test_ray(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pytest.importorskip("pyarrow").Table.from_pylist(ROWS), tmp_path / "in.parquet")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        run(monkeypatch, "ray_dataset.py", tmp_path / "in.parquet", tmp_path / "out")
    finally:
        ray.shutdown()
    cleaned = pq.read_table(tmp_path / "out").to_pylist()
    assert {row["id"]: row["text"] for row in cleaned} == CLEANED
