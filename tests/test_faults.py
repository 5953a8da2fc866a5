"""Runs that are killed, starved, blocked and lied to: nothing may be lost, doubled, half-written or put elsewhere."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from batch_world import Heard, go, serving, tree

from cleaner.batch import UsageError, outputs
from cleaner.batch.manifest import Manifest, ResumeError, State
from cleaner.batch.safely import settle_all
from cleaner.files.streams import Limits

ROOT = Path(__file__).resolve().parent.parent
KILLS = int(os.environ.get("CLEANER_TEST_KILLS", "25"))
ARTICLES = int(os.environ.get("CLEANER_TEST_ARTICLES", "20000"))
STREAM_MB = int(os.environ.get("CLEANER_TEST_STREAM_MB", "150"))

posix = pytest.mark.skipif(os.name != "posix", reason="signals and file types of POSIX")


def command(code: str) -> list[str]:
    """A Python process that can import the test world."""
    head = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
    head += "from pathlib import Path; from batch_world import *\n"
    return [sys.executable, "-c", head + code]


def running(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(code), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def corpus(folder: Path, articles: int) -> None:
    """A folder of many shapes; a few records fail, one in a hundred is slow."""
    folder.mkdir()
    chance = random.Random(7)

    def record(number: int) -> str:
        odd = "SLOW" if number % 100 == 50 else "RAISE" if number % 700 == 3 else ""
        ads = "".join("AD: buy\n" for _ in range(chance.randrange(3)))
        return (
            json.dumps({"id": number, "text": f"Body {number}\n{ads}{'More. ' * chance.randrange(60)}{odd}\n"}) + "\n"
        )

    shares = {"a.jsonl": 10, "c.jsonl.gz": 4, "d.json": 2, "z.csv": 1}
    if _has("zstandard"):
        shares["e.jsonl.zst"] = 2
    if _has("pyarrow"):
        shares["f.parquet"] = 1
    for name, share in shares.items():
        lines = [record(number) for number in range(articles * share // 20)]
        _write(folder / name, lines)
    for number in range(articles // 20):
        (folder / f"b{number % 7}").mkdir(exist_ok=True)
        (folder / f"b{number % 7}/{number}.txt").write_text(json.loads(record(number))["text"])


def _write(path: Path, lines: list[str]) -> None:
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress("".join(lines).encode()))
    elif path.name.endswith(".zst"):
        import zstandard

        path.write_bytes(zstandard.ZstdCompressor().compress("".join(lines).encode()))
    elif path.name.endswith(".json"):
        path.write_text("[\n" + ",".join(lines) + "]\n")
    elif path.name.endswith(".parquet"):
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(
            pyarrow.Table.from_pylist([json.loads(line) for line in lines]), path, row_group_size=500
        )
    elif path.name.endswith(".csv"):
        rows = [json.loads(line) for line in lines]
        path.write_text("id,text\n" + "".join(f'{row["id"]},"{row["text"]}"\n' for row in rows))
    else:
        path.write_text("".join(lines))


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


# Killed and gone on


@posix
def test_a_run_killed_at_random_moments_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    corpus(tmp_path / "in", ARTICLES)
    go(tmp_path / "in", output=tmp_path / "whole", removed=tmp_path / "whole.removed.jsonl", workers=2)
    code = (
        f"go(Path({str(tmp_path / 'in')!r}), output=Path({str(tmp_path / 'out')!r}), resume=True, workers=2,"
        f" removed=Path({str(tmp_path / 'out.removed.jsonl')!r}))"
    )
    chance = random.Random(11)
    killed = 0
    for _ in range(KILLS):
        process = running(code)
        try:
            process.wait(chance.uniform(0.4, 4.0))
        except subprocess.TimeoutExpired:
            killed += 1
        else:
            assert process.returncode == 0, process.stderr.read().decode()
            shutil.rmtree(tmp_path / "out")  # it was done before the kill: begin anew, so that every kill meets a run
            (tmp_path / "out.removed.jsonl").unlink()
        process.kill()
        process.communicate()
        for name, data in (tree(tmp_path / "out") if (tmp_path / "out").exists() else {}).items():
            assert (tmp_path / "whole" / name).read_bytes() == data, f"{name} is there, but not whole"
    process = running(code)
    _, complaints = process.communicate()
    assert process.returncode == 0, complaints.decode()
    assert killed > KILLS // 2
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    assert (tmp_path / "out.removed.jsonl").read_bytes() == (tmp_path / "whole.removed.jsonl").read_bytes()
    state = json.loads((tmp_path / "out/.cleaner/manifest.json").read_text())["state"]
    assert state["totals"] == json.loads((tmp_path / "whole/.cleaner/manifest.json").read_text())["state"]["totals"]
    assert sorted(path.name for path in (tmp_path / "out/.cleaner").iterdir()) == ["manifest.json"]


def test_resuming_says_when_settings_or_inputs_differ(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/b.txt").write_text("AD: x\nBody\n")
    go(tmp_path / "in", output=tmp_path / "out", settings={"mode": "balanced"})
    with pytest.raises(ResumeError, match="mode = 'balanced', this one has 'recall'"):
        go(tmp_path / "in", output=tmp_path / "out", resume=True, settings={"mode": "recall"})
    (tmp_path / "in/c.txt").write_text("AD: x\nNew behind\n")
    report = go(tmp_path / "in", output=tmp_path / "out", resume=True, settings={"mode": "balanced"})
    assert report.totals.articles == 2
    (tmp_path / "in/a.txt").write_text("New in front\n")
    with pytest.raises(UsageError, match="changed since"):
        go(tmp_path / "in", output=tmp_path / "out", resume=True, settings={"mode": "balanced"})
    assert tree(tmp_path / "out") == {"b.txt": b"Body\n", "c.txt": b"New behind\n"}


@posix
def test_ctrl_c_ends_with_a_report_and_can_be_resumed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = [
        json.dumps({"text": f"Body {number}\nAD: x\n{'SLOW' if number % 3 == 0 else ''}"}) + "\n"
        for number in range(3000)
    ]
    (tmp_path / "in/r.jsonl").write_text("".join(lines))
    arguments = f"Path({str(tmp_path / 'in')!r}), output=Path({str(tmp_path / 'out')!r}), resume=True, workers=2"
    process = running(f"report = go({arguments}); print(report.interrupted, report.totals.articles)")
    until(
        lambda: (tmp_path / "out/.cleaner/records").exists() and (tmp_path / "out/.cleaner/records").stat().st_size > 0
    )
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    printed, complaints = process.communicate(timeout=30)
    interrupted, articles = printed.split()
    assert (interrupted, complaints) == (b"True", b"")
    assert 0 < int(articles) < 3000
    assert tree(tmp_path / "out") == {}
    report = go(tmp_path / "in", output=tmp_path / "out", resume=True, workers=2)
    assert report.totals.articles == 3000
    assert (tmp_path / "out/r.jsonl").read_text() == "".join(lines).replace("AD: x\\n", "")


def until(true: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_the_manifest_never_says_more_than_the_disk_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for number in range(700):
        (tmp_path / f"in/{number:03}.txt").write_text(f"Body {number}\nAD: x\n{'RAISE' if number % 50 == 0 else ''}")
    settled: set[Path] = set()
    lists: list[int] = []
    saves: list[set[Path]] = []
    save = Manifest.save

    def saving(self: Manifest, state: State) -> None:
        assert sum(state.sides.values()) == sum(lists[-2:]), "a list is counted on that is not settled"
        saves.append(set((tmp_path / "out").glob("*.txt")) - settled)
        lists.clear()
        save(self, state)

    def settling(file: IO[bytes]) -> None:
        file.flush()
        lists.append(os.fstat(file.fileno()).st_size)

    monkeypatch.setattr(Manifest, "save", saving)
    monkeypatch.setattr(outputs, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(outputs, "settle", settling)
    monkeypatch.setattr(outputs, "settle_all", lambda paths, root: settled.update(paths))
    go(tmp_path / "in", output=tmp_path / "out", removed=tmp_path / "removed.jsonl")
    assert len(saves) >= 3
    assert not set().union(*saves), "outputs are counted as done that a power cut could take"


@pytest.mark.parametrize("files", [3, 30])
def test_outputs_that_were_taken_away_need_no_settling(tmp_path: Path, files: int) -> None:
    paths = [tmp_path / str(number) for number in range(files)]
    for path in paths[1:]:
        path.write_text("x")
    settle_all([*paths, tmp_path / "gone/a.txt"], tmp_path)


# Workers that die


@posix
def test_an_article_that_kills_its_worker_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    texts = ["KILL" if number in (5, 250) else f"Body {number}\nAD: x\n" for number in range(400)]
    (tmp_path / "in/r.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    for number, text in enumerate(texts[:20]):
        (tmp_path / f"in/{number:02}.txt").write_text(text)
    heard = Heard()
    report = go(tmp_path / "in", output=tmp_path / "out", workers=2, heard=heard)
    assert [(failure.file, failure.record) for failure in heard.failures] == [
        ("05.txt", None),
        ("r.jsonl", 6),
        ("r.jsonl", 251),
    ]
    assert "SIGKILL" in heard.failures[0].error
    assert report.totals.articles == 19 + 398
    rows = [json.loads(line)["text"] for line in (tmp_path / "out/r.jsonl").read_text().splitlines()]
    assert rows == [f"Body {number}\n" for number in range(400) if number not in (5, 250)]


@posix
def test_workers_killed_from_outside_cost_nothing(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": f"Body {number}\nAD: x\n{'SLOW' if number % 5 == 0 else ''}"}) + "\n"
        for number in range(2000)
    ]
    (tmp_path / "r.jsonl").write_text("".join(lines))
    process = running(
        f"go(Path({str(tmp_path / 'r.jsonl')!r}), output=Path({str(tmp_path / 'out.jsonl')!r}), workers=2)"
    )
    killed = 0
    while process.poll() is None and killed < 3:
        time.sleep(0.7)
        victims = serving(process.pid)
        if victims:
            os.kill(victims[0], signal.SIGKILL)
            killed += 1
    _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, b"")
    assert killed
    assert (tmp_path / "out.jsonl").read_text() == "".join(lines).replace("AD: x\\n", "")


def test_a_worker_that_hangs_is_ended(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "one"}\n{"text": "HANG"}\n{"text": "two"}\n')
    heard = Heard()
    go(tmp_path / "r.jsonl", output=tmp_path / "out.jsonl", timeout=2.0, heard=heard)
    assert heard.reasons == ["r.jsonl, record 2: it took longer than 2 seconds"]
    assert (tmp_path / "out.jsonl").read_text() == '{"text": "one"}\n{"text": "two"}\n'


# Disks and folders


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB. Only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("a full disk needs root, to mount a small one")
    yield disk
    subprocess.run(["umount", str(disk)], check=False)


@pytest.mark.parametrize("kind", ["records", "articles", "packed"])
def test_a_full_disk_stops_the_run_and_leaves_nothing_half_written(tmp_path: Path, small_disk: Path, kind: str) -> None:
    chance = random.Random(3)
    (tmp_path / "in").mkdir()
    texts = [f"Body {number}\nAD: x\n{chance.randbytes(3000).hex()}\n" for number in range(990)]
    if kind == "articles":
        for number, text in enumerate(texts):
            (tmp_path / f"in/{number:03}.txt").write_text(text)
    else:
        lines = [json.dumps({"text": text}) + "\n" for text in texts]
        _write(tmp_path / ("in/r.jsonl" if kind == "records" else "in/r.jsonl.gz"), lines)
    report = go(tmp_path / "in", output=small_disk / "out")
    assert "the disk is full" in report.stopped
    for name, data in tree(small_disk / "out").items():
        assert data.decode() == texts[int(name[:3])].replace("AD: x\n", ""), "a file is half-written"
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert go(tmp_path / "in", output=small_disk / "out", resume=True).stopped == ""
    go(tmp_path / "in", output=tmp_path / "whole")
    assert tree(small_disk / "out") == tree(tmp_path / "whole")


def test_an_output_folder_that_cannot_be_written_to_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write to"):
        go(tmp_path / "a.txt", tmp_path / "a.txt", output=tmp_path / "file/out")
    assert (tmp_path / "file").read_text() == ""


@posix
def test_a_tree_with_everything_hostile_in_it(tmp_path: Path) -> None:  # noqa: PLR0915
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.txt").write_text("secret\n")
    (folder / "good.txt").write_text("Body\nAD: x\n")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "broken.txt").symlink_to("nowhere.txt")
    (folder / "linked.txt").symlink_to(tmp_path / "outside/secret.txt")
    (folder / "around").symlink_to(folder)
    (folder / "aside").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "pipe.txt")
    os.mkfifo(folder / "pipe.jsonl.gz")
    (folder / "folder.txt").mkdir()
    (folder / ("n" * 250 + ".warc")).write_bytes(b"WARC/1.0\r\n\r\n")  # its output is a character longer
    (folder / os.fsdecode(b"b\xffd \n name.txt")).write_text("Body\nAD: x\n")
    (folder / "empty.txt").write_text("")
    (folder / "empty.jsonl").write_text("")
    (folder / "empty.json").write_text("")
    (folder / "empty.csv").write_text("")
    (folder / "fake.jsonl.gz").write_text("no gzip")
    (folder / "fake.txt").write_bytes(gzip.compress(b"text"))
    (folder / "secret.txt").write_text("x")
    (folder / "secret.txt").chmod(0)
    (folder / ".hidden.txt").write_text("not looked at")
    plug = socket.socket(socket.AF_UNIX)
    os.chdir(folder)
    try:
        plug.bind("plug.txt")
    finally:
        os.chdir(ROOT)
    before = {path.name for path in tmp_path.iterdir()}
    heard = Heard()
    report = go(folder, output=tmp_path / "out", heard=heard)
    plug.close()
    assert not report.stopped
    said = {failure.file: failure.error for failure in heard.failures}
    assert "leads back to itself" in said["loop.txt"]
    assert "broken symbolic link" in said["broken.txt"]
    assert "is a pipe" in said["pipe.txt"]
    assert "is a pipe" in said["pipe.jsonl.gz"]
    assert "socket" in said["plug.txt"]
    assert "not packed that way" in said["fake.jsonl.gz"]
    assert "is packed" in said["fake.txt"]
    assert "empty" in said["empty.json"]
    assert "no header row" in said["empty.csv"]
    assert any(
        "it is" in error or "name is too long" in error for name, error in said.items() if name.startswith("nnn")
    )
    assert len(heard.skips) == 2
    written = tree(tmp_path / "out")
    assert written["good.txt"] == b"Body\n"
    assert written["linked.txt"] == b"secret\n"
    assert written[os.fsdecode(b"b\xffd \n name.txt")] == b"Body\n"
    assert written["empty.txt"] == written["empty.jsonl"] == b""
    assert not {"around", "aside", ".hidden.txt"} & {name.split("/")[0] for name in written}
    assert {path.name for path in tmp_path.iterdir()} == before | {"out"}
    assert tree(tmp_path / "outside") == {"secret.txt": b"secret\n"}


@posix
def test_nothing_is_written_outside_the_output_folder(tmp_path: Path) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/sub/a.txt").write_text("Body\nAD: x\n")
    (tmp_path / "in/b.txt").write_text("Body\nAD: x\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/b.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/sub").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out/b.txt").symlink_to(tmp_path / "elsewhere/b.txt")
    heard = Heard()
    go(tmp_path / "in", output=tmp_path / "out", overwrite=True, heard=heard)
    assert "symbolic link" in heard.reasons[0]
    assert tree(tmp_path / "elsewhere") == {"b.txt": b"mine"}
    assert (tmp_path / "out/b.txt").read_text() == "Body\n"
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.cleaner").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="not a folder"):
        go(tmp_path / "in", output=tmp_path / "out")
    assert tree(tmp_path / "elsewhere") == {"b.txt": b"mine"}


def test_two_runs_in_one_folder_do_not_meet(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    (tmp_path / "in").mkdir()
    lines = [json.dumps({"text": f"SLOW {number}"}) + "\n" for number in range(500)]
    (tmp_path / "in/r.jsonl").write_text("".join(lines))
    process = running(f"go(Path({str(tmp_path / 'in')!r}), output=Path({str(tmp_path / 'out')!r}))")
    until((tmp_path / "out/.cleaner/manifest.json").exists)
    with pytest.raises(Exception, match="another run is writing here"):
        go(tmp_path / "in", output=tmp_path / "out", resume=True)
    with pytest.raises(Exception, match="another run is writing here"):
        go(tmp_path / "in", output=tmp_path / "out", overwrite=True)
    process.communicate()
    assert (tmp_path / "out/r.jsonl").read_text() == "".join(lines)


def test_files_that_change_while_they_are_read_are_said(tmp_path: Path) -> None:
    source = tmp_path / "r.jsonl"
    source.write_text("".join(json.dumps({"text": f"Body {number} {'x' * 500}"}) + "\n" for number in range(4000)))

    class Meddling(Heard):
        def advanced(self, totals: object, share: float | None) -> None:
            with source.open("a") as file:
                file.write("")
            os.utime(source)

    heard = Meddling()
    go(source, output=tmp_path / "out.jsonl", heard=heard)
    assert any("changed while it was read" in reason for reason in heard.reasons)


# Sizes


def test_records_beyond_the_limit_are_dropped_alone(tmp_path: Path) -> None:
    big = "x" * 300_000
    for name, data in {
        "a.jsonl": f'{{"text": "one"}}\n{{"text": "{big}"}}\n{{"text": "two"}}\n',
        "b.json": f'[{{"text": "one"}}, {{"text": "{big}"}}, {{"text": "two"}}]',
        "c.csv": f"text,n\none,1\n{big},2\ntwo,3\n",
        "d.txt": big,
    }.items():
        (tmp_path / name).write_text(data)
        heard = Heard()
        go(tmp_path / name, output=tmp_path / f"out-{name}", limits=Limits(record_bytes=100_000), heard=heard)
        assert "100,000 bytes; raise --max-record-bytes" in heard.reasons[0], name
    assert (tmp_path / "out-a.jsonl").read_text() == '{"text": "one"}\n{"text": "two"}\n'
    assert json.loads((tmp_path / "out-b.json").read_text()) == [{"text": "one"}, {"text": "two"}]
    assert (tmp_path / "out-c.csv").read_text() == "text,n\none,1\ntwo,3\n"
    assert not (tmp_path / "out-d.txt").exists()


# What a process inherits of `ru_maxrss` is its parent's, so the peaks are read from /proc, of the run and its workers.
STREAMED = """
import threading, time
line = (json.dumps({"text": "Body of an article.\\n" * 200 + "AD: x\\n"}) + "\\n").encode()
lines = MEGABYTES * 1_000_000 // len(line)
read, write = os.pipe()
peaks = {}


