"""Draw the kept results: throughput against peers, and growth.

    python benchmarks/plots.py      # results/speed-*.json and growth.json to results/speed.svg and growth.svg

Needs matplotlib.
"""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt  # after the backend is chosen
from matplotlib.axes import Axes
from record import RESULTS  # the file beside this one

OURS, OTHERS = "#c2410c", "#64748b"


def read(name: str) -> dict[str, Any]:
    """A kept result."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def bars(axes: Axes, rates: dict[str, float], unit: str, title: str) -> None:
    """Rates as bars on a logarithmic scale, ours in colour."""
    names = sorted(rates, key=lambda name: rates[name])
    colours = [OURS if name.startswith("cleaner") else OTHERS for name in names]
    drawn = axes.barh(names, [rates[name] for name in names], color=colours)
    axes.bar_label(drawn, fmt="{:,.2f}", padding=3, fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(right=max(rates.values()) * 6)
    axes.set_xlabel(unit)
    axes.set_title(title, fontsize=10)


def draw_speed() -> None:
    """Throughput of the cleaner and its peers."""
    measured = read("speed-texts")
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 3.8), layout="constrained")
    texts = measured["measured"]["mixed"]["systems"]
    rates = {name: row["megabytes_per_second"] for name, row in texts.items()}
    bars(left, rates, "MB of text a second", "Texts, mixed")
    pages = read("speed-pages")["measured"]["systems"]
    rates = {name: row["articles_per_second"] for name, row in pages.items()}
    bars(right, rates, "articles a second", "The same articles")
    save(figure, "speed", measured)


def draw_growth() -> None:
    """Time over size and over the number of rules."""
    measured = read("growth")
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.5), layout="constrained")
    for name, case in measured["length"].items():
        line(left, name, case)
    for name, case in measured["hostile"].items():
        if case["steps"]:
            line(middle, name, case)
    for axes, title in ((left, "One document"), (middle, "Hostile texts (dashed: more than linear)")):
        axes.set(xscale="log", yscale="log", xlabel="MB", ylabel="seconds of processor")
        axes.set_title(title, fontsize=10)
        axes.legend(fontsize=5 if axes is middle else 8)
    rules = measured["rules"]
    right.plot([row["rules"] for row in rules], [row["seconds_per_megabyte"] for row in rules], "o-", color=OURS)
    right.set(xscale="log", xlabel="rules", ylabel="seconds for a MB", ylim=(0, None))
    right.set_title("Synthetic rules", fontsize=10)
    save(figure, "growth", measured)


def line(axes: Axes, name: str, case: dict[str, Any]) -> None:
    """One case over its sizes."""
    steps = case["steps"]
    style = "o-" if case["verdict"] == "linear" else "o--"
    sizes, times = ([step[key] for step in steps] for key in ("megabytes", "processor_seconds"))
    axes.plot(sizes, times, style, label=name, markersize=3, linewidth=1)


def save(figure: Any, name: str, measured: dict[str, Any]) -> None:
    """Write the drawing, with date and machine in its foot."""
    machine = measured["machine"]
    foot = f"{measured['date']}, {machine['processor']}, {machine['cores']} cores, {machine['python']}"
    figure.supxlabel(foot, fontsize=7)
    path = RESULTS / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    print(path)


if __name__ == "__main__":
    draw_speed()
    draw_growth()
