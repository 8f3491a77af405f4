"""The stores of a Terraform plan, as a declaration has them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gdpr_audit.declaration.address import NAME_LIMIT
from gdpr_audit.errors import InputError
from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.evidence.keys import NEVER
from gdpr_audit.evidence.terraform import Found, inventory
from gdpr_audit.interview.engine import State

_NOBODY = "OpenStack"  # is run by whoever runs it


def stores(plan: Path, language: str) -> list[Found]:
    """Raises InputError, in the reader's words, for what is no plan or has no store."""
    if not plan.is_file():
        raise InputError(f"{plan}: there is no such file")
    try:
        found = inventory(Artefact(plan, plan.name))
    except Unreadable as error:
        raise InputError(error.reason.within(language)) from error
    if not found:
        raise InputError(f"{plan}: no store of a known type in it")
    return [one for one in found if len(one.address) <= NAME_LIMIT]


def record(found: Found, plan: Path, file: Path) -> dict[str, Any]:
    """One store, with the plan as its evidence; the path is as seen from the declaration."""
    shown = found.shown
    relative = Path(os.path.relpath(plan.resolve(), file.resolve().parent)).as_posix()
    store: dict[str, Any] = {"name": found.address, "kind": found.kind}
    if found.provider != _NOBODY:
        store["provider"] = found.provider
    if shown.country is not None:
        store["country"] = shown.country
    if shown.encrypted is not None:
        store["encryption"] = _encryption(shown) if shown.encrypted else "none"
    keys = {"manager": shown.manager, "rotation_months": _months(shown.rotation_months)}
    if any(value is not None for value in keys.values()):
        store["keys"] = {name: value for name, value in keys.items() if value is not None}
    store["evidence"] = [{"kind": "terraform-plan", "file": relative, "address": found.address}]
    return store


def _encryption(shown: Shown) -> dict[str, Any]:
    given = {
        "level": shown.level,
        "algorithm": shown.algorithm,
        "mode": shown.mode,
        "key_bits": shown.key_bits,
    }
    return {name: value for name, value in given.items() if value is not None}


def _months(rotation: int | None) -> Any:
    return "none" if rotation == NEVER else rotation


def add(state: State, store: dict[str, Any]) -> None:
    """Put a store among the answers: what the plan tells is not asked again."""
    stores_so_far = state.answers.setdefault("storage", [])
    if any(one.get("name") == store["name"] for one in stores_so_far):
        return
    at = f"storage.{len(stores_so_far)}"
    stores_so_far.append(store)
    told = ["name", "kind", *(["country"] if "country" in store else [])]
    if "encryption" in store:
        told.append("encryption")
        told += [f"encryption.{key}" for key in ("level", "algorithm", "key_bits")]
        told += ["keys.manager", "keys.rotation_months"]
    state.told += [f"{at}.{key}" for key in told]