def feed():
    for _ in range(lines):
        os.write(write, line)
    os.close(write)


def watch():
    while True:
        for process in family(os.getpid()):
            try:
                status = Path(f"/proc/{process}/status").read_text()
            except OSError:
                continue
            peaks[process] = max([peaks.get(process, 0), *map(int, re.findall(r"VmHWM:\\s*(\\d+) kB", status))])
        time.sleep(0.05)


for work in (feed, watch):
    threading.Thread(target=work, daemon=True).start()
report = go("-", workers=2, standard=(read, open(os.devnull, "wb")))
assert report.totals.articles == lines, report
print(len(peaks), sum(peaks.values()))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks of memory are read from /proc")
def test_memory_does_not_grow_with_the_stream() -> None:
    def peak(megabytes: int) -> int:
        code = f"import json, os, re\n{STREAMED}"
        process = running(code.replace("MEGABYTES", str(megabytes)))
        try:
            printed, complaints = process.communicate(timeout=300 + 2 * megabytes)
        finally:
            process.kill()
        assert process.returncode == 0, complaints.decode()
        processes, kilobytes = map(int, printed.split())
        assert processes >= 4, "the run, its fork server, two workers"
        return kilobytes

    small, large = peak(min(20, STREAM_MB // 15)), peak(STREAM_MB)
    print(f"all processes together: {small} kB for a small stream, {large} kB for one of {STREAM_MB} MB")
    assert large <= 1.2 * small, f"{small} kB for a small stream, {large} kB for a large one"
