"""sslyze, by its JSON."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tools.compare.model import Case, Lines
from tools.compare.place import Place

#: All that its command line can be asked for, and what it does when asked for nothing.
COMMANDS = (
    "certinfo", "sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "compression",
    "early_data", "openssl_ccs", "fallback", "heartbleed", "robot", "reneg", "http_headers", "ems",
)  # fmt: skip


def program() -> str | None:
    path = Path(sys.executable).parent / "sslyze"
    return str(path) if path.exists() else None


def version(path: str) -> list[str]:
    return [path, "--help"]


def command(path: str, place: Place, case: Case, folder: Path) -> list[str] | None:
    if place.scheme == "redis":
        return None
    own = ["--certinfo_ca_file", str(place.root)] if place.root else []
    asked = [f"--{name}" for name in COMMANDS]
    own += ["--mozilla_config", "intermediate"]
    return [path, *asked, *own, "--json_out", str(folder / "sslyze.json"), place.at]


def read(folder: Path) -> Lines:
    document = json.loads((folder / "sslyze.json").read_text("utf-8"))
    result = document["server_scan_results"][0]
    trace = (result["connectivity_error_trace"] or "").strip().split("\n")[-1]
    lines = [("connectivity", trace.rpartition(" -> ")[2] or result["connectivity_status"])]
    if trace:
        return [*lines, ("problem", trace.rpartition(" -> ")[2])]
    for name, one in (result["scan_result"] or {}).items():
        lines += _scan(name.removesuffix("_cipher_suites"), one)
    return lines + _profile((folder / "sslyze.out").read_text("utf-8", "replace"))


def _scan(name: str, one: dict[str, Any]) -> Lines:
    if one["status"] == "NOT_SCHEDULED":
        return []
    lines = [(f"{name}.status", f"{one['status']} {one['error_reason'] or ''}".strip())]
    if one["result"] is None:
        return [*lines, (name + "." + _FIRST.get(name, "result"), one["error_reason"] or "")]
    if "accepted_cipher_suites" in one["result"]:
        return lines + _suites(name, one["result"])
    if name == "certificate_info":
        return lines + _certificate(one["result"]["certificate_deployments"][0])
    if name == "http_headers":
        header = one["result"]["strict_transport_security_header"]
        failed = one["result"]["http_error_trace"]
        return (
            lines if failed else [*lines, ("http_headers.strict_transport_security", str(header))]
        )
    found = dict(one["result"])
    if "supports_secure_renegotiation" in found:
        found["not_secure"] = not found["supports_secure_renegotiation"]
    return lines + [(f"{name}.{key}", str(value)) for key, value in found.items()]


#: The line below which the reason stands, where a scan came to nothing.
_FIRST = {
    "heartbleed": "is_vulnerable_to_heartbleed",
    "openssl_ccs_injection": "is_vulnerable_to_ccs_injection",
    "robot": "robot_result",
    "tls_compression": "supports_compression",
    "session_renegotiation": "not_secure",
    "tls_fallback_scsv": "supports_fallback_scsv",
    "tls_extended_master_secret": "supports_ems_extension",
    "tls_1_3_early_data": "supports_early_data",
    "http_headers": "strict_transport_security",
    **{
        f"{v}": "supported"
        for v in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
    },
}


def _suites(name: str, result: dict[str, Any]) -> Lines:
    accepted = result["accepted_cipher_suites"]
    lines = [(f"{name}.supported", str(bool(accepted)))]
    for one in sorted(accepted, key=lambda one: str(one["cipher_suite"]["name"])):
        key = one["ephemeral_key"]
        size = f" {key['type_name']} {key['size']}" if key else ""
        lines.append((f"{name}.accepted", one["cipher_suite"]["name"] + size))
    return lines


def _certificate(deployment: dict[str, Any]) -> Lines:
    leaf = deployment["received_certificate_chain"][0]
    key, digest = leaf["public_key"], leaf["signature_hash_algorithm"]
    lines = [
        ("leaf.key", f"{key['algorithm'].removesuffix('PublicKey').lstrip('_')} {key['key_size']}"),
        ("leaf.signature", digest["name"] if digest else "?"),
    ]
    for one in deployment["path_validation_results"]:
        said = (one["validation_error"] or "valid").removeprefix("validation failed: ")
        lines.append((f"path.{one['trust_store']['name']}", said.partition(" (encountered")[0]))
    return lines


def _profile(out: str) -> Lines:
    """What it says of Mozilla's profile, which is in no JSON."""
    found = re.findall(r"^ +\* (\w+): (.+)$", out.partition("COMPLIANCE AGAINST")[2], re.MULTILINE)
    return [(f"mozilla.{key}", value) for key, value in found]
