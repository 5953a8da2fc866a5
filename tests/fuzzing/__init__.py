"""Inputs that nobody would write, and what must hold for each of them.

* `chance`: decisions from bytes, so that a fuzzer that changes bytes changes decisions;
* `texts`, `pages`, `files`: inputs made by such decisions;
* `laws`, `file_laws`: what must hold for every text, page and file;
* `targets`: the two together, for a fuzzer, for Hypothesis and for the inputs in `found`;
* `run`: coverage-guided fuzzing with atheris.
"""
