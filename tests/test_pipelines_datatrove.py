"""The datatrove blocks: whole runs of a real datatrove, and sightings counted in parts."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_world import ADVERTS, STORIES, story

from cleaner import Cleaner
from cleaner.pipelines.sightings_parts import (
    PartedSightings,
    PartsError,
    PartWriter,
    count_part,
    part_of,
    read_part,
    read_table,
    write_table,
)
from cleaner.sightings import Sightings
from cleaner.sightings_documents import observe

datatrove = pytest.importorskip("datatrove")
blocks = pytest.importorskip("cleaner.pipelines.datatrove")
executors = pytest.importorskip("datatrove.executor")
readers = pytest.importorskip("datatrove.pipeline.readers")
writers = pytest.importorskip("datatrove.pipeline.writers.jsonl")
extractors = pytest.importorskip("datatrove.pipeline.extractors")
Document = pytest.importorskip("datatrove.data").Document

ROOT = Path(__file__).parent.parent
PITCH = "You can keep your family safe tonight with the amazing Lumitorch pocket lantern."


def warc(path, stories):
    warcio = pytest.importorskip("warcio")
    statusandheaders = pytest.importorskip("warcio.statusandheaders")
    with path.open("wb") as file:
        writer = warcio.WARCWriter(file, gzip=True)
        for one in stories:
            headers = statusandheaders.StatusAndHeaders(
                "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
            )
            url = f"https://news.example{one.path}"
            extra = {"WARC-Identified-Payload-Type": "text/html"}
            body = io.BytesIO(one.html.encode())
            writer.write_record(
                writer.create_warc_record(url, "response", body, http_headers=headers, warc_headers_dict=extra)
            )


def jsonl(folder, rows, files):
    folder.mkdir()
    for number in range(files):
        lines = [json.dumps(row) for row in rows[number::files]]
        (folder / f"{number}.jsonl").write_text("\n".join(lines) + "\n")


def read(folder):
    rows = {}
    for path in folder.rglob("*.jsonl*"):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows |= {row["id"]: row for row in map(json.loads, data.decode().splitlines())}
    return rows


def run(pipeline, logs, tasks=3, workers=1):
    executors.LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, logging_dir=str(logs)).run()
    stats = json.loads((logs / "stats.json").read_text())
    return next((step["stats"] for step in stats if "Injected lines" in step["name"]), {})


def total(stat):
    return stat["total"] if isinstance(stat, dict) else stat


def command_line(source, output, *options):
    command = [sys.executable, "-m", "cleaner", "clean", str(source), "-o", str(output), "-q", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return read(output)


def test_web_archives_in_several_tasks_and_workers_equal_the_command_line(tmp_path):
    (tmp_path / "warc").mkdir()
    for number in range(4):
        warc(tmp_path / "warc" / f"{number}.warc.gz", STORIES[number * 15 : number * 15 + 15])
    pipeline = [
        readers.WarcReader(str(tmp_path / "warc")),
        extractors.Trafilatura(favour_precision=False, deduplicate=False, timeout=60),
        writers.JsonlWriter(str(tmp_path / "extracted"), compression=None),
        blocks.InjectedLineCleaner(),
        writers.JsonlWriter(str(tmp_path / "cleaned")),
    ]
    stats = run(pipeline, tmp_path / "logs", tasks=4, workers=2)
    extracted, cleaned = read(tmp_path / "extracted"), read(tmp_path / "cleaned")
    assert len(extracted) == len(cleaned) == 60
    assert all("Advertisement" in row["text"] for row in extracted.values())
    wanted = [f"Story {one.number}\n{one.cleaned}" for one in STORIES[:60]]
    assert sorted(row["text"] for row in cleaned.values()) == sorted(wanted)
    by_hand = command_line(tmp_path / "extracted", tmp_path / "by-hand", "--no-sightings", "-j", "1")
    assert {name: row["text"] for name, row in cleaned.items()} == {name: row["text"] for name, row in by_hand.items()}
    assert total(stats["total"]) == total(stats["forwarded"]) == total(stats["changed"]) == 60
    assert total(stats["removed"]) == 60 * len(ADVERTS)
    assert total(stats["removed_ad"]) == total(stats["removed_stub"]) == total(stats["removed_newsletter"]) == 60


def test_removed_spans_are_in_the_metadata_and_emptied_documents_excluded(tmp_path):
    rows = [{"id": str(one.number), "text": one.text, "url": f"https://news.example{one.path}"} for one in STORIES[:20]]
    rows.append({"id": "empty", "text": "Advertisement\nRead more", "url": "https://news.example/empty"})
    rows.append({"id": "clean", "text": STORIES[0].cleaned, "section": "local"})
    jsonl(tmp_path / "in", rows, 3)
    pipeline = [
        readers.JsonlReader(str(tmp_path / "in")),
        blocks.InjectedLineCleaner(exclusion_writer=writers.JsonlWriter(str(tmp_path / "empty"), compression=None)),
        writers.JsonlWriter(str(tmp_path / "out")),
    ]
    stats = run(pipeline, tmp_path / "logs")
    out, empty = read(tmp_path / "out"), read(tmp_path / "empty")
    assert {name: row["text"] for name, row in out.items() if name != "clean"} == {
        str(one.number): one.cleaned for one in STORIES[:20]
    }
    for one in STORIES[:20]:
        spans = out[str(one.number)]["metadata"]["removed"]
        assert [one.text[span["start"] : span["end"]] for span in spans] == [span["text"] for span in spans]
        assert all(span["category"] and span["reasons"][0]["says"] for span in spans)
    assert out["clean"]["metadata"]["section"] == "local"
    assert "removed" not in out["clean"]["metadata"]
    assert empty["empty"]["text"] == "Advertisement\nRead more"
    assert empty["empty"]["metadata"]["filter_reason"] == "nothing_left"
    assert total(stats["dropped_nothing_left"]) == 1
    assert total(stats["forwarded"]) == 21


def test_parquet_with_the_schema_of_removed_pieces(tmp_path):
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    removed = pytest.importorskip("cleaner.pipelines.arrow").REMOVED
    metadata = pa.struct([("url", pa.string()), ("removed", removed)])
    schema = pa.schema([("text", pa.string()), ("id", pa.string()), ("metadata", metadata)])
    writer = pytest.importorskip("datatrove.pipeline.writers").ParquetWriter(str(tmp_path), schema=schema)
    texts = [STORIES[0].cleaned, STORIES[1].text]
    documents = [
        Document(text, str(number), metadata={"url": "https://a.example"}) for number, text in enumerate(texts)
    ]
    assert len(list(writer.run(blocks.InjectedLineCleaner().run(documents)))) == 2
    rows = parquet.read_table(next(tmp_path.glob("*.parquet"))).to_pylist()
    assert rows[0]["metadata"]["removed"] is None
    assert len(rows[1]["metadata"]["removed"]) == len(ADVERTS)


def test_annotation_leaves_the_text():
    one = story(3)
    (document,) = blocks.InjectedLineCleaner(annotate=True, removed_key="spans").run([Document(one.text, "3")])
    assert document.text == one.text
    assert len(document.metadata["spans"]) == len(ADVERTS)


def test_a_document_that_fails_passes_with_its_reason(monkeypatch):
    step = blocks.InjectedLineCleaner()

    class Failing:
        def clean(self, text, url=None):
            raise RuntimeError("no luck")

    monkeypatch.setattr(step, "_cleaner", Failing)
    (document,) = step.run([Document("The harbour stays open.", "1")])
    assert document.text == "The harbour stays open."
    assert document.metadata["cleaner_error"] == "RuntimeError: no luck"


def collection():
    """Stories of five sites, most with a pitch in whole sentences; one agency report on all sites; some without URL."""
    rows = []
    agency = story(199)
    for number in range(100):
        one, site = STORIES[number], number % 5
        text = f"{one.cleaned}\n{PITCH}" if number % 3 else one.cleaned
        url = f"https://www.site{site}.example{one.path}" if number % 10 else None
        rows.append({"id": str(number), "text": text, "url": url})
    rows += [
        {"id": f"wire{site}", "text": agency.cleaned, "url": f"https://site{site}.example/wire"} for site in range(5)
    ]
    return rows


def three_stages(tmp_path, rows, parts, tasks=3):
    jsonl(tmp_path / "in", rows, tasks)
    reader = readers.JsonlReader(str(tmp_path / "in"))
    run([reader, blocks.SightingsCounter(str(tmp_path / "counts"), parts)], tmp_path / "logs1", tasks)
    run([blocks.SightingsMerger(str(tmp_path / "counts"), str(tmp_path / "tables"))], tmp_path / "logs2", min(parts, 2))
    cleaning = blocks.InjectedLineCleaner(sightings_folder=str(tmp_path / "tables"))
    run([reader, cleaning, writers.JsonlWriter(str(tmp_path / "out"))], tmp_path / "logs3", tasks)
    return {name: row["text"] for name, row in read(tmp_path / "out").items()}


def test_three_stages_equal_one_count_over_everything(tmp_path):
    rows = collection()
    cleaned = three_stages(tmp_path, rows, parts=1)
    cleaner = Cleaner(sightings=Sightings.count((row["text"], row["url"], None) for row in rows))
    assert cleaned == {row["id"]: cleaner.clean(row["text"], row["url"]).text for row in rows}
    assert not any(PITCH in text for text in cleaned.values())
    assert cleaned["wire3"] == story(199).cleaned
    assert cleaned == {
        name: row["text"] for name, row in command_line(tmp_path / "in", tmp_path / "by-hand", "-j", "1").items()
    }


def test_in_parts_each_site_is_counted_in_full(tmp_path):
    rows = collection()
    cleaned = three_stages(tmp_path, rows, parts=3)
    for part in range(3):
        mine = [row for row in rows if part_of(row["url"], 3) == part]
        cleaner = Cleaner(sightings=Sightings.count((row["text"], row["url"], None) for row in mine))
        assert {row["id"]: cleaned[row["id"]] for row in mine} == {
            row["id"]: cleaner.clean(row["text"], row["url"]).text for row in mine
        }
    assert all(cleaned[f"wire{site}"] == story(199).cleaned for site in range(5))


def test_a_table_and_observations_come_back_as_they_were():
    rows = collection()
    writers_of_tasks = [PartWriter(task, 4) for task in range(2)]
    for number, row in enumerate(rows):
        writers_of_tasks[number % 2].add(observe(row["text"], row["url"]).document, row["url"])
    files = []
    for writer in writers_of_tasks:
        file = io.BytesIO()
        assert writer.write(file) == file.tell()
        files.append(file)

    def documents(part):
        for file in files:
            file.seek(0)
            yield from read_part(file, part)

    seen = {document.number: document for part in range(4) for document in documents(part)}
    expected = {one.number: one for one in (observe(row["text"], row["url"]).document for row in rows)}
    assert seen == expected
    table = count_part(expected.values)
    whole = Sightings.count((row["text"], row["url"], None) for row in rows)
    assert (dict(table.lines), table.stories) == (dict(whole.lines), whole.stories)
    file = io.BytesIO()
    write_table(file, table, 0, 1)
    file.seek(0)
    part, parts, again = read_table(file)
    assert (part, parts, dict(again.lines), again.stories) == (0, 1, dict(whole.lines), whole.stories)
    assert len(again.lines) == len(whole.lines)
    file.seek(0)
    parted = PartedSightings.read([file])
    lines = rows[1]["text"].split("\n")
    assert parted.weigh(lines, rows[1]["url"]) == whole.weigh(lines)
    assert parted.evidence(PITCH) == whole.evidence(PITCH)


def test_incomplete_counts_are_refused(tmp_path):
    jsonl(tmp_path / "in", collection(), 3)
    counter = blocks.SightingsCounter(str(tmp_path / "counts"), 2)
    run([readers.JsonlReader(str(tmp_path / "in")), counter], tmp_path / "logs")
    merger = blocks.SightingsMerger(str(tmp_path / "counts"), str(tmp_path / "tables"))
    (tmp_path / "counts" / "00001-of-00003.observed").unlink()
    with pytest.raises(PartsError, match=r"first stage is not complete: .* holds 2 files of 3 tasks"):
        merger.run(None)
    with pytest.raises(PartsError, match="the table of part 0 is missing"):
        list(blocks.InjectedLineCleaner(sightings_folder=str(tmp_path / "tables")).run([]))
    (tmp_path / "counts" / "00001-of-00003.observed").write_bytes(b"cleanob1")
    with pytest.raises(PartsError, match="cut short"):
        merger.run(None)


@pytest.mark.skipif("CLEANER_TEST_RAY" not in os.environ, reason="set CLEANER_TEST_RAY=1 (needs ray)")
def test_on_ray(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    executor = pytest.importorskip("datatrove.executor.ray").RayPipelineExecutor
    rows = [{"id": str(one.number), "text": one.text} for one in STORIES]
    jsonl(tmp_path / "in", rows, 4)
    pipeline = [
        readers.JsonlReader(str(tmp_path / "in")),
        blocks.InjectedLineCleaner(),
        writers.JsonlWriter(str(tmp_path / "out")),
    ]
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        executor(pipeline, tasks=4, workers=2, cpus_per_task=1, logging_dir=str(tmp_path / "logs")).run()
    finally:
        ray.shutdown()
    out = read(tmp_path / "out")
    assert {name: row["text"] for name, row in out.items()} == {str(one.number): one.cleaned for one in STORIES}
