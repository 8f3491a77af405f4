"""What is known of addresses without asking anyone: the files that the user names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gdpr_audit.attribution.ranges import Range, Ranges
from gdpr_audit.attribution.ranges import load as load_ranges

if TYPE_CHECKING:
    from gdpr_audit.attribution.asn_file import Find, Origin


@dataclass(frozen=True)
class Atlas:
    """Published ranges and AS numbers by file; `offline` forbids to ask outside services."""

    ranges: Ranges = field(default_factory=Ranges)
    networks: Find | None = None
    networks_file: str | None = None
    offline: bool = False

    def range_of(self, address: str) -> Range | None:
        return self.ranges.find(address)

    def origin_of(self, address: str) -> Origin | None:
        return self.networks(address) if self.networks else None


def load(ranges: Iterable[str | Path], asn_file: Path | None, *, offline: bool) -> Atlas:
    """The atlas of one audit. Raises InputError, which names the file."""
    networks = None
    if asn_file is not None:
        from gdpr_audit.attribution import asn_file as files  # noqa: PLC0415 - when one is named

        networks = files.load(asn_file)
    return Atlas(load_ranges(ranges), networks, asn_file.name if asn_file else None, offline)
