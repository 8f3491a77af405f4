"""`make audit`: is what we depend on what the locks say, and is a vulnerability of it known?

The first needs no network. The second is pip-audit's work, by PyPI's records or, with ADVISORIES,
by records at hand. A package that no service could tell anything of was not looked at: that is
said, and with STRICT=1 it is a failure.

Status: 0 nothing found, 1 something found, 3 not looked at under STRICT=1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tools.supply import advisories, locks

ACCEPTED = Path(__file__).with_name("accepted.toml")
FOUND, NOT_LOOKED = 1, 3


class Known(NamedTuple):
    """A vulnerability of a locked package."""

    id: str
    package: str
    version: str
    fixed: str

    def __str__(self) -> str:
        return (
            f"{self.package} {self.version}: {self.id}{self.fixed and f', fixed in {self.fixed}'}"
        )


class Seen(NamedTuple):
    """What a service told: of how many packages, what it knows, and why of others nothing."""

    looked: int
    known: list[Known]
    unseen: dict[str, str]  # package and version to the reason
    failure: str = ""  # why there is no answer at all


def ask(*options: str) -> Seen:
    """Run pip-audit on every lock."""
    words = [sys.executable, "-m", "pip_audit", "-f", "json", "--disable-pip", "--require-hashes"]
    words += ["--progress-spinner", "off", "--desc", "off", *options]
    for lock in locks.paths():
        words += ["-r", str(lock)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return Seen(0, [], {}, f"pip-audit gave up: {last[:300]}")
    return read(told)


def read(told: dict[str, Any]) -> Seen:
    """What pip-audit's JSON says, a skipped package kept apart from one without a finding."""
    known, unseen, looked = [], {}, set()
    for row in told["dependencies"]:
        if (reason := row.get("skip_reason")) is not None:
            unseen[row["name"]] = str(reason)
            continue
        looked.add((row["name"], row["version"]))
        for one in row["vulns"]:
            fixed = ", ".join(one.get("fix_versions", []))
            known.append(Known(one["id"], row["name"], row["version"], fixed))
    return Seen(len(looked), sorted(set(known)), unseen)


def accepted(day: date, path: Path = ACCEPTED) -> set[tuple[str, str]]:
    """Ids and packages accepted on that day. Raises ValueError for one without a reason."""
    rows = tomllib.loads(path.read_text("utf-8")).get("accepted", [])
    for row in rows:
        if not row.get("reason") or not isinstance(row.get("until"), date):
            raise ValueError(f"{path.name}: {row.get('id')}: a reason and an end are needed")
    return {(row["id"], row["package"]) for row in rows if day <= row["until"]}


def main() -> int:
    wrong = locks.faults()
    for fault in wrong:
        print(f"audit: {fault}")
    packages = {one for lock in locks.paths() for one in locks.entries(lock)} if not wrong else ()
    if not wrong:
        print(
            f"audit: {len(locks.paths())} locks, {len(packages)} packages: each of one version, "
            "with hashes; installed as locked"
        )
    with ExitStack() as stack:
        options: tuple[str, ...] = ()
        if given := os.environ.get("ADVISORIES"):
            try:
                records = advisories.read(Path(given))
            except (OSError, ValueError, zipfile.BadZipFile) as error:
                print(f"audit: ADVISORIES: {error}")
                return NOT_LOOKED
            url = stack.enter_context(advisories.served(records))
            options = ("-s", "osv", "--osv-url", url)
        seen = ask(*options)
    mine = accepted(date.today())
    open_ = [one for one in seen.known if (one.id, one.package) not in mine]
    for one in open_:
        print(f"audit: {one}")
    for line in _told(seen, len(open_)):
        print(f"audit: {line}")
    if wrong or open_:
        return FOUND
    blind = bool(seen.failure or seen.unseen)
    return NOT_LOOKED if blind and os.environ.get("STRICT") == "1" else 0


def _told(seen: Seen, found: int) -> list[str]:
    if seen.failure:
        return [f"known vulnerabilities: NOT LOOKED AT: {seen.failure}"]
    lines = []
    if seen.looked:
        lines.append(
            f"known vulnerabilities: {found} open, {len(seen.known) - found} accepted, "
            f"in {seen.looked} packages"
        )
    if seen.unseen:
        reason = next(iter(seen.unseen.values()))
        names = ", ".join(sorted(seen.unseen)[:8])
        lines.append(f"NOT LOOKED AT: {len(seen.unseen)} packages ({names} …), as: {reason}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
