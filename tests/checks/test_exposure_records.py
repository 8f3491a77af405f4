"""DICOMweb by Orthanc; FHIR by hand, as no FHIR server can be had here."""

from __future__ import annotations

import base64
import json
import struct
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.lab import exposed, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.servers import Answer

MANDATE = """platform: x
mandate:
  authorised_by: "Claire Martin, RSSI"
  reference: "Lettre 2026-11"
  scope: [127.0.0.1]
  not_before: 2026-11-01
  not_after: 2026-12-31
targets:
  - url: {url}
    kind: {kind}
"""


def probed(tmp_path: Path, url: str, kind: str, *rules: str, active: bool = True) -> dict[str, Any]:
    path = declared(tmp_path, MANDATE.format(url=url, kind=kind))
    return judged(path=path, only=rules, active=active)


def _element(group: int, element: int, vr: bytes, value: bytes) -> bytes:
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    if vr == b"OB":
        return struct.pack("<HH2sHI", group, element, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, element, vr, len(value)) + value


def _study() -> bytes:
    """A file of DICOM (PS3.10) without an image, of a patient who does not exist."""
    kind, one = b"1.2.840.10008.5.1.4.1.1.7", b"2.25.1"
    meta = (
        _element(2, 1, b"OB", b"\0\1") + _element(2, 2, b"UI", kind) + _element(2, 3, b"UI", one)
        + _element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1") + _element(2, 0x12, b"UI", b"2.25.9")
    )  # fmt: skip
    meta = _element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta
    body = (
        _element(8, 0x16, b"UI", kind) + _element(8, 0x18, b"UI", one)
        + _element(8, 0x60, b"CS", b"OT") + _element(0x10, 0x10, b"PN", b"SYNTHETIC^ALIX")
        + _element(0x10, 0x20, b"LO", b"P-SYNTHETIC") + _element(0x20, 0xD, b"UI", b"2.25.2")
        + _element(0x20, 0xE, b"UI", b"2.25.3")
    )  # fmt: skip
    return bytes(128) + b"DICM" + meta + body


