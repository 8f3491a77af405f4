"""Mutation testing of the rules and of the judge; writes docs/mutation.md.

make mutate                     everything: ten minutes or so of one core
python tools/mutate.py rules    the rules alone: a second or two
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gdpr_audit.checks import registry
from gdpr_audit.rules import book
from tools import code_mutants, mutants
from tools.equivalent import CODE, RULES

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "mutation.md"
MODULES = ("judge", "predicates")
#: The quick tests first: most mutants die within a second of the first of them.
TESTS = (
    "test_judge.py",
    "test_predicates.py",
    "test_profile.py",
    "test_book.py",
    "test_first_principle.py",
    "test_mutants.py",
    "test_shape.py",
)
SECONDS = 120  # for the tests on one mutant; more is an endless loop, and counts as killed

#: What a process does with one mutant: its source in place of the module's, then the tests.
RUN = """\
import sys, types, importlib.util, importlib.abc, pathlib
source = pathlib.Path(sys.argv[1]).read_text("utf-8")
class Loader(importlib.abc.SourceLoader):
    def get_filename(self, name): return "<mutant>"
    def get_data(self, path): return source.encode()
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "gdpr_audit.rules." + sys.argv[2]:
            return importlib.util.spec_from_loader(name, Loader())
sys.meta_path.insert(0, Finder())
sys.dont_write_bytecode = True
import pytest
sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *sys.argv[3:]]))
"""


def main() -> None:
    wanted = sys.argv[1:] or ["rules", *MODULES]
    shown = [_rules()] if "rules" in wanted else []
    shown += [_code(module) for module in MODULES if module in wanted]
    if not sys.argv[1:]:
        TARGET.write_text(HEAD + "\n".join(shown), "utf-8")
        print(f"written: {TARGET.relative_to(ROOT)}")


HEAD = """\
# Mutation

What would notice if a rule, or what judges by it, were wrong? `make mutate` changes one thing at a
time and looks whether a test fails. A rule is held by the examples that stand in its own file, the
judge by `tests/rules`. Written by `tools/mutate.py`.

In a rule, each condition is negated and dropped, each threshold moved by one step up and down (a
day of a date), each item of a list left out, each alternative dropped. What a guide's lists admit
is no part of a rule. In the code, comparisons, connectives, constants, branches and returns are
changed.

"""


def _rules() -> str:
    words = registry.vocabulary(check for check, _ in registry.installed())
    mutants.teach()
    made, alive = 0, []
    for rule in book.load([ROOT / "rules"], words).rules:
        for mutant in mutants.of(rule):
            made += 1
            if not mutants.killed(mutant, words):
                alive.append(mutant.name)
    mutants.forget()
    return _table("The rules", made, alive, RULES)


def _code(module: str) -> str:
    source = (ROOT / "gdpr_audit" / "rules" / f"{module}.py").read_text("utf-8")
    if _survives(source, module) is False:
        sys.exit("the tests fail on what is not mutated")
    every = code_mutants.of(source)
    alive = []
    for number, mutant in enumerate(every, 1):
        if _survives(mutant.source, module):
            alive.append(f"{module}: {mutant.text}")
            print(f"{module}.py {mutant.name}", flush=True)
        if number % 50 == 0:
            print(f"{module}.py: {number} of {len(every)}", flush=True)
    return _table(f"`gdpr_audit/rules/{module}.py`", len(every), alive, CODE)


def _survives(source: str, module: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "mutant.py")
        place.write_text(source, "utf-8")
        return all(_passes(place, module, str(Path("tests/rules", test))) for test in TESTS)


def _passes(place: Path, module: str, tests: str) -> bool:
    command = [sys.executable, "-c", RUN, str(place), module, tests]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def _table(title: str, made: int, alive: list[str], equivalent: dict[str, str]) -> str:
    told = [name for name in alive if name in equivalent]
    wanting = [name for name in alive if name not in equivalent]
    killed = made - len(alive)
    score = 100 * killed / (made - len(told))
    line = (
        f"{made} mutants, {killed} killed, {len(told)} the same by another name, "
        f"{len(wanting)} survive: {score:.1f} %."
    )
    print(f"{title}: {line}")
    rows = [f"## {title}", "", line, ""]
    rows += [f"- survives: `{name}`" for name in wanting]
    rows += [f"- `{name}`: {equivalent[name]}" for name in told]
    return "\n".join(rows).rstrip() + "\n"


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} s")
