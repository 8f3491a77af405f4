"""Where `rules/` and `reports/templates/` are: inside an installed wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_CHECKOUT = {"rules": "rules", "templates": "reports/templates"}


def folder(kind: str) -> Path:
    """The folder of `rules` or `templates`. Raises FileNotFoundError where neither place has it."""
    packaged = _HERE / "data" / kind
    if packaged.is_dir():
        return packaged
    checkout = _HERE.parent
    local = checkout / _CHECKOUT[kind]
    if (checkout / "pyproject.toml").is_file() and local.is_dir():
        return local
    raise FileNotFoundError(f"{kind}: neither in the package nor in a checkout beside it")
