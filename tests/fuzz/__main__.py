"""`make fuzz`: every reader of input for some seconds each, in a process of bounded memory.

    python -m tests.fuzz [TARGET ...]         fuzz these, or all; FUZZ_SECONDS each (20)
    python -m tests.fuzz TARGET FILE [...]    give these files to one reader, once

What breaks a reader is left in FOUND/<target>/, and the status is 1. Without atheris, Hypothesis
alone tries, for longer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.mutation import LONGEST, TOKENS
from tests.fuzz.targets import TARGETS, Target, feed

FOUND = Path("fuzz-found")
SECONDS = int(os.environ.get("FUZZ_SECONDS", "20"))
_SLOWEST = 25  # seconds for one input
_MEMORY = 640  # MiB, of which the modules, instrumented, take about 200
_EXAMPLES = 20  # of Hypothesis, for each of the seconds
_ROOT = Path(__file__).parents[2]


def main(words: list[str]) -> int:
    if len(words) > 1 and words[0] in TARGETS and words[1] not in TARGETS:
        for path in map(Path, words[1:]):
            feed(words[0], path.read_bytes())
            print(f"{words[0]}: {path}: read or refused, as it should be")
        return 0
    unknown = [word for word in words if word not in TARGETS]
    if unknown:
        print(f"no target is called {unknown[0]}; known: {', '.join(TARGETS)}")
        return 2
    chosen = [TARGETS[word] for word in words] or list(TARGETS.values())
    if find_spec("atheris") is None:
        print("atheris has no wheel for this Python or machine: Hypothesis tries alone, for longer")
        return _hypothesis(chosen)
    broken = [target.name for target in chosen if not _atheris(target)]
    print(f"{len(chosen)} readers, {len(broken)} broken{': ' if broken else ''}{', '.join(broken)}")
    return 1 if broken else 0


def _hypothesis(chosen: list[Target]) -> int:
    tests = [f"tests/fuzz/test_fuzz.py::test_no_bytes_break_a_reader[{t.name}]" for t in chosen]
    examples = {"FUZZ_EXAMPLES": str(SECONDS * _EXAMPLES)}
    words = [sys.executable, "-m", "pytest", "-q", *tests]
    return subprocess.run(words, cwd=_ROOT, env={**os.environ, **examples}, check=False).returncode


def _atheris(target: Target) -> bool:
    """Whether the reader held."""
    found = FOUND.resolve() / target.name
    found.mkdir(parents=True, exist_ok=True)
    before = set(found.iterdir())
    with tempfile.TemporaryDirectory() as room:
        corpus, given, words = (Path(room) / name for name in ("corpus", "given", "words"))
        corpus.mkdir()
        given.mkdir()
        for number, content in enumerate(target.corpus()):
            (given / f"{number:03}").write_bytes(content)
        words.write_text("".join(f'"{_quoted(token)}"\n' for token in TOKENS if len(token) < 60))
        line = [
            sys.executable, "-m", "tests.fuzz.drive", target.name, str(corpus), str(given), f"-dict={words}",
            f"-max_total_time={SECONDS}", f"-timeout={_SLOWEST}", f"-rss_limit_mb={_MEMORY}", f"-max_len={LONGEST}",
            f"-artifact_prefix={found}/", "-verbosity=0",
        ]  # fmt: skip
        done = subprocess.run(
            line, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
        )  # fmt: skip
        kept = len(list(corpus.iterdir()))
    new = sorted(set(found.iterdir()) - before)
    if not done.returncode:
        found.rmdir() if not before else None
        print(f"{target.name}: {SECONDS} s, {kept} new ways through it, no defect", flush=True)
        return True
    print(done.stdout[-4000:])
    for path in new:
        print(
            f"{target.name} broke on {path}\n  again: {sys.executable} -m tests.fuzz {target.name} {path}"
        )
        print(f"  once mended, keep it: cp {path} {target.folder}/")
    return False


def _quoted(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
