"""Every rule on certificates, seen to fail for its own reason and to pass on a good chain.

The lab's root stands in Mozilla's place, so that rules for public certificates apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from gdpr_audit.checks.tls import path
from gdpr_audit.network import Settings
from tests.lab import pki, tls
from tests.lab.audits import judged, reasons, verdicts

#: What is said of the good chain by each rule that it passes.
GOOD = {
    "certificate-expired": "to {in_60_days}",
    "certificate-expires-soon": "to be renewed before",
    "certificate-incomplete-chain": "2 certificates sent",
    "certificate-name-mismatch": "certificate's names: localhost",
    "certificate-no-transparency": "1 SCTs in the certificate",
    "certificate-nonconforming": "KeyUsage present",
    "certificate-not-stapled": "OCSP response stapled",
    "certificate-profile-key": "EC secp256r1",
    "certificate-profile-lifetime": "66 days",
    "certificate-revoked": "OCSP GOOD",
    "certificate-untrusted": "path to: Mozilla",
    "certificate-weak-key": "EC 256, RSA 2048",
    "certificate-weak-signature": "SHA256, SHA256",
}

#: What each chain fails, and what is said of it. It fails no other rule of this file.
FAULTS: dict[str, dict[str, str]] = {
    "expired": {"certificate-expired": "to {yesterday}"},
    "not-yet": {"certificate-expired": "valid from {in_3_days}"},
    "middle-expired": {"certificate-expired": "to {yesterday}"},
    "soon": {"certificate-expires-soon": "to be renewed before {two_days_ago}"},
    "lonely": {
        "certificate-incomplete-chain": "1 certificates sent, the last issued by CN=Lab CA",
        "certificate-untrusted": "no path",
    },
    "elsewhere": {"certificate-name-mismatch": "elsewhere.example.test"},
    "unlogged": {"certificate-no-transparency": "no SCT, neither in certificate nor extension"},
    "no-usage": {"certificate-nonconforming": "KeyUsage is missing"},
    "any-usage": {"certificate-nonconforming": "ExtendedKeyUsage: serverAuth, any"},
    "no-key-id": {"certificate-nonconforming": "AuthorityKeyIdentifier is missing"},
    "no-revocation": {"certificate-nonconforming": "—"},
    "long-serial": {"certificate-nonconforming": "a serial number of 165 bits"},
    "small-exponent": {"certificate-nonconforming": "e = 3"},
    "unstapled": {"certificate-not-stapled": "no OCSP response stapled"},
    "another-stapled": {"certificate-not-stapled": "another certificate's"},
    "koblitz": {"certificate-profile-key": "EC secp256k1"},
    "long-lived": {"certificate-profile-lifetime": "906 days"},
    "revoked": {"certificate-revoked": "OCSP REVOKED"},
    "self-signed": {"certificate-untrusted": "the certificate is self-signed"},
    "issued-by-leaf": {"certificate-untrusted": "cA must be asserted"},
    "issuer-may-not-sign": {"certificate-untrusted": "KeyUsage lacks keyCertSign"},
    "rsa1024": {"certificate-weak-key": "RSA 1024"},
    "ec224": {"certificate-weak-key": "EC 224"},
    "sha1": {"certificate-weak-signature": "SHA1"},
    "md5": {"certificate-weak-signature": "MD5"},
}
#: An EC certificate that is good, and an RSA one beside it that is not.
TWO = ("good", "rsa-expired")
ISSUER = ("issuer.example.test",)
NAMES_CRL = x509.CRLDistributionPoints(
    [
        x509.DistributionPoint(
            [x509.UniformResourceIdentifier("http://ca.example.test/ca.crl")], None, None, None
        )
    ]
)
ORDINARY = (pki.logged(), NAMES_CRL)


class Lab:
    """A root, an intermediate, and one server for each chain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = pki.authority("Lab Root", kind="rsa2048")
        self.middle = pki.authority("Lab CA", self.root, kind="rsa2048")
        self.root_file = pki.save(folder, "root", [self.root])[0]
        self.ports: dict[str, int] = {}
        self.day = datetime.now(UTC).date()

    def leaf(self, *more: x509.ExtensionType, **options: Any) -> pki.Signer:
        return pki.leaf(self.middle, wears=(*ORDINARY, *more), **options)

    def leaves(self) -> Iterator[tuple[str, pki.Signer]]:
        """Those above which the intermediate is sent."""
        exponent = rsa.generate_private_key(public_exponent=3, key_size=2048)
        anything = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
        yield "good", self.leaf(pki.names_responder())
        yield "expired", self.leaf(first=-90, last=-1)
        yield "rsa-expired", self.leaf(kind="rsa2048", first=-90, last=-1)
        yield "not-yet", self.leaf(first=3, last=60)
        yield "soon", self.leaf(first=-92, last=8)
        yield "elsewhere", self.leaf(names=("elsewhere.example.test",))
        yield "unlogged", pki.leaf(self.middle, wears=(NAMES_CRL,))
        yield "no-usage", self.leaf(lacks=(x509.KeyUsage,))
        yield "any-usage", self.leaf(x509.ExtendedKeyUsage(anything))
        yield "no-key-id", self.leaf(lacks=(x509.AuthorityKeyIdentifier,))
        yield "no-revocation", self.leaf(lacks=(x509.CRLDistributionPoints,))
        yield "small-exponent", self.leaf(kind=exponent)
        yield "unstapled", self.leaf(pki.names_responder())
        yield "another-stapled", self.leaf(pki.names_responder())
        yield "koblitz", self.leaf(kind="k256")
        yield "long-lived", self.leaf(last=900)
        yield "revoked", self.leaf(pki.names_responder())
        yield "rsa1024", self.leaf(kind="rsa1024")
        yield "ec224", self.leaf(kind="ec224")
        for words, options in {
            "sha1": ("-sha1",),
            "md5": ("-md5",),
            "long-serial": ("-sha256", "-set_serial", f"0x11{'22' * 20}"),
        }.items():
            again = pki.signed_again(self.folder, self.leaf(), self.middle, *options)
            yield words, again

    def chains(self) -> dict[str, list[pki.Signer]]:
        made = {words: [one, self.middle] for words, one in self.leaves()}
        made["lonely"] = [self.leaf(pki.names_issuer())]
        alone = pki.authority("localhost")
        made["self-signed"] = [pki.leaf(alone, kind=alone.key)]
        for words, below in {
            "middle-expired": pki.authority("Lab CA 2", self.root, last=-1),
            "issued-by-leaf": self.leaf(names=ISSUER, lacks=(x509.KeyUsage,)),
            "issuer-may-not-sign": self.leaf(
                x509.BasicConstraints(ca=True, path_length=None), names=ISSUER
            ),
        }.items():
            made[words] = [pki.leaf(below, wears=ORDINARY), below, self.middle]
        return made

    def blocks(self) -> Iterator[tuple[str, str]]:
        chains = self.chains()
        stapled = {"good": "good", "revoked": "revoked", "another-stapled": "good"}
        for words, chain in chains.items():
            block = f"ssl_ciphers ALL:@SECLEVEL=0; {tls.keys(pki.save(self.folder, words, chain))}"
            if words in stapled:
                about = chains[stapled[words]][0]
                file = pki.response(
                    self.folder, words, about, self.middle, revoked=words == "revoked"
                )
                block += f" ssl_stapling on; ssl_stapling_file {file};"
            yield words, block
        anyhow = f"ssl_stapling on; ssl_stapling_file {pki.no_response(self.folder)};"
        yield "try-later", f"{anyhow} {tls.keys(pki.save(self.folder, 'later', chains['good']))}"
        two = tls.keys(*(pki.save(self.folder, name, chains[name]) for name in TWO))
        for version in ("TLSv1.2", "TLSv1.3"):
            yield f"two-{version}", f"ssl_protocols {version}; {two}"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("pki"))
    with tls.nginx(made.folder, dict(made.blocks())) as ports:
        made.ports = ports
        yield made


