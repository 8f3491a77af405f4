"""`make sbom`: what the wheel depends on, as CycloneDX 1.6 (JSON), the same bytes each time.

Licences and who needs whom are read off the environment, the hashes off the lock; what the lock
holds for other systems than this one has no licence in it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.supply import locks

Bom = dict[str, Any]


def make() -> str:
    """The whole text. Raises CalledProcessError (cyclonedx-py), ValueError (not valid)."""
    locked = _cyclonedx("requirements", str(locks.RUNTIME))
    bom = _cyclonedx("environment", sys.prefix)
    there = {_name(one): one for one in bom["components"]}
    named = {}
    for one in locked["components"]:
        kept = there.get(_name(one), one)
        kept["externalReferences"] = one["externalReferences"]  # where from, with the hashes
        kept["description"] = kept["description"].partition("     --hash")[0]
        kept["bom-ref"] = kept["purl"]
        named[_name(one)] = kept
    bom["components"] = [named[name] for name in sorted(named)]
    root = bom["metadata"]["component"]
    root["version"] = metadata.version(locks.OURSELVES)
    root["purl"] = root["bom-ref"] = f"pkg:pypi/{locks.OURSELVES}@{root['version']}"
    needs = {name: _needs(name) for name in (locks.OURSELVES, *named)}
    refs = {name: one["bom-ref"] for name, one in named.items()} | {locks.OURSELVES: root["purl"]}
    bom["dependencies"] = [
        {"ref": refs[name], "dependsOn": sorted(refs[n] for n in needs[name] if n in refs)}
        for name in sorted(needs)
    ]
    text = json.dumps(bom, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    _refuse_invalid(text)
    return text


def _cyclonedx(kind: str, source: str) -> Bom:
    words = [sys.executable, "-m", "cyclonedx_py", kind, "--output-reproducible", "--sv", "1.6"]
    words += ["--no-validate"]  # the whole is, at the end
    words += ["--pyproject", str(locks.ROOT / "pyproject.toml"), source]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    found: Bom = json.loads(done.stdout)
    return found


def _name(component: dict[str, Any]) -> str:
    return canonicalize_name(component["name"])


def _needs(package: str) -> set[str]:
    """The packages that one names, without those of its extras."""
    try:
        rows = metadata.requires(package) or []
    except metadata.PackageNotFoundError:  # of another system
        return set()
    wanted = [Requirement(row) for row in rows if not re.search(r"\bextra\s*==", row)]
    return {canonicalize_name(one.name) for one in wanted}


def _refuse_invalid(text: str) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    if (wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        raise ValueError(f"the bill of materials is not valid: {wrong}")


def main() -> None:
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(make(), "utf-8")
    print(f"sbom: {target}")


if __name__ == "__main__":
    main()
