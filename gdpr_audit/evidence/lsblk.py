"""`lsblk -J`: whether a crypt layer lies under a mount point.

`address` is the mount point, a directory below it, or the name of a device. Every path from it
down to a disk has to pass through a crypt layer: one leg of a mirror in clear is enough to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_DEEPEST = 32

Path_ = tuple[dict[str, Any], ...]  # a device and all that it lies on, the disk first


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is no such list, or has no such place."""
    if artefact.address is None:
        raise artefact.refuse(
            "« address » doit nommer le point de montage", "`address` has to name the mount point"
        )
    try:
        found = json.loads(artefact.text())
    except (ValueError, RecursionError):
        found = None
    devices = found.get("blockdevices") if isinstance(found, dict) else None
    if not isinstance(devices, list):
        raise artefact.refuse(
            "ce n'est pas ce qu'imprime lsblk -J", "this is not what lsblk -J prints"
        )
    paths = _wanted(list(_paths(devices, ())), artefact.address)
    if not paths:
        raise artefact.refuse(
            f"rien n'y est monté sur {artefact.address}",
            f"nothing in it is mounted at {artefact.address}",
        )
    clear = [path for path in paths if not any(_is_crypt(device) for device in path)]
    chain = " < ".join(f"{d.get('name')} ({d.get('type')})" for d in reversed((clear or paths)[0]))
    where = artefact.address
    if clear:
        words = Text(
            f"{artefact.name} : aucune couche crypt sous {where} : {chain}",
            f"{artefact.name}: no crypt layer under {where}: {chain}",
        )
        return Shown(words, encrypted=False, level="volume")
    words = Text(
        f"{artefact.name} : une couche crypt sous {where} : {chain}",
        f"{artefact.name}: a crypt layer under {where}: {chain}",
    )
    return Shown(words, encrypted=True, level="volume")


def _is_crypt(device: dict[str, Any]) -> bool:
    return device.get("type") == "crypt"


def _paths(devices: Any, below: Path_) -> Iterator[Path_]:
    if not isinstance(devices, list) or len(below) > _DEEPEST:
        return
    for device in devices:
        if isinstance(device, dict):
            path = (*below, device)
            yield path
            yield from _paths(device.get("children"), path)


def _wanted(paths: list[Path_], address: str) -> list[Path_]:
    """The paths to what is mounted nearest above the address, else to the device of that name."""
    mounted = [(mount, path) for path in paths for mount in _mounts(path[-1])]
    wanted = PurePosixPath(address)
    above = [m for m, _ in mounted if PurePosixPath(m) in (wanted, *wanted.parents)]
    if address.startswith("/") and not address.startswith("/dev/"):
        nearest = max(above, key=lambda m: len(PurePosixPath(m).parts), default=None)
        return [path for mount, path in mounted if mount == nearest]
    name = address.removeprefix("/dev/mapper/").removeprefix("/dev/")
    return [path for path in paths if path[-1].get("name") == name]


def _mounts(device: dict[str, Any]) -> list[str]:
    several = device.get("mountpoints")
    one = device.get("mountpoint")
    given = several if isinstance(several, list) else [one]
    return [mount for mount in given if isinstance(mount, str) and mount.startswith("/")]
