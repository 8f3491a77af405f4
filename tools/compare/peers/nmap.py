"""nmap with the scripts that answer a case's questions, by its XML."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from tools.compare.model import Case, Lines, questions
from tools.compare.place import Place

_TLS = ("ssl-enum-ciphers", "ssl-dh-params")
SCRIPTS = {
    "Versions": _TLS,
    "Suites": _TLS,
    "Conduct": _TLS,
    "Known vulnerabilities": ("ssl-heartbleed", "ssl-ccs-injection"),
    "Certificate": ("ssl-cert", *_TLS),
    "Web": ("http-security-headers", "http-cookie-flags", "http-server-header"),
    "Exposure": ("http-git", "http-enum"),
}
REDIS = ("redis-info",)


def command(path: str, place: Place, case: Case, folder: Path) -> list[str]:
    groups = [questions()[q].group for q in case.questions]
    chosen = REDIS if place.scheme == "redis" else tuple(s for g in groups for s in SCRIPTS[g])
    return [
        path, "-Pn", "-n", "-sT", "-sV", "--version-light", "-p", str(place.port),
        "--script", ",".join(dict.fromkeys(chosen)), "-oX", str(folder / "nmap.xml"), place.host,
    ]  # fmt: skip


def read(folder: Path) -> Lines:
    # it is nmap's own file, of servers that are ours
    root = ET.fromstring((folder / "nmap.xml").read_text("utf-8", "replace"))
    port = root.find(".//port")
    if port is None:
        return [("problem", "no port in its report")]
    state, service = port.find("state"), port.find("service")
    assert state is not None
    lines = [("state", state.get("state", ""))]
    if service is not None:
        tunnel = f"{service.get('tunnel')}/" if service.get("tunnel") else ""
        product = service.get("product", "")
        lines.append(("service", f"{tunnel}{service.get('name')} {product}"))
    if (
        state.get("state") == "open"
        and root.find("./runstats/finished[@exit='success']") is not None
    ):
        asked = re.search(r"--script (\S+)", root.get("args", ""))
        names = asked[1].split(",") if asked else []
        lines += [(f"ran/{name}", "") for name in names if _applies(name, dict(lines))]
    for script in port.iter("script"):
        lines += _lines(script.get("id", ""), script.get("output", ""))
    return lines


def _applies(name: str, known: dict[str, str]) -> bool:
    """nmap runs a script only on what it takes for its kind, and says nothing of that."""
    service = known.get("service", "")
    if name.startswith("http-"):
        return "http" in service
    return not name.startswith("ssl-") or service.startswith("ssl/")


def _lines(name: str, output: str) -> Lines:
    """Its lines; those of ssl-enum-ciphers below the version that they stand under."""
    lines, at = [], name
    for line in output.split("\n"):
        said = line.strip()
        if name == "ssl-enum-ciphers" and re.fullmatch(r"(SSLv|TLSv)[\d.]+:", said):
            at = f"{name}/{said[:-1]}"
        elif said:
            lines.append((at, re.sub(r" - [A-F]$", "", said)))
    return lines
