"""The lock files, and whether what is installed is what they say."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
#: What the wheel needs at run time; the others are for building, testing and the extras.
RUNTIME = ROOT / "requirements.txt"
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;]+)")
_HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
OURSELVES = "gdpr-audit"


class Entry(NamedTuple):
    """One package of a lock: its name in canonical form, its one version, how many hashes."""

    name: str
    version: str
    hashes: int


def paths() -> list[Path]:
    return sorted(ROOT.glob("requirements*.txt"))


def entries(lock: Path) -> list[Entry]:
    """Raises ValueError for a line that is not pinned to one version."""
    found = []
    for words in re.split(r"\n(?=\S)", lock.read_text("utf-8").strip()):
        if words.startswith("#"):
            continue
        line = words.splitlines()[0]
        if (pinned := _PINNED.match(line)) is None:
            raise ValueError(f"{lock.name}: not pinned to one version: {line}")
        name = canonicalize_name(pinned["name"])
        found.append(Entry(name, pinned["version"], len(_HASHED.findall(words))))
    return found


def faults() -> list[str]:
    """What is not pinned, has no hash, or is installed otherwise than it is locked."""
    wrong: list[str] = []
    locked: dict[str, set[str]] = {}
    for lock in paths():
        try:
            found = entries(lock)
        except ValueError as error:
            wrong.append(str(error))
            continue
        wrong += [f"{lock.name}: {one.name} has no hash" for one in found if not one.hashes]
        for one in found:
            locked.setdefault(one.name, set()).add(one.version)
    for name, version in sorted(installed().items()):
        if name not in locked:
            wrong.append(f"{name} {version} is installed, and in no lock")
        elif version not in locked[name]:
            wrong.append(f"{name} {version} is installed; locked: {', '.join(locked[name])}")
    return wrong


def installed() -> dict[str, str]:
    """Name to version of every distribution of this environment, ourselves aside."""
    found = {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions()}
    found.pop(OURSELVES, None)
    return {str(name): version for name, version in found.items()}
