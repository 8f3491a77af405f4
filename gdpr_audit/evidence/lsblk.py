"""`lsblk -J`: whether a crypt layer lies under a mount point.

`address` is the mount point, a directory below it, or the name of a device. Every path from it
down to a disk has to pass through a crypt layer: one leg of a mirror in clear is enough to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from gdpr_audit import strict_json
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
        found = strict_json.loads(artefact.text())
    except ValueError:
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
    layers = [_layer(path) for path in paths]
    at = min(range(len(paths)), key=lambda one: _ORDER[layers[one]])
    chain = " < ".join(f"{d.get('name')} ({d.get('type')})" for d in reversed(paths[at]))
    where = artefact.address
    if layers[at] is None:
        raise artefact.refuse(
            f"la couche crypt sous {where} peut n'être que d'intégrité : {chain} ;"
            " en root : lsblk -J -o +FSTYPE,UUID,ID-LINK",
            f"the crypt layer under {where} may be of integrity alone: {chain};"
            " as root: lsblk -J -o +FSTYPE,UUID,ID-LINK",
        )
    if not layers[at]:
        words = Text(
            f"{artefact.name} : aucune couche de chiffrement sous {where} : {chain}",
            f"{artefact.name}: no layer of encryption under {where}: {chain}",
        )
        return Shown(words, encrypted=False, level="volume")
    words = Text(
        f"{artefact.name} : une couche crypt sous {where} : {chain}",
        f"{artefact.name}: a crypt layer under {where}: {chain}",
    )
    return Shown(words, encrypted=True, level="volume")


#: Of several paths the worst counts.
_ORDER: dict[bool | None, int] = {False: 0, None: 1, True: 2}
#: What lies under a device that cryptsetup opened, by `FSTYPE`.
_SEALED = frozenset({"crypto_luks", "bitlocker"})
_INTEGRITY = ("dm_integrity", "dm_verity")
#: What names the device's own UUID in device-mapper: `dm-uuid-CRYPT-LUKS2-…`.
_IDS = ("id-link", "id", "uuid")


def _layer(path: Path_) -> bool | None:
    """Whether a layer of the path encrypts; None where it may be one that only checks.

    `type` is the beginning of the UUID in device-mapper, and dm-integrity and dm-verity, when
    cryptsetup's own tools open them, begin with CRYPT as well. Where lsblk was asked for no more
    than it prints by itself, the type is all there is, and is taken at its word.
    """
    found: list[bool | None] = [False]
    for index, device in enumerate(path):
        if device.get("type") == "crypt":
            found.append(_encrypts(device, path[:index]))
    return True if True in found else None if None in found else False


def _encrypts(device: dict[str, Any], below: Path_) -> bool | None:
    own = " ".join(str(device.get(key) or "") for key in _IDS).upper()
    if "CRYPT-LUKS" in own or "CRYPT-PLAIN" in own or "CRYPT-BITLK" in own:
        return True
    if "CRYPT-INTEGRITY" in own or "CRYPT-VERITY" in own or "CRYPT-SUBDEV" in own:
        return False
    # what cryptsetup opens with integrity has a layer for each, both of type crypt
    under = next((one for one in reversed(below) if one.get("type") != "crypt"), {})
    if "fstype" not in under:
        return None if any(key in device for key in ("id-link", "id")) else True
    kind = str(under.get("fstype") or "").lower()
    if kind in _SEALED:
        return True
    return False if kind.startswith(_INTEGRITY) else None


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
    if address.startswith("/"):  # `/srv/data/../../clear` lies below /clear
        address = "/" + normpath(address).lstrip("/")
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
