"""Options from a file: `gdpr-audit.toml`, else `[tool.gdpr-audit]` in pyproject.toml."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gdpr_audit.errors import InputError

LIMIT = 1024 * 1024  # bytes

#: Options that a file may set, by command; `scan`'s serve the others where they have them.
_KNOWN = {
    "declaration": "declaration",
    "format": "formats",
    "output": "output",
    "lang": "lang",
    "fail-on": "fail_on",
    "strict": "strict",
    "only": "only",
    "skip": "skip",
    "waivers": "waivers",
    "strict-waivers": "strict_waivers",
    "baseline": "baseline",
    "hds-list": "hds_list",
    "rules": "rules",
    "tls-profile": "tls_profile",
    "resolver": "resolver",
    "ca-file": "ca_file",
    "proxy": "proxy",
    "offline": "offline",
    "asn-file": "asn_file",
    "cloud-ranges": "cloud_ranges",
    "rate": "rate",
    "journal": "journal",
    "bundle": "bundle",
    "sign-key": "sign_key",
    "timestamp": "timestamp",
    "timeout": "timeout",
    "date": "date",
    "quiet": "quiet",
    "verbose": "verbose",
    "no-color": "no_color",
}
_FOR = {
    "scan": frozenset(_KNOWN),
    # all but what belongs to a single audit
    "fleet": frozenset(_KNOWN)
    - {
        "declaration",
        "format",
        "output",
        "waivers",
        "strict-waivers",
        "baseline",
        "journal",
        "bundle",
        "sign-key",
        "timestamp",
        "verbose",
    },
    "demo": frozenset({"lang", "no-color"}),
    "report": frozenset({"format", "lang", "no-color", "sign-key", "timestamp"}),
    "judge": frozenset({"no-color", "sign-key", "timestamp"}),
    "verify": frozenset({"lang"}),
    "hosting": frozenset(
        {
            "lang",
            "hds-list",
            "resolver",
            "ca-file",
            "proxy",
            "offline",
            "asn-file",
            "cloud-ranges",
            "journal",
            "no-color",
        }
    ),
}
#: The commands that take options from a file.
COMMANDS = frozenset(_FOR)


def defaults(command: str) -> dict[str, Any]:
    """Click's default map for `command`. Raises InputError for a key that is no option."""
    file, table = _table()
    found = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in _KNOWN:
            close = get_close_matches(name, _KNOWN, n=1)
            mend = f"; did you mean {close[0]}?" if close else ""
            raise InputError(f"{file}: {key}: not an option of gdpr-audit{mend}")
        if name in _FOR[command]:
            several = name in ("format", "only", "skip", "rules", "cloud-ranges")
            found[_KNOWN[name]] = _several(value) if several else _plain(value)
    return {command: found} if found else {}


def _several(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else str(value)


def _table() -> tuple[str, dict[str, Any]]:
    for name, keys in (("gdpr-audit.toml", ()), ("pyproject.toml", ("tool", "gdpr-audit"))):
        path = Path(name)
        if not path.is_file():
            continue
        import tomllib

        from gdpr_audit import files

        content = files.read(path, LIMIT, "file of options")
        try:
            table: Any = tomllib.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:  # one of TOML, of UTF-8, of a number's length
            if name == "pyproject.toml":
                continue  # another tool's file, and another tool's complaint
            raise InputError(f"{name}: not valid TOML: {error}") from error
        for key in keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if table:
            if not isinstance(table, dict):
                raise InputError(f"{name}: expected a table of options")
            return name, table
    return "", {}