def _store(port: int, user: str = "") -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/instances", data=_study())
    if user:
        request.add_header("Authorization", f"Basic {base64.b64encode(user.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("kind", ["web", "dicomweb"])
def test_orthanc_gives_studies_to_anyone(kind: str, tmp_path: Path) -> None:
    with exposed.dicomweb() as port:
        _store(port)
        path = "dicom-web" if kind == "dicomweb" else ""
        found = probed(tmp_path, f"http://127.0.0.1:{port}/{path}", kind, "exposed-dicomweb")

    assert verdicts(found) == {"exposed-dicomweb": {"fail"}}
    assert "/dicom-web/studies (a study)" in reasons(found, "exposed-dicomweb")
    assert "SYNTHETIC" not in json.dumps(found)


def test_orthanc_without_a_study_answers_all_the_same(tmp_path: Path) -> None:
    with exposed.dicomweb() as port:
        url = f"http://127.0.0.1:{port}/dicom-web/"
        found = probed(tmp_path, url, "dicomweb", "exposed-dicomweb", "exposed-administration")

    assert verdicts(found)["exposed-dicomweb"] == {"fail"}
    assert "(no study)" in reasons(found, "exposed-dicomweb")
    assert "/app/explorer.html" in reasons(found, "exposed-administration")


def test_orthanc_behind_a_password_passes(tmp_path: Path) -> None:
    users: dict[str, Any] = {"AuthenticationEnabled": True, "RegisteredUsers": {"lab": "lab"}}
    with exposed.dicomweb(**users) as port:
        _store(port, "lab:lab")
        url = f"http://127.0.0.1:{port}/dicom-web"
        found = probed(tmp_path, url, "dicomweb", "exposed-dicomweb", "exposed-administration")

    assert verdicts(found) == {"exposed-dicomweb": {"pass"}, "exposed-administration": {"pass"}}


BUNDLE = {"resourceType": "Bundle", "type": "searchset", "total": 387000}
STATEMENT = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server"}]}
SECURED = {
    **STATEMENT,
    "rest": [{"mode": "server", "security": {"cors": True, "description": "OAuth 2.0"}}],
}
CORS = {**STATEMENT, "rest": [{"mode": "server", "security": {"cors": True}}]}
SMART = {"token_endpoint": "https://auth.example.fr/token", "capabilities": []}


def _fhir(answers: dict[str, Any]) -> servers.Site:
    def site(path: str, headers: dict[str, str]) -> Answer:
        found = answers.get(path.removeprefix("/fhir"), 404)
        if isinstance(found, bytes):
            return Answer(headers=[("Content-Type", "application/fhir+json")], body=found)
        if isinstance(found, int):
            return Answer(found, body=b'{"resourceType": "OperationOutcome"}')
        return Answer(
            headers=[("Content-Type", "application/fhir+json")], body=json.dumps(found).encode()
        )

    return site


@pytest.mark.parametrize("kind", ["fhir", "web"])
@pytest.mark.parametrize(
    ("answer", "verdict", "word"),
    [
        (BUNDLE, "fail", "/fhir/Patient (total 387000)"),
        (401, "pass", "none served"),
        (STATEMENT, "pass", "none served"),
        (503, "unproven", "503"),
        (b"[" * 1000, "unproven", "JSON that cannot be read"),
        (b'{"resourceType": "Bundle", "total": 38', "unproven", "JSON that cannot be read"),
    ],
)
def test_a_search_for_patients(
    kind: str, answer: Any, verdict: str, word: str, tmp_path: Path
) -> None:
    with servers.web(_fhir({"/Patient?_summary=count": answer})) as web:
        url = f"http://127.0.0.1:{web.port}/{'fhir' if kind == 'fhir' else ''}"
        found = probed(tmp_path, url, kind, "exposed-fhir")
        asked = {path for path, _ in web.seen}

    assert verdicts(found) == {"exposed-fhir": {verdict}}
    assert word in reasons(found, "exposed-fhir")
    assert not any("Patient" in path and "_summary=count" not in path for path in asked)


def test_without_active_no_patient_is_counted(tmp_path: Path) -> None:
    with servers.web(_fhir({"/Patient?_summary=count": BUNDLE, "/metadata": SECURED})) as web:
        url = f"http://127.0.0.1:{web.port}/fhir"
        rules = ("exposed-fhir", "fhir-security-undeclared")
        found = probed(tmp_path, url, "fhir", *rules, active=False)
        asked = {path for path, _ in web.seen}

    assert verdicts(found) == {"exposed-fhir": {"unproven"}, "fhir-security-undeclared": {"pass"}}
    assert asked == {"/fhir/metadata", "/fhir/.well-known/smart-configuration"}


@pytest.mark.parametrize(
    ("metadata", "smart", "verdict"),
    [
        (SECURED, 404, "pass"),
        (STATEMENT, SMART, "pass"),
        (STATEMENT, 404, "fail"),
        (CORS, 404, "fail"),
        (STATEMENT, {"capabilities": []}, "fail"),
        (401, 404, "unproven"),
        (401, SMART, "pass"),
        (STATEMENT, 503, "unproven"),
        ("not a statement", 404, "unproven"),
    ],
)
def test_what_a_fhir_server_says_of_its_security(
    metadata: Any, smart: Any, verdict: str, tmp_path: Path
) -> None:
    answers = {"/metadata": metadata, "/.well-known/smart-configuration": smart}
    with servers.web(_fhir(answers)) as web:
        url = f"http://127.0.0.1:{web.port}/fhir/"
        found = probed(tmp_path, url, "fhir", "fhir-security-undeclared", active=False)

    assert verdicts(found) == {"fhir-security-undeclared": {verdict}}


def test_a_web_target_has_no_fhir_security(tmp_path: Path) -> None:
    with servers.web(_fhir({})) as web:
        url = f"http://127.0.0.1:{web.port}/"
        found = probed(tmp_path, url, "web", "fhir-security-undeclared")
        assert web.seen == []

    assert verdicts(found) == {"fhir-security-undeclared": {"not_applicable"}}
