"""Options that several commands share, and how their words become values."""

from __future__ import annotations

import math
import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli import complete
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from rich.console import Console

    from gdpr_audit.attribution import Atlas
    from gdpr_audit.hds import HosterList
    from gdpr_audit.model import Check, Vocabulary
    from gdpr_audit.outcome import Baseline
    from gdpr_audit.rules.book import RuleBook
    from gdpr_audit.rules.profile import Profile
    from gdpr_audit.waivers import Waiver

_WEEK = 7 * 86_400  # seconds; an alarm of far more cannot be set
_ROOTS = 4 * 1024 * 1024  # bytes; Mozilla's whole list has 220 KiB


class Format(StrEnum):
    CONSOLE = "console"
    HTML = "html"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    CSV = "csv"
    PDF = "pdf"
    OSCAL = "oscal"
    ARTICLE_30 = "article-30"
    CNIL_PIA = "cnil-pia"
    BREACH_SHEET = "breach-sheet"


class Lang(StrEnum):
    FR = "fr"
    EN = "en"


class FailOn(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NEVER = "never"


Formats = Annotated[
    list[Format] | None,
    typer.Option(
        "--format", "-f", envvar="GDPR_AUDIT_FORMAT", help="May be repeated. [default: console]"
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", envvar="GDPR_AUDIT_OUTPUT", metavar="PATH",
        help="A file for one format, a folder for several or where it ends in /; - is standard "
        "output.",
    ),
]  # fmt: skip
Language = Annotated[
    Lang | None,
    typer.Option(
        "--lang", envvar="GDPR_AUDIT_LANG", help="Language of what is written for people."
    ),
]
NoColor = Annotated[
    bool, typer.Option("--no-color", envvar=["GDPR_AUDIT_NO_COLOR", "NO_COLOR"], help="Plain text.")
]
RulePacks = Annotated[
    list[Path] | None,
    typer.Option("--rules", envvar="GDPR_AUDIT_RULES", help="One more rule pack; may be repeated."),
]
HdsList = Annotated[
    Path | None,
    typer.Option(
        "--hds-list", envvar="GDPR_AUDIT_HDS_LIST", help="A list of certified hosters (CSV)."
    ),
]

Resolver = Annotated[
    str | None,
    typer.Option(
        "--resolver", envvar="GDPR_AUDIT_RESOLVER", metavar="ADDRESS:PORT",
        help="DNS server to ask, for everything looked up or connected to.",
    ),
]  # fmt: skip
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", envvar="GDPR_AUDIT_CA_FILE", help="One more trusted root (PEM)."),
]
ProxyUrl = Annotated[
    str | None,
    typer.Option("--proxy", envvar="GDPR_AUDIT_PROXY", metavar="URL", help="HTTP CONNECT proxy."),
]
JournalFile = Annotated[
    Path | None,
    typer.Option("--journal", envvar="GDPR_AUDIT_JOURNAL", help="Everything sent, as JSON lines."),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline", envvar="GDPR_AUDIT_OFFLINE",
        help="Ask no outside service whose an address is (Team Cymru, RDAP), nor a hoster's page.",
    ),
]  # fmt: skip
AsnFile = Annotated[
    Path | None,
    typer.Option(
        "--asn-file", envvar="GDPR_AUDIT_ASN_FILE",
        help="Origin AS numbers by an ip2asn table or an MMDB, in place of Team Cymru.",
    ),
]  # fmt: skip
ArtefactsIn = Annotated[
    list[Path] | None,
    typer.Option(
        "--artefacts-in", envvar="GDPR_AUDIT_ARTEFACTS_IN", metavar="FOLDER",
        help="Files that the declaration names may lie here too, not only below its own folder; "
        "may be repeated.",
    ),
]  # fmt: skip
CloudRanges = Annotated[
    list[str] | None,
    typer.Option(
        "--cloud-ranges", envvar="GDPR_AUDIT_CLOUD_RANGES", metavar="[OPERATOR=]FILE",
        help="Address ranges as a cloud publishes them, with its regions; may be repeated.",
    ),
]  # fmt: skip

