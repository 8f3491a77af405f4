"""A scan of a target that means harm ends in time, small, without a fault, and says what is true."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.hostile.scans import Scanned, scan
from tests.lab import garbage, servers
from tests.lab import hostile as lab
from tests.lab.servers import Answer

PEAK = 300 * 1024  # KiB

pytestmark = pytest.mark.xdist_group("hostile")


@dataclass(frozen=True)
class Case:
    """A target; why what could not be seen is unproven, by rule; and what is true all the same."""

    place: lab.Place
    gaps: dict[str, str] = field(default_factory=dict)
    true: dict[str, str] = field(default_factory=dict)


#: The facts of a sound TLS service, whatever is said over it.
TLS = {
    "tls-deprecated-version": "pass",
    "tls-no-tls13": "pass",
    "certificate-untrusted": "pass",
    "certificate-name-mismatch": "pass",
    "certificate-expired": "pass",
}
#: What the TLS records in clear tell, where no session comes about.
HELLO = {"tls-deprecated-version": "pass", "tls-no-tls13": "pass"}
CLEAR = {"tls-not-offered": "fail", "https-not-enforced": "fail"}
HEADERS = {**TLS, "hsts-missing": "fail", "csp-missing": "fail"}
CUT = "cut the connection (TCP reset)"
INWARDS = "redirect from a public address to a private one"


def _page(why: str) -> dict[str, str]:
    """A page that was not read in full, or not at all, is free of nothing."""
    return dict.fromkeys(("mixed-content", "third-party-tracker", "login-not-encrypted"), why)


def _unheard(why: str) -> dict[str, str]:
    return {**_page(why), "hsts-missing": why, "csp-missing": why, "cookie-not-secure": why}


def _handshake(why: str) -> dict[str, str]:
    unseen = ("certificate-untrusted", "certificate-expired", "certificate-name-mismatch")
    return dict.fromkeys(unseen, why)


def _tangled(html: str) -> Case:
    return Case(lab.says(body=html.encode()), _page("too tangled to be read in full"), HEADERS)


def _inwards(location: str) -> Case:
    gaps = dict.fromkeys(("csp-missing", "third-party-tracker", "login-not-encrypted"), INWARDS)
    return Case(lab.inwards(location), gaps, CLEAR)


CASES = {
    "an endless body": Case(lab.secure(lab.endless_body), _page("over 2048 KiB"), HEADERS),
    "endless headers": Case(lab.secure(lab.endless_headers), _unheard("not readable HTTP"), TLS),
    "a header of 10 MB": Case(lab.secure(lab.huge_header), _unheard("not readable HTTP"), TLS),
    "a gzip bomb": Case(lab.gzip_bomb(), _page("over 2048 KiB"), HEADERS),
    "a brotli bomb": Case(lab.brotli_bomb(), _page("comes in br"), HEADERS),
    "a byte a second": Case(lab.secure(lab.drip), _unheard("the time for this target"), TLS),
    "a reset after accept": Case(
        lab.plain(servers.cut),
        # whether that is heard while connecting or after it, is a matter of moments
        dict.fromkeys(("tls-not-offered", "https-not-enforced", "csp-missing"), "localhost:"),
    ),
    "a reset in the handshake": Case(lab.dead_tls, {**_unheard(CUT), **_handshake(CUT)}),
    "a reset after the request": Case(lab.secure(lab.cut_after_request), _unheard(CUT), TLS),
    "a reset in the body": Case(
        lab.secure(lab.cut_in_body), _page(CUT), {**HEADERS, "software-end-of-life": "fail"}
    ),
    "garbage after ServerHello": Case(
        lab.handshake(lab.garbage), {**_handshake("did not end"), **_unheard("failed")}, HELLO
    ),
    "garbage after ServerHello of TLS 1.2": Case(
        lab.handshake(lab.garbage, maximum_version=ssl.TLSVersion.TLSv1_2),
        {**_handshake("did not end"), **_unheard("failed")},
        {"tls-deprecated-version": "pass", "tls-no-tls13": "fail"},
    ),
    "TLS records out of order": Case(
        lab.handshake(lab.out_of_order),
        {"tls-weak-cipher": "malformed", **_unheard("unexpected message")},
    ),
    "a certificate of 10,000 names": Case(lab.certified(names=lab.MANY_NAMES), {}, TLS),
    "a certificate of a megabyte": Case(
        lab.certified(wears=(lab.MEGABYTE,)),
        {**_handshake("excessive message size"), **_unheard("excessive message size")},
        HELLO,
    ),
    "redirects in circles": Case(lab.loop(), _page("go in circles"), TLS),
    "a redirect to this machine": _inwards("http://127.0.0.1:9/"),
    "a redirect to a cloud's metadata": _inwards("http://169.254.169.254/latest/meta-data/"),
    "a redirect to ::1": _inwards("http://[::1]/latest/meta-data/"),
    "100,000 links": Case(lab.links(), _page("over 2048 KiB"), HEADERS),
    "100,000 nested elements": _tangled(lab.DEEP),
    "elements opened anew without end": _tangled(lab.ANEW),
    "200,000 attributes": _tangled(lab.WIDE),
    "bytes that are no text": Case(
        lab.odd_bytes(), {}, {**HEADERS, "software-end-of-life": "fail"}
    ),
    "a header with a NUL": Case(lab.secure(lab.odd_header), _unheard("not readable HTTP"), TLS),
    "a login form that is never the same": Case(
        lab.signed(lab.changing_login()), {"account-enumeration": ""}, HEADERS
    ),
    "names in circles": Case(
        lab.named(lab.looping_names), {"tls-not-offered": "go in circles", **_unheard("in circles")}
    ),
    "a thousand addresses": Case(lab.named(lab.many_addresses), {}, CLEAR),
    "aliases without end": Case(
        lab.named(garbage.endless_aliases), {"tls-not-offered": "", **_unheard("")}
    ),
    "a bomb of policies and records": Case(
        lab.named(garbage.spf_bomb), {}, {**CLEAR, "spf-weak": "fail", "dmarc-weak": "fail"}
    ),
    "a redirect to a name that is this machine": Case(
        lab.public(lambda *_: garbage.LEADS_IN, lambda name: garbage.inner_name(name, "A")),
        dict.fromkeys(("csp-missing", "third-party-tracker", "login-not-encrypted"), INWARDS),
        CLEAR,
    ),
    "DICOM that is noise": Case(
        garbage.speaking("dicom", garbage.noise(garbage.NOISE)), {"exposed-dicom": "DICOM nor as"}
    ),
    "DICOM of four gigabytes": Case(
        garbage.speaking("dicom", garbage.noise(garbage.SAYS[11112])),
        {"exposed-dicom": "DICOM nor as"},
    ),
    "DICOM without end": Case(
        garbage.speaking("dicom", garbage.endless(b"\x02\0\0\0\0\0")),
        {"exposed-dicom": "DICOM nor as"},
    ),
    "MLLP that is noise": Case(
        garbage.speaking("mllp", garbage.noise(garbage.NOISE)), {"exposed-hl7": "MLLP nor as"}
    ),
    "MLLP without end": Case(
        garbage.speaking("mllp", garbage.endless(b"\x0bMSH|^~\\&|")),
        {"exposed-hl7": "MLLP nor as"},
    ),
    "FHIR that is none": Case(
        garbage.fhir(*garbage.NOT_FHIR),
        {"fhir-security-undeclared": "no CapabilityStatement in JSON"},
        TLS,
    ),
    "every port says something else": Case(
        garbage.every_port,
        {
            "exposed-database": "nor as anything known",
            "exposed-dicom": "DICOM nor as",
            "exposed-hl7": "MLLP nor as",
        },
        {**CLEAR, "exposed-remote-access": "fail"},  # what calls itself VNC is taken at its word
    ),
    "a reset after ServerHello": Case(
        lab.handshake(lambda records: records[:1]),
        {**_handshake(CUT), "tls-weak-signature": "cut before", **_unheard("")},
        HELLO,
    ),
    "a reset in the certificate": Case(
        lab.handshake(lambda records: [records[0], b"".join(records[1:])[:400]]),
        {**_handshake(CUT), "tls-weak-signature": "cut before", **_unheard("")},
        HELLO,
    ),
    "a reset as soon as the session stands": Case(lab.secure(servers.cut), _unheard(CUT), TLS),
    "a name that moves inwards": Case(
        lab.public(lambda *_: Answer(200, [lab.HTML], b"<p>x"), lab.rebinding()), {}, CLEAR
    ),
}


@pytest.fixture(scope="module")
def scans(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Scanned]]]:
    """The scans of all cases that are to run, several at once: most of them wait."""
    names = {item.name for item in request.session.items if item.path == request.path}
    ran = [case for case in CASES if f"{test_a_hostile_target.__name__}[{case}]" in names]
    with ThreadPoolExecutor(4) as pool:
        yield {
            case: pool.submit(scan, CASES[case].place, tmp_path_factory.mktemp("target"))
            for case in ran
        }


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_target(case: str, scans: dict[str, Future[Scanned]]) -> None:
    done, wanted = scans[case].result(), CASES[case]

    assert done.status in {0, 1, 3}
    assert "Traceback" not in done.stderr
    assert 0 < done.peak < PEAK
    assert "</html>" in done.html
    unproven = [one for one in done.found["findings"] if one["verdict"] == "unproven"]
    assert unproven
    assert all(any(r["gap"] for r in one["reasons"]) for one in unproven)
    assert {rule: done.verdict(rule) for rule in wanted.true} == wanted.true
    for rule, why in wanted.gaps.items():
        assert done.verdict(rule) == "unproven", rule
        assert why in done.gaps(rule), rule
    asked = [line.split()[1] for line in done.target.seen if isinstance(line, str)]
    assert {where.rpartition(":")[0] for where in asked} <= {lab.PUBLIC}
