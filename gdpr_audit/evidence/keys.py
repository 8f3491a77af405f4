"""How often a key of a plan is rotated, by its own resource.

Sources: registry.terraform.io, `aws_kms_key` (365 days where rotation is on and no period is
given, off where nothing is said), `google_kms_crypto_key`, `azurerm_key_vault_key`,
`scaleway_key_manager_key` (none of them rotates a key by itself without a policy).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from gdpr_audit.evidence.resources import Book, Resource, Sight, look, truth

NEVER = 9999  # months
_MONTH = 365.25 / 12  # days
_ISO = re.compile(r"^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?$")
_GO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(h|m|s)")
_HOPS = 3

#: What stands between a store and its key, and the attribute that leads on.
_BETWEEN = {
    "aws_kms_alias": "target_key_id",
    "azurerm_disk_encryption_set": "key_vault_key_id",
}


def months(days: float) -> int:
    """Whole months, rounded up, a day of grace for the odd lengths of months and years."""
    return min(NEVER, max(1, math.ceil((days - 1) / _MONTH)))


def rotation(keys: Sequence[Resource], book: Book) -> int | None:
    """Months between rotations of the slowest of the keys; None where one does not show it."""
    found = [_of(key, book, _HOPS) for key in keys]
    known = [value for value in found if value is not None]
    return max(known) if known and len(known) == len(found) else None


def is_key(resource: Resource) -> bool:
    return resource.type in _KEYS or resource.type in _BETWEEN


def _of(key: Resource, book: Book, hops: int) -> int | None:
    if (path := _BETWEEN.get(key.type)) is not None and hops:
        found = [_of(other, book, hops - 1) for other in book.follow(key, path, KEY_TYPES)]
        known = [value for value in found if value is not None]
        return max(known) if known and len(known) == len(found) else None
    reader = _KEYS.get(key.type)
    return reader(key) if reader else None


def _aws(key: Resource) -> int | None:
    switch = look(key, "enable_key_rotation")[0]
    if switch is Sight.ABSENT or truth(switch) is False:
        return NEVER
    if truth(switch) is None:
        return None
    period = look(key, "rotation_period_in_days")[0]
    if period in (Sight.ABSENT, Sight.UNKNOWN):  # filled in by the provider
        return 12
    return months(period) if _is_count(period) else None


def _google(key: Resource) -> int | None:
    period = look(key, "rotation_period")[0]
    if period is Sight.ABSENT:
        return NEVER
    seconds = _go_seconds(period)
    return months(seconds / 86400) if seconds else None


def _scaleway(key: Resource) -> int | None:
    period = look(key, "rotation_policy.rotation_period")[0]
    if period is Sight.ABSENT:
        return NEVER
    seconds = _go_seconds(period)
    return months(seconds / 86400) if seconds else None


def _azure(key: Resource) -> int | None:
    after = look(key, "rotation_policy.automatic.time_after_creation")[0]
    before = look(key, "rotation_policy.automatic.time_before_expiry")[0]
    expires = look(key, "rotation_policy.expire_after")[0]
    if after is Sight.ABSENT and before is Sight.ABSENT:
        return NEVER
    if (days := _iso_days(after)) is not None:
        return months(days)
    lead, life = _iso_days(before), _iso_days(expires)
    return months(life - lead) if lead is not None and life is not None and life > lead else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6


def _go_seconds(period: Any) -> float | None:
    """`7776000s`, `720h`, `720h0m0s`."""
    if not isinstance(period, str) or len(period) > 40:
        return None
    scale = {"h": 3600, "m": 60, "s": 1}
    parts = _GO.findall(period)
    if "".join(number + unit for number, unit in parts) != period:
        return None
    return sum(float(number) * scale[unit] for number, unit in parts) or None


def _iso_days(period: Any) -> float | None:
    """`P90D`, `P1Y`, `P18M`."""
    match = _ISO.match(period) if isinstance(period, str) and len(period) < 40 else None
    if match is None:
        return None
    years, of_year, weeks, days = (int(part or 0) for part in match.groups())
    return years * 365.25 + of_year * _MONTH + weeks * 7 + days


_KEYS: dict[str, Callable[[Resource], int | None]] = {
    "aws_kms_key": _aws,
    "aws_kms_replica_key": lambda _key: None,  # as its primary, which lies in another region
    "azurerm_key_vault_key": _azure,
    "google_kms_crypto_key": _google,
    "scaleway_key_manager_key": _scaleway,
    "ovh_okms_service_key": lambda _key: None,  # no attribute of rotation
}
KEY_TYPES = (*_KEYS, *_BETWEEN)
