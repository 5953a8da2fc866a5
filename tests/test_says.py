"""Every value of a signal that carries weight has a sentence that a user understands."""

from __future__ import annotations

import pytest

from cleaner.judge import shipped_weights
from cleaner.says import says

WEIGHTS = shipped_weights()
VALUES = sorted(
    {(name, value) for name, table in WEIGHTS.signals.items() for value in table}
    | {("neighbours", value) for value in WEIGHTS.neighbours}
    | {
        named
        for pair, table in WEIGHTS.pairs.items()
        for one, row in table.items()
        for other in row
        for named in zip(pair.split("*"), (one, other), strict=True)
    }
)


@pytest.mark.parametrize(("signal", "value"), VALUES)
def test_a_value_has_a_sentence(signal: str, value: str) -> None:
    sentence = says(signal, value)
    assert sentence != f"has {signal} {value}" or (signal, value) == ("figures", "some")
    assert "-of-" not in sentence
    assert sentence == sentence.strip()
