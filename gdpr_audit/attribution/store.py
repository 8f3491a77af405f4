"""Published ranges that the user fetched or imported, kept as their vendors wrote them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gdpr_audit.attribution import ranges
from gdpr_audit.errors import InputError
from gdpr_audit.files import data_folder

#: Where vendors publish their ranges. Azure's address changes each week: that file is imported.
PUBLISHED = {
    "aws": "https://ip-ranges.amazonaws.com/ip-ranges.json",
    "google": "https://www.gstatic.com/ipranges/cloud.json",
    "oracle": "https://docs.oracle.com/iaas/tools/public_ip_ranges.json",
    "cloudflare": "https://api.cloudflare.com/client/v4/ips",
    "fastly": "https://api.fastly.com/public-ip-list",
}
STALE_DAYS = 30  # clouds add ranges each week


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored file: its name, its day, and how many ranges it holds."""

    path: Path
    day: date
    count: int


def paths() -> list[Path]:
    """The stored files; none where there is no folder."""
    folder = data_folder()
    return sorted((folder / "ranges").glob("*.json")) if folder else []


def kept() -> Iterator[Kept]:
    """What is stored. Raises InputError for a file that is damaged."""
    for path in paths():
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        yield Kept(path, day, ranges.load([path]).count)


def keep(name: str, content: bytes) -> int:
    """Keep one file in place of the one of that name, whole or not at all; its ranges, counted.

    Raises InputError for one that is no file of ranges, or where it cannot be written.
    """
    folder = data_folder()
    if folder is None:
        raise InputError("no folder to keep the ranges in: set GDPR_AUDIT_DATA_DIR")
    place = folder / "ranges"
    part = place / f".{hashlib.sha256(content).hexdigest()[:12]}.part"
    try:
        place.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        count = ranges.load([part], called=name).count
        part.replace(place / f"{name}.json")
    except OSError as error:
        raise InputError(f"{place}: cannot keep the ranges: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return count