Strict = Annotated[
    bool,
    typer.Option("--strict", envvar="GDPR_AUDIT_STRICT", help="Unproven counts as failed."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only", envvar="GDPR_AUDIT_ONLY", autocompletion=complete.themes_and_rules,
        help="Themes or rules; may be repeated.",
    ),
]  # fmt: skip
Skip = Annotated[
    list[str] | None,
    typer.Option(
        "--skip", envvar="GDPR_AUDIT_SKIP", autocompletion=complete.themes_and_rules,
        help="Themes or rules; may be repeated.",
    ),
]  # fmt: skip


def _number(given: float | None) -> float | None:
    """What a range lets through, as it is neither below nor above anything."""
    if given is not None and math.isnan(given):
        raise typer.BadParameter("nan is not a number")
    return given


Rate = Annotated[
    float | None,
    typer.Option(
        "--rate", envvar="GDPR_AUDIT_RATE", min=0.01, max=1_000_000, callback=_number,
        help="Connections and requests a second to one address, at most.",
    ),
]  # fmt: skip
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", envvar="GDPR_AUDIT_TIMEOUT", min=0.1, max=_WEEK, callback=_number,
        help="Seconds for the whole audit of one target.",
    ),
]  # fmt: skip
AsOf = Annotated[
    str | None,
    typer.Option(
        "--date", envvar="GDPR_AUDIT_DATE", metavar="YYYY-MM-DD",
        help="Judge dates as of this day; today if left out.",
    ),
]  # fmt: skip

WaiverFile = Annotated[
    Path | None,
    typer.Option("--waivers", envvar="GDPR_AUDIT_WAIVERS", help="Accepted findings (YAML)."),
]
StrictWaivers = Annotated[
    bool,
    typer.Option(
        "--strict-waivers", envvar="GDPR_AUDIT_STRICT_WAIVERS",
        help="A waiver that has ended, ends within 30 days or covers nothing counts as a finding.",
    ),
]  # fmt: skip
BaselineFile = Annotated[
    Path | None,
    typer.Option(
        "--baseline", envvar="GDPR_AUDIT_BASELINE", metavar="AUDIT.json",
        help="An earlier audit: only what is new counts for the exit status.",
    ),
]  # fmt: skip

BundleFile = Annotated[
    Path | None,
    typer.Option(
        "--bundle", envvar="GDPR_AUDIT_BUNDLE", metavar="FILE.zip",
        help="Facts, evidence, reports and rules in one archive that `verify` checks.",
    ),
]  # fmt: skip
SignKey = Annotated[
    str | None,
    typer.Option(
        "--sign-key", envvar="GDPR_AUDIT_SIGN_KEY", metavar="FILE",
        help="The private key that signs the bundle (see keygen); the variable may hold the PEM.",
    ),
]  # fmt: skip
TimeStamp = Annotated[
    str | None,
    typer.Option(
        "--timestamp", envvar="GDPR_AUDIT_TIMESTAMP", metavar="URL",
        help="An authority by RFC 3161 that stamps the bundle; needs gdpr-audit[timestamp].",
    ),
]  # fmt: skip

TlsProfile = Annotated[
    str | None,
    typer.Option(
        "--tls-profile", envvar="GDPR_AUDIT_TLS_PROFILE", metavar="NAME|FILE",
        autocompletion=complete.profiles,
        help="The guide that TLS is held against: anssi, mozilla-modern, mozilla-intermediate, "
        "ncsc, or a file. [default: anssi]",
    ),
]  # fmt: skip


def day_of(given: str | None) -> date:
    """`--date`, or today. Raises InputError."""
    if given is None:
        return date.today()  # noqa: DTZ011 - the auditor's own day is meant
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError(f"--date {given!r}: expected YYYY-MM-DD") from None


def resolver_of(given: str | None) -> tuple[str, int] | None:
    """`HOST:PORT`, port 53 if left out. Raises InputError."""
    if given is None:
        return None
    import ipaddress

    host, _, port = (
        given.rpartition(":") if given.count(":") == 1 or "]" in given else (given, "", "")
    )
    host = (host or given).strip("[]")
    try:
        ipaddress.ip_address(host)
        number = int(port or 53)
    except ValueError:
        raise InputError(f"--resolver {given!r}: expected ADDRESS:PORT, as 192.0.2.53:53") from None
    if not 0 < number < 65536:
        raise InputError(f"--resolver {given!r}: the port is a number from 1 to 65535")
    return host, number


