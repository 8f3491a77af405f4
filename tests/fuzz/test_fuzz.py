"""Every input reader, on what once broke it and on what nobody has tried yet."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS, feed

#: Inputs for each reader; `make fuzz` asks for more.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))

EVERY = pytest.mark.parametrize("name", TARGETS)


@EVERY
def test_each_seed_is_read_or_refused(name: str) -> None:
    corpus = TARGETS[name].corpus()
    assert corpus, "a reader without a single real input is hardly tried"
    for content in corpus:
        feed(name, content)


@EVERY
def test_no_bytes_break_a_reader(name: str) -> None:
    corpus = TARGETS[name].corpus()

    examples = EXAMPLES if TARGETS[name].light else max(1, EXAMPLES // 6)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(st.integers(0, 2**32))
    def run(seed: int) -> None:
        feed(name, mutated(Random(seed), corpus))

    run()
