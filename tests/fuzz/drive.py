"""One reader under atheris: `python -m tests.fuzz.drive TARGET [libFuzzer's own words ...]`.

Half of the inputs are libFuzzer's, which follow coverage byte by byte; half have a value of a JSON or
YAML tree replaced, which bytes seldom hit upon.
"""

from __future__ import annotations

import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["gdpr_audit"]):
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import feed


def _mutate(content: bytes, most: int, seed: int) -> bytes:
    if seed % 2:
        return bytes(atheris.Mutate(content, most))
    return mutated(Random(seed), [content])[:most]


def main() -> None:
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda content: feed(name, content), custom_mutator=_mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