@pytest.fixture
def public(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab, its root in Mozilla's place."""
    monkeypatch.setattr(path, "mozilla", lambda: lab.root_file)
    return lab


def _audit(lab: Lab, server: str, **options: Any) -> dict[str, Any]:
    url = f"https://localhost:{lab.ports[server]}/"
    return judged(url, only=tuple(GOOD), day=lab.day, **options)


def _word(lab: Lab, word: str) -> str:
    days = {"two_days_ago": -2, "yesterday": -1, "in_3_days": 3, "in_60_days": 60}
    return word.format(**{name: lab.day + timedelta(days=days[name]) for name in days})


def test_a_good_chain_passes_every_rule(public: Lab) -> None:
    found = _audit(public, "good")

    assert verdicts(found) == {rule: {"pass"} for rule in GOOD}
    for rule, word in GOOD.items():
        assert _word(public, word) in reasons(found, rule), rule


@pytest.mark.parametrize("server", FAULTS)
def test_each_fault_is_found_for_its_reason_and_no_other(public: Lab, server: str) -> None:
    found = _audit(public, server)

    seen = verdicts(found)
    assert not [rule for rule, said in seen.items() if "unproven" in said]
    failed = {rule for rule, said in seen.items() if "fail" in said}
    assert failed == set(FAULTS[server])
    for rule, word in FAULTS[server].items():
        assert _word(public, word) in reasons(found, rule), rule


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_each_of_two_certificates_is_judged(public: Lab, version: str) -> None:
    found = _audit(public, f"two-{version}")

    verdict = {
        finding["subject"]["name"].partition(" @ ")[0]: finding["verdict"]
        for finding in found["findings"]
        if finding["rule"] == "certificate-expired"
    }
    place = f"localhost:{public.ports[f'two-{version}']}"
    assert verdict == {place: "fail", f"{place} (EC)": "pass"}
    assert _word(public, "to {yesterday}") in reasons(found, "certificate-expired")


def test_a_response_that_says_nothing_leaves_revocation_unproven(public: Lab) -> None:
    found = _audit(public, "try-later")

    assert verdicts(found)["certificate-revoked"] == {"unproven"}
    assert "OCSP TRY_LATER" in reasons(found, "certificate-revoked")


def test_timestamps_in_the_handshake_count_as_well(public: Lab, tmp_path: Path) -> None:
    unlogged = pki.save(tmp_path, "unlogged", [pki.leaf(public.middle), public.middle])
    served = ("-serverinfo", str(pki.served_timestamps(tmp_path)), "-no_tls1_3")
    with tls.openssl(unlogged, *served) as port:
        found = judged(f"https://localhost:{port}/", only=("certificate-no-transparency",))

    assert verdicts(found) == {"certificate-no-transparency": {"pass"}}
    assert "SCTs in the TLS extension" in reasons(found, "certificate-no-transparency")


def test_a_private_root_as_openssl_makes_it_is_a_root(tmp_path: Path) -> None:
    """It has no KeyUsage, and what it signs has neither that nor an ExtendedKeyUsage."""
    root, files = pki.by_openssl(tmp_path)
    rule = ("certificate-untrusted",)
    with tls.openssl(files) as port:
        url = f"https://localhost:{port}/"
        named = judged(url, only=rule, settings=Settings(ca_file=root))
        unnamed = judged(url, only=rule)

    assert verdicts(named) == {rule[0]: {"pass"}}
    assert f"path to: {root.name}" in reasons(named, rule[0])
    assert verdicts(unnamed) == {rule[0]: {"fail"}}
    assert "no path" in reasons(unnamed, rule[0])