def ca_file_of(given: Path | None) -> Path | None:
    """A PEM file with at least one certificate. Raises InputError."""
    if given is None:
        return None
    from cryptography import x509

    from gdpr_audit import files

    content = files.read(given, _ROOTS, "roots of --ca-file")
    try:
        x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise InputError(f"--ca-file {given}: not a PEM file of certificates") from error
    return given


def known() -> tuple[tuple[tuple[Check, EntryPoint], ...], Vocabulary]:
    """The installed checks with what names them, and their vocabulary."""
    from gdpr_audit.checks import registry

    installed = registry.installed()
    return installed, registry.vocabulary(check for check, _ in installed)


def rule_book(
    words: Vocabulary,
    packs: list[Path] | None,
    only: list[str] | None = None,
    skip: list[str] | None = None,
) -> RuleBook:
    """Our rules, those of installed packages, and those that the user names."""
    from gdpr_audit.rules import book

    return book.load([*book.installed_packs(), *(packs or ())], words, only or (), skip or ())


def chosen_rules(
    words: Vocabulary,
    packs: list[Path] | None,
    only: list[str] | None,
    skip: list[str] | None,
) -> RuleBook:
    """The rules that an audit is judged by. Raises InputError where none is left."""
    book = rule_book(words, packs, only, skip)
    if not book.rules:
        raise InputError("--only and --skip leave no rule to judge by")
    return book


def tls_profile(given: str | None) -> Profile:
    """`--tls-profile`: a built-in one by its name, or a file. Raises InputError."""
    from gdpr_audit.rules import profile

    return profile.load(given) if given else profile.default()


def atlas(ranges: list[str] | None, asn_file: Path | None, *, offline: bool) -> Atlas:
    """What is known of addresses by the files that are named or kept. Raises InputError."""
    from gdpr_audit.attribution import atlas, store

    return atlas.load([*(ranges or ()), *store.paths()], asn_file, offline=offline)


def waivers(given: Path | None, book: RuleBook) -> tuple[Waiver, ...]:
    """`--waivers`. Raises InputError."""
    if given is None:
        return ()
    from gdpr_audit.waivers import read

    return read.read(given, book.names)


def baseline(given: Path | None, platform: str) -> Baseline | None:
    """`--baseline`: an earlier audit of the same platform.

    Raises InputError for what is none, was changed, or is of another platform: a failure may have
    the same mark there, and would be taken for known.
    """
    if given is None:
        return None
    from gdpr_audit.cli import report
    from gdpr_audit.outcome import Baseline
    from gdpr_audit.redaction import clean

    found = report.read(given)
    if found["platform"] != platform:
        other = clean(found["platform"], 200)
        raise InputError(
            f"--baseline {given}: an audit of {other!r}, and this one is of {platform!r}: name an "
            "audit of this platform; where it was renamed, leave --baseline out once and keep that "
            "audit as the next baseline"
        )

    def marks(*verdicts: str) -> frozenset[str]:
        return frozenset(f["fingerprint"] for f in found["findings"] if f["verdict"] in verdicts)

    day = date.fromisoformat(found["date"])
    failed, open_ = marks("fail", "waived"), marks("unproven", "error")
    return Baseline(found["digest"], day, failed, open_, platform)


def hoster_list(given: Path | None) -> HosterList:
    """`--hds-list`, else the list that `hds import` stored, else the embedded one.

    Raises InputError: a stored list that is damaged does not become the embedded one.
    """
    from gdpr_audit import hds
    from gdpr_audit.hds import store

    return hds.load(given) if given else store.read() or hds.embedded()


def console(*, plain: bool, stderr: bool = False) -> Console:
    """A Rich console: colours on a terminal alone, none where `plain` or NO_COLOR says so."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "100"))
    return Console(stderr=stderr, no_color=plain or None, highlight=False, width=width)
