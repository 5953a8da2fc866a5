"""Every value of a signal that carries weight has a sentence that a user understands."""

from __future__ import annotations

import pytest

from cleaner.judge import shipped_weights
from cleaner.says import says
from cleaner.says_pages import says as says_of_pages
from cleaner.weigh import shipped_page_weights

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


PAGES = shipped_page_weights()
MEASURES = sorted(
    {
        named
        for table in (PAGES.keep, PAGES.recover)
        for named in [
            *((name, value) for name, weights in table.weights.items() for value in weights),
            *(
                (name, value)
                for one, other, rows in (*table.pairs, *table.word_pairs)
                for first, row in rows.items()
                for second in row
                for name, value in ((one, first), (other, second))
            ),
        ]
    }
)


@pytest.mark.parametrize(("measure", "value"), MEASURES)
def test_a_value_of_a_page_has_a_phrase(measure: str, value: str) -> None:
    phrase = says_of_pages(measure, value)
    assert phrase or value == "-"
    assert phrase != f"has {measure} {value}"
    assert phrase == phrase.strip()
