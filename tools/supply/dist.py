"""`make dist`: wheel, source archive, bill of materials, SHA-256: the same bytes each time.

Whoever checks out the same commit and runs it gets the same files: hatchling orders and dates what
is in them, by the day of the commit where git tells it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tools.supply import locks, sbom

SUMS = "SHA256SUMS"


def build(root: Path, target: Path) -> list[Path]:
    """Wheel and source archive of the tree at `root`. Raises CalledProcessError."""
    shutil.rmtree(target, ignore_errors=True)
    env = {**os.environ, "SOURCE_DATE_EPOCH": _day(root)}
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    subprocess.run(words, cwd=root, env=env, check=True, capture_output=True, timeout=300)
    return sorted(target.iterdir())


def _day(root: Path) -> str:
    """Seconds of the commit, unless the caller gives others; without git, hatchling's own."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    words = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "1580601600"
    return done.stdout.strip()


def main() -> None:
    target = locks.ROOT / "dist"
    made = build(locks.ROOT, target)
    bill = target / f"gdpr_audit-{metadata.version(locks.OURSELVES)}.cdx.json"
    bill.write_text(sbom.make(), "utf-8")
    rows = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted([*made, bill])
    ]
    (target / SUMS).write_text("".join(rows), "utf-8")
    print("".join(rows), end="")


if __name__ == "__main__":
    main()
