"""The facts of the TLS check. One yes or no for each thing tried; what was not tried is a gap."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, DATE, INTEGER, LIST, TEXT, specs
from gdpr_audit.model import TARGET, KindSpec

TLS = specs(
    TARGET,
    (
        "tls.offered",
        BOOLEAN,
        "Whether the port (443 beside an http target on 80) speaks TLS at all.",
    ),
    ("tls.addresses", LIST, "The addresses of the name at which TLS was looked at."),
    (
        "tls.addresses_agree",
        BOOLEAN,
        "Whether all addresses of the name answer alike (certificates and ticket lifetimes aside).",
    ),
    ("tls.accepts_ssl_2", BOOLEAN, "Whether SSL 2 is accepted."),
    ("tls.accepts_ssl_3", BOOLEAN, "Whether SSL 3 is accepted."),
    ("tls.accepts_1_0", BOOLEAN, "Whether TLS 1.0 is accepted."),
    ("tls.accepts_1_1", BOOLEAN, "Whether TLS 1.1 is accepted."),
    ("tls.accepts_1_2", BOOLEAN, "Whether TLS 1.2 is accepted."),
    ("tls.accepts_1_3", BOOLEAN, "Whether TLS 1.3 is accepted."),
    (
        "tls.versions",
        LIST,
        "The accepted versions, among SSL 2, SSL 3, TLS 1.0, TLS 1.1, TLS 1.2, TLS 1.3.",
    ),
    ("tls.suites", LIST, "The accepted suites of all versions, by their IANA names."),
    (
        "tls.encryption",
        LIST,
        "Encryption of the accepted suites, among NULL, EXPORT, DES, RC2, RC4, 3DES, IDEA, SEED, "
        "AES, CAMELLIA, ARIA, CHACHA20 and, for what is none of these, OTHER.",
    ),
    (
        "tls.cipher_modes",
        LIST,
        "Modes of the accepted suites, among GCM, CCM, POLY1305, CBC, STREAM, NONE.",
    ),
    ("tls.macs", LIST, "MACs of the accepted suites, among MD5, SHA1, SHA256, SHA384, AEAD."),
    (
        "tls.key_exchanges",
        LIST,
        "Key exchanges of the accepted suites, among ECDHE, DHE, RSA, DH, ECDH, ANONYMOUS, PSK, "
        "KRB5, SRP, OTHER; TLS 1.3 counts by the groups it uses, as ECDHE or DHE.",
    ),
    (
        "tls.dhe_used",
        BOOLEAN,
        "Whether a suite with ephemeral finite-field Diffie-Hellman is accepted.",
    ),
    ("tls.dh_bits", INTEGER, "Bits of the smallest finite-field group that the server uses."),
    ("tls.ecdhe_used", BOOLEAN, "Whether an elliptic-curve group is accepted."),
    ("tls.groups", LIST, "The accepted groups, by their IANA names."),
    ("tls.curve_bits", INTEGER, "Bits of the smallest elliptic curve that is accepted."),
    ("tls.post_quantum", BOOLEAN, "Whether a hybrid post-quantum group is accepted."),
    (
        "tls.signatures",
        LIST,
        "Signature algorithms (IANA SignatureScheme) that sign the key exchange in TLS 1.2; in "
        "TLS 1.3 where that alone is accepted. Empty where no exchange is signed.",
    ),
    (
        "tls.server_preference",
        BOOLEAN,
        "Whether, in TLS 1.2, the server picks by its own order and not by the client's.",
    ),
    (
        "tls.suite_order_1_2",
        LIST,
        "The first suites of TLS 1.2 in the server's own order, where it has one.",
    ),
    (
        "tls.suite_order_1_3",
        LIST,
        "The first suites of TLS 1.3 in the server's own order, where it has one.",
    ),
    ("tls.suite_choice", BOOLEAN, "Whether two suites or more are accepted in TLS 1.2."),
    ("tls.compression", BOOLEAN, "Whether TLS compression is on."),
    (
        "tls.extensions",
        LIST,
        "What the server takes up below TLS 1.3 among heartbeat, truncated_hmac, "
        "client_certificate_url and max_fragment_length.",
    ),
    (
        "tls.encrypt_then_mac",
        BOOLEAN,
        "Whether CBC suites come with encrypt_then_mac (RFC 7366), where any is accepted.",
    ),
    ("tls.secure_renegotiation", BOOLEAN, "Whether secure renegotiation (RFC 5746) is supported."),
    ("tls.client_renegotiation", BOOLEAN, "Whether the client may renegotiate at will."),
    (
        "tls.extended_master_secret",
        BOOLEAN,
        "Whether TLS 1.2 uses the extended master secret (RFC 7627).",
    ),
    ("tls.versions_below_1_3", INTEGER, "How many versions below TLS 1.3 are accepted."),
    (
        "tls.fallback_scsv",
        BOOLEAN,
        "Whether a needless fallback is refused (RFC 7507), where several versions below TLS 1.3 "
        "are accepted.",
    ),
    ("tls.session_tickets", BOOLEAN, "Whether the server gives session tickets."),
    ("tls.early_data", BOOLEAN, "Whether TLS 1.3 early data is accepted."),
    (
        "tls.ticket_lifetime",
        INTEGER,
        "Seconds that the longest-lived ticket may be used; a gap where the server does not say.",
    ),
    ("tls.heartbleed", BOOLEAN, "Whether the server is vulnerable to CVE-2014-0160."),
    ("tls.ccs_injection", BOOLEAN, "Whether the server is vulnerable to CVE-2014-0224."),
    ("tls.robot", BOOLEAN, "Whether an RSA padding oracle is seen (ROBOT)."),
)

CERTIFICATE = specs(
    "certificate",
    (
        "certificate.not_before",
        DATE,
        "The latest first day of validity in the chain sent, root aside.",
    ),
    (
        "certificate.not_after",
        DATE,
        "The earliest last day of validity in the chain sent, root aside.",
    ),
    (
        "certificate.renewal_due",
        DATE,
        "The leaf's last day, less 10 days or a tenth of its lifetime if that is shorter.",
    ),
    ("certificate.name_matches", BOOLEAN, "Whether a subject alternative name matches the host."),
    (
        "certificate.trusted",
        BOOLEAN,
        "Whether a path leads to a root of the Mozilla store, or to the one that the user named.",
    ),
    (
        "certificate.publicly_trusted",
        BOOLEAN,
        "Whether a path leads to a root of the Mozilla store.",
    ),
    (
        "certificate.privately_trusted",
        BOOLEAN,
        "Whether a path leads to the root that the user named (--ca-file).",
    ),
    ("certificate.path", LIST, "Subjects of the path as built, from the leaf to the root."),
    (
        "certificate.chain_complete",
        BOOLEAN,
        "Whether the server sends every intermediate of the path.",
    ),
    ("certificate.key_types", LIST, "Types of the keys in the chain sent: RSA, EC, Ed25519 …"),
    ("certificate.rsa_bits", INTEGER, "Bits of the smallest RSA key in the chain sent."),
    ("certificate.ec_bits", INTEGER, "Bits of the smallest elliptic-curve key in the chain sent."),
    (
        "certificate.leaf_rsa_bits",
        INTEGER,
        "Bits of the leaf's RSA key; 0 where its key is of another type.",
    ),
    (
        "certificate.signature_hashes",
        LIST,
        "Hashes that sign the certificates sent, root aside: MD5, SHA1, SHA256 …",
    ),
    ("certificate.ocsp_stapled", BOOLEAN, "Whether an OCSP response for the leaf is stapled."),
    ("certificate.revoked", BOOLEAN, "Whether the stapled OCSP response says revoked."),
    ("certificate.has_scts", BOOLEAN, "Whether signed certificate timestamps come with it."),
    ("certificate.lifetime_days", INTEGER, "Days of the leaf's validity, a day begun counted."),
    ("certificate.leaf_key", TEXT, "The leaf's key: RSA 2048, EC secp256r1, Ed25519 …"),
    ("certificate.rsa_exponent", INTEGER, "Public exponent of the leaf's key, where it is RSA."),
    (
        "certificate.serial_well_formed",
        BOOLEAN,
        "Whether the leaf's serial number is above zero and of 20 bytes at most.",
    ),
    ("certificate.key_usage_critical", BOOLEAN, "Whether the leaf has a critical KeyUsage."),
    ("certificate.extended_key_usages", LIST, "The leaf's ExtendedKeyUsage: serverAuth …"),
    (
        "certificate.has_authority_key_id",
        BOOLEAN,
        "Whether the leaf has an AuthorityKeyIdentifier.",
    ),
    (
        "certificate.names_revocation",
        BOOLEAN,
        "Whether the leaf has CRLDistributionPoints or AuthorityInformationAccess.",
    ),
    ("certificate.names_ocsp", BOOLEAN, "Whether the leaf names an OCSP responder."),
)

FACTS = TLS + CERTIFICATE
KINDS = (KindSpec("certificate", TARGET),)
