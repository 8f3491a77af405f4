"""Every rule of the transport theme, seen to fail for its own reason and to pass, end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.demo import keys as demo_keys
from gdpr_audit.rules import profile
from tests.checks import test_certificate_findings, test_tls, test_tls_addresses
from tests.lab import pki, tls, vulnerable
from tests.lab.audits import judged, reasons, verdicts
from tools.compare import fronts

RULES = Path(__file__, "../../../rules/transport").resolve()
WEAK = "@SECLEVEL=0"
SIGNS = "ssl_conf_command SignatureAlgorithms"


@dataclass
class Lab:
    files: dict[str, tls.Files]  # by the kind of key
    certificate: bytes  # DER, of the RSA key
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def rsa(self) -> tls.Files:
        return self.files["rsa"]


#: Servers of one nginx, by name. A name that begins with a kind of key has that key, others RSA.
NGINX = {
    "today": "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; "
    f"{SIGNS} RSA-PSS+SHA256:RSA+SHA256; ssl_ecdh_curve X25519:prime256v1;",
    "only-1.3": "ssl_protocols TLSv1.3;",
    "early-data": "ssl_protocols TLSv1.3; ssl_early_data on;",
    "two-days": "ssl_protocols TLSv1.2; ssl_session_timeout 2d;",
    "only-1.2": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM;",
    "cbc": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-SHA256:{WEAK};",
    "no-encrypt-then-mac": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-SHA256:{WEAK}; "
    "ssl_conf_command Options -EncryptThenMac;",
    "no-extended-secret": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM; "
    "ssl_conf_command Options -ExtendedMasterSecret;",
    "static-rsa": f"ssl_protocols TLSv1.2; ssl_ciphers AES128-GCM-SHA256:{WEAK};",
    "its-order": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM:AES128-SHA; "
    "ssl_prefer_server_ciphers on;",
    "clients-order": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM:AES128-SHA; "
    "ssl_prefer_server_ciphers off;",
    "old": f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ECDHE+AES:{WEAK};",
    "dh1024": f"ssl_protocols TLSv1.2; ssl_ciphers DHE+AESGCM:{WEAK};",
    "secp224r1": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE:{WEAK}; "
    "ssl_ecdh_curve secp224r1:prime256v1;",
    "secp256k1": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE; ssl_ecdh_curve secp256k1:prime256v1;",
    "brainpool": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE; "
    "ssl_ecdh_curve brainpoolP256r1:prime256v1;",
    "sect163k1": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE:{WEAK}; "
    "ssl_ecdh_curve sect163k1:prime256v1;",
    "pss-key": "ssl_protocols TLSv1.3;",
    "sha1-signs": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE:{WEAK}; {SIGNS} RSA+SHA1:RSA+SHA256;",
    "sha224-signs": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE; {SIGNS} RSA+SHA224:RSA+SHA256;",
    "ec-ccm8": f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-AES128-CCM8:{WEAK};",
}
_ANTIQUE: dict[str, Any] = {"minVersion": (3, 1), "maxVersion": (3, 3)}


@contextmanager
def _unheard(lab: Lab) -> Iterator[int]:
    """A device before a server that bleeds cuts what carries a heartbeat."""
    with (
        vulnerable.bleeding(lab.ports["static-rsa"]) as behind,
        fronts.cuts_heartbeats(behind) as port,
    ):
        yield port


@contextmanager
def _named_only(lab: Lab) -> Iterator[int]:
    with fronts.named_only(lab.ports["today"]) as port:
        yield port


#: Servers that are started for one case.
OTHERS: dict[str, Callable[[Lab], AbstractContextManager[int]]] = {
    "hybrid": lambda lab: tls.modern(lab.rsa),
    "dh2048": lambda lab: tls.openssl(lab.rsa, "-cipher", "DHE+AESGCM", "-no_tls1_3"),
    "renegotiating": lambda lab: tls.gnutls(lab.rsa, "NORMAL:-VERS-ALL:+VERS-TLS1.2"),
    "no-renegotiation-info": lambda lab: tls.gnutls(
        lab.rsa, "NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION"
    ),
    "heartbeat": lambda lab: tls.gnutls(lab.rsa, "NORMAL:-VERS-ALL:+VERS-TLS1.2", "--heartbeat"),
    "gnutls-no-extended-secret": lambda lab: tls.gnutls(
        lab.rsa, "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH"
    ),
    "ssl-3": lambda lab: tls.antique(lab.rsa, **_ANTIQUE | {"minVersion": (3, 0)}),
    "rc4": lambda lab: tls.antique(lab.rsa, **_ANTIQUE, cipherNames=["aes128", "rc4"]),
    "3des": lambda lab: tls.antique(lab.rsa, **_ANTIQUE, cipherNames=["aes128", "3des"]),
    "md5": lambda lab: tls.antique(lab.rsa, **_ANTIQUE, cipherNames=["rc4"], macNames=["md5"]),
    "ssl-2": lambda lab: vulnerable.ssl_2(lab.ports["static-rsa"], lab.certificate),
    "compressing": lambda lab: vulnerable.compressing(lab.ports["static-rsa"]),
    "falling-back": lambda lab: vulnerable.falling_back(lab.ports["old"]),
    "bleeding": lambda lab: vulnerable.bleeding(lab.ports["static-rsa"]),
    "bleeding-unheard": _unheard,
    "named-only": _named_only,
    "early-ciphers": lambda lab: vulnerable.accepting_early_ciphers(lab.ports["static-rsa"]),
    "oracle": lambda lab: vulnerable.padding_oracle(lab.ports["static-rsa"], lab.rsa[1]),
}


@dataclass(frozen=True)
class Case:
    """A server, and what a rule is to say of it."""

    rule: str
    server: str
    word: str
    verdict: str = "fail"
    profile: str = "anssi"

    def __str__(self) -> str:
        return f"{self.rule}-{self.verdict}-{self.server}"


CASES = (
    Case("tls-broken-cipher", "today", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "pass"),
    Case("tls-cbc-cipher", "cbc", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    Case("tls-cbc-cipher", "today", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "pass"),
    Case("tls-ccs-injection", "early-ciphers", "sslyze OPENSSL_CCS_INJECTION: yes"),
    Case("tls-ccs-injection", "static-rsa", "sslyze OPENSSL_CCS_INJECTION: no", "pass"),
    Case("tls-compression", "compressing", "DEFLATE: yes"),
    Case("tls-compression", "static-rsa", "DEFLATE: no", "pass"),
    Case("tls-deprecated-version", "today", "TLS 1.0 refused", "pass"),
    Case("tls-discouraged-extension", "heartbeat", "heartbeat"),
    Case("tls-discouraged-extension", "today", "max_fragment_length", "pass"),
    Case("tls-early-data", "early-data", "the ticket admits early data"),
    Case("tls-early-data", "only-1.3", "no ticket admits any", "pass"),
    Case("tls-heartbleed", "bleeding", "a heartbeat of one byte brings back 64"),
    Case("tls-heartbleed", "heartbeat", "heartbeat refused (alert unexpected_message)", "pass"),
    Case("tls-heartbleed", "rc4", "the one after it is answered", "pass"),
    Case("tls-heartbleed", "bleeding-unheard", "heartbeat without an answer", "unproven"),
    Case("tls-insecure-renegotiation", "renegotiating", "10 renegotiations: yes"),
    Case("tls-insecure-renegotiation", "no-renegotiation-info", "without renegotiation_info"),
    Case("tls-insecure-renegotiation", "today", "10 renegotiations: no", "pass"),
    Case("tls-no-downgrade-protection", "falling-back", "TLS_FALLBACK_SCSV: no"),
    Case("tls-no-downgrade-protection", "old", "TLS_FALLBACK_SCSV: yes", "pass"),
    Case("tls-no-encrypt-then-mac", "no-encrypt-then-mac", "encrypt_then_mac: no"),
    Case("tls-no-encrypt-then-mac", "cbc", "encrypt_then_mac: yes", "pass"),
    Case("tls-no-extended-master-secret", "no-extended-secret", "without extended_master_secret"),
    Case(
        "tls-no-extended-master-secret",
        "gnutls-no-extended-secret",
        "without extended_master_secret",
    ),
    Case("tls-no-extended-master-secret", "today", "with extended_master_secret", "pass"),
    Case("tls-no-forward-secrecy", "static-rsa", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    Case("tls-no-forward-secrecy", "today", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "pass"),
    Case("tls-no-post-quantum", "today", "x25519"),
    Case("tls-no-post-quantum", "only-1.2", "TLS 1.3 is refused"),
    Case("tls-no-post-quantum", "hybrid", "X25519MLKEM768", "pass"),
    Case("tls-no-server-preference", "clients-order", "whichever way the offer is ordered: no"),
    Case(
        "tls-no-server-preference", "its-order", "whichever way the offer is ordered: yes", "pass"
    ),
    Case("tls-no-tls13", "only-1.2", "TLS 1.3 refused"),
    Case("tls-no-tls13", "only-1.3", "TLS 1.3 accepted", "pass"),
    Case("tls-not-offered", "today", "speaks TLS 1.3", "pass"),
    Case("tls-profile-group", "secp256k1", "secp256k1"),
    Case("tls-profile-group", "brainpool", "brainpoolP256r1", profile="mozilla-intermediate"),
    Case("tls-profile-group", "brainpool", "brainpoolP256r1", "pass"),
    Case("tls-profile-group", "today", "secp256r1, x25519", "pass"),
    Case("tls-profile-signature", "sha224-signs", "rsa_pkcs1_sha224"),
    Case("tls-profile-signature", "today", "rsa_pss_rsae_sha256", "pass"),
    Case("tls-profile-signature", "pss-key", "rsa_pss_pss_sha256", "pass"),
    Case("tls-profile-suite", "ec-ccm8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
    Case("tls-profile-suite", "today", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "pass"),
    Case("tls-profile-ticket", "two-days", "TLS 1.2: 172800 s"),
    Case("tls-profile-ticket", "today", "300 s", "pass"),
    Case("tls-profile-version", "today", "TLS 1.3, TLS 1.2", profile="mozilla-modern"),
    Case("tls-profile-version", "only-1.3", "TLS 1.3", "pass", "mozilla-modern"),
    Case("tls-robot", "oracle", "sslyze ROBOT: VULNERABLE_WEAK_ORACLE"),
    Case("tls-robot", "static-rsa", "sslyze ROBOT: NOT_VULNERABLE_NO_ORACLE", "pass"),
    Case("tls-ssl-accepted", "ssl-2", "SSL 2 accepted (SERVER-HELLO)"),
    Case("tls-ssl-accepted", "ssl-3", "SSL 3 accepted"),
    Case("tls-ssl-accepted", "today", "SSL 3 refused", "pass"),
    Case("tls-ssl-accepted", "named-only", "SSL 3 refused", "pass"),
    Case("tls-weak-cipher", "rc4", "TLS_RSA_WITH_RC4_128_SHA"),
    Case("tls-weak-cipher", "3des", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    Case("tls-weak-cipher", "md5", "TLS_RSA_WITH_RC4_128_MD5"),
    Case("tls-weak-cipher", "cbc", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "pass"),
    Case("tls-weak-curve", "secp224r1", "the smallest: 224 bits"),
    Case("tls-weak-curve", "sect163k1", "the smallest: 163 bits"),
    Case("tls-weak-curve", "today", "the smallest: 253 bits", "pass"),
    Case("tls-weak-dh-group", "dh1024", "the smallest: 1024 bits"),
    Case("tls-weak-dh-group", "dh2048", "the smallest: 2048 bits", "pass"),
    Case("tls-weak-signature", "sha1-signs", "rsa_pkcs1_sha1"),
    Case("tls-weak-signature", "sha224-signs", "rsa_pkcs1_sha224", "pass"),
)

#: What is seen in another test: its module and its name.
ELSEWHERE = {
    ("tls-addresses-differ", "fail"): (
        test_tls_addresses,
        "test_the_worse_of_two_addresses_is_judged_and_the_difference_said",
    ),
    ("tls-addresses-differ", "pass"): (
        test_tls_addresses,
        "test_addresses_that_answer_alike_are_one",
    ),
    ("tls-broken-cipher", "fail"): (test_tls, "test_null_and_anonymous_suites_are_broken"),
    ("tls-deprecated-version", "fail"): (
        test_tls,
        "test_old_versions_static_keys_and_cbc_are_found",
    ),
    ("tls-not-offered", "fail"): (
        test_tls,
        "test_a_port_that_speaks_http_in_clear_offers_no_tls",
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("pki")
    root = pki.authority("Lab Root")
    leaf = pki.leaf(root, kind="rsa2048")
    made = Lab(
        {
            "rsa": pki.save(folder, "rsa", [leaf]),
            "ec": pki.save(folder, "ec", [pki.leaf(root)]),
            "pss": pki.self_signed(folder, "pss", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"),
        },
        leaf.certificate.public_bytes(pki.DER),
    )
    blocks = {
        name: f"{block} {tls.keys(made.files.get(name.partition('-')[0], made.rsa))}"
        for name, block in NGINX.items()
    }
    blocks["dh1024"] += f" ssl_dhparam {demo_keys.bad(folder).dh_parameters};"
    with tls.nginx(folder, blocks) as made.ports:
        yield made


@contextmanager
def _served(lab: Lab, name: str) -> Iterator[int]:
    if name in NGINX:
        yield lab.ports[name]
        return
    with OTHERS[name](lab) as port:
        yield port


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_says_why(lab: Lab, case: Case) -> None:
    with _served(lab, case.server) as port:
        found = judged(
            f"https://localhost:{port}/", only=(case.rule,), profile=profile.load(case.profile)
        )

    assert verdicts(found) == {case.rule: {case.verdict}}
    assert case.word in reasons(found, case.rule)


def test_no_rule_is_left_out() -> None:
    """A rule that is added to the theme needs a server that fails it, and one that passes."""
    rules = {file.stem for file in RULES.glob("*.yaml")}
    seen = {(case.rule, case.verdict) for case in CASES if case.verdict != "unproven"}
    seen |= set(ELSEWHERE)
    seen |= {(rule, "pass") for rule in test_certificate_findings.GOOD}
    seen |= {(rule, "fail") for said in test_certificate_findings.FAULTS.values() for rule in said}

    assert seen == {(rule, verdict) for rule in rules for verdict in ("fail", "pass")}
    assert all(hasattr(module, name) for module, name in ELSEWHERE.values())
