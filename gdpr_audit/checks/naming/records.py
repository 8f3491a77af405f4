"""What SPF, DMARC and MTA-STS records say: text in, values out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SPF = "v=spf1"
#: Terms that make whoever evaluates the record ask the DNS (RFC 7208 section 4.6.4).
_ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")
_TERM = re.compile(r"^([+?~-]?)([a-z0-9]+)(?:[:=/](.*))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spf:
    """One SPF record. `all` has its qualifier (`-all`), "" where it has none."""

    all: str
    lookups: int
    includes: tuple[str, ...]
    redirect: str | None


def spf_records(texts: Sequence[str]) -> list[str]:
    """The TXT records that are SPF ones (RFC 7208 section 4.5)."""
    found = [text for text in texts if text.lower() == _SPF or text.lower().startswith(f"{_SPF} ")]
    return [text.strip() for text in found]


def spf(record: str) -> Spf:
    """Terms that are none are passed over: the record is then no better than what is left."""
    all_, lookups, redirect = "", 0, None
    includes: list[str] = []
    for word in record.split()[1:]:
        match = _TERM.match(word)
        if match is None:
            continue
        sign, name, value = match[1] or "+", match[2].lower(), match[3] or ""
        if name == "all":
            all_ = f"{sign}all"
            break  # what stands after it is never reached (section 5.1)
        if name in _ASKING:
            lookups += 1
        if name == "include":
            includes.append(value)
        if name == "redirect":
            redirect = value
    return Spf(all_, lookups, tuple(includes), None if all_ else redirect)


def tags(record: str) -> dict[str, str]:
    """`v=DMARC1; p=reject` as a mapping; the first of a repeated tag counts."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, separator, value = part.partition("=")
        if separator:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def dmarc_records(texts: Sequence[str]) -> list[dict[str, str]]:
    """The TXT records of `_dmarc` that are DMARC ones (RFC 7489 section 6.6.3)."""
    found = [tags(text) for text in texts if re.match(r"^v\s*=\s*DMARC1\s*(;|$)", text)]
    return [record for record in found if record.get("p", "").lower() in POLICIES]


POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """An MTA-STS policy file (RFC 8461 section 3.2)."""

    mode: str
    servers: tuple[str, ...]

    def covers(self, server: str) -> bool:
        """Whether a mail server's name is among those of the policy."""
        name = server.rstrip(".").lower()
        for pattern in self.servers:
            if pattern == name or (
                pattern.startswith("*.") and name.partition(".")[2] == pattern[2:]
            ):
                return True
        return False


def sts_policy(text: str) -> StsPolicy | None:
    """None for a file that is no MTA-STS policy."""
    rows = [line.partition(":") for line in text.splitlines() if ":" in line]
    pairs = [(name.strip(), value.strip()) for name, _, value in rows]
    values = dict(reversed(pairs))
    if values.get("version") != "STSv1":
        return None
    servers = tuple(value.rstrip(".").lower() for name, value in pairs if name == "mx")
    return StsPolicy(values.get("mode", ""), servers)
