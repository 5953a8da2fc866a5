"""Hosts are imported with their adapter and not before, and a missing one names the command."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOSTS = [("scrapy", "scrapy", "scrapy"), ("datatrove", "datatrove", "datatrove"), ("arrow", "pyarrow", "arrow")]


@pytest.mark.parametrize(("module", "host", "extra"), HOSTS)
def test_a_missing_host_names_the_command(module, host, extra, monkeypatch):
    for name in [host, *(name for name in sys.modules if name.startswith(f"{host}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"cleaner.pipelines.{module}", raising=False)
    with pytest.raises(ImportError) as caught:
        importlib.import_module(f"cleaner.pipelines.{module}")
    assert caught.value.msg.endswith(f'is not installed; run: pip install "article-cleaner[{extra}]"')


def test_the_cleaner_imports_no_host():
    script = "import sys, cleaner, cleaner.pipelines, cleaner.pipelines.options, cleaner.pipelines.sightings_parts; "
    script += "print(sorted({'scrapy', 'twisted', 'datatrove', 'pyarrow', 'numpy'} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"
