"""Makes text from outside fit to be kept: inert, bounded, and without personal data or secrets.

Applied once, where evidence is built, so that no report has to think of it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


class _Secret(NamedTuple):
    """What to look for, what to call it, and what a text must hold, folded, to be worth a look."""

    pattern: re.Pattern[str]
    kind: str
    hints: tuple[str, ...] = ()
    number: bool = False


#: A character as it stands, or percent-encoded, be it several times.
_PERCENT = r"%(?:25)*"
_AT = rf"(?:@|＠|{_PERCENT}40|&#0*64;|&#[xX]0*40;|&commat;|\\u0040)"
_IS = rf"(?:\s*[=:]\s*\\?[\"']?|{_PERCENT}3[AaDd]|\\?[\"']\s*:\s*\\?[\"'])"
#: What people and programs write between the groups of a number.
_APART = rf"(?:[ ._/+-]|{_PERCENT}(?:20|2[BDEFbdef]|[Cc]2{_PERCENT}[Aa]0))"

#: Digits in a row, as each number that is looked for has at least.
_LONG = re.compile(rf"\d(?:{_APART}?\d){{5}}")

#: What may be half of something, where a long text was cut.
_EDGE = 200

# Order matters: the long and specific before the short and general.
_SECRETS = (
    _Secret(
        re.compile(
            r"-----BEGIN[A-Z0-9 _+%]*PRIVATE[ _+%0-9]{1,9}KEY(?:[ _+%0-9]{1,9}BLOCK)?-----.*?"
            r"(?:-----END[A-Z0-9 _+%]*PRIVATE[ _+%0-9]{1,9}KEY(?:[ _+%0-9]{1,9}BLOCK)?-----|$)",
            re.DOTALL,
        ),
        "private key",
        ("key",),
    ),
    _Secret(  # signed (RFC 7515), encrypted (RFC 7516, some parts empty), or JSON in base64 alone
        re.compile(
            rf"(?<![0-9A-Za-z])eyJ(?:[\w-]{{6,}}(?:(?:\.|{_PERCENT}2[Ee])[\w-]*){{1,4}}"
            r"|[\w+/=-]{16,})"
        ),
        "token",
        ("eyj",),
    ),
    _Secret(
        re.compile(
            r"(?<![0-9A-Za-z])(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])|\b(?:gh[pousr]|glpat|xox[abprs])[-_][\w-]{16,}"
            r"|\bgithub_pat_\w{16,}|\b[sr]k[-_][\w-]{16,}|\bAIza[\w-]{30,}|\bnpm_\w{30,}"
        ),
        "key",
        ("akia", "asia", "gh", "glpat", "xox", "github_pat_", "k_", "k-", "aiza", "npm_"),
    ),
    _Secret(
        re.compile(rf"(?i)\b(bearer|basic)(?:[\s_+]|{_PERCENT}20)+[\w.~+/=-]{{8,}}"),
        "token",
        ("bearer", "basic"),
    ),
    _Secret(  # whatever stands before the word: client_secret, accessToken, PHPSESSID
        re.compile(
            r"(?i)(password|passwd|passphrase|pwd|mot_?de_?passe|secret|token|api[_-]?key"
            r"|access[_-]?key|private[_-]?key|sess(?:ion)?[_-]?id|(?<![a-z])sid)"
            rf"{_IS}(?!\[)[^\s&;,'\"<>]{{4,}}"
        ),
        "secret",
        ("passw", "passe", "passph", "pwd", "secret", "token", "key", "id"),
    ),
    _Secret(
        re.compile(
            rf"(?:(?<=//)|(?<=%2[Ff]%2[Ff]))(?!\[)[^\s/?#%\"'<>]*(?:%[^\s/?#\"'<>]*?)?(?={_AT})"
        ),
        "credentials",
        ("//", "%2f"),
    ),
    _Secret(
        re.compile(
            rf"(?<![\w.+-])[\w.+-]{{1,64}}{_AT}(?:[\w-]{{1,63}}\.)+"
            r"(?:xn--[a-zA-Z0-9-]{1,59}|[a-zA-Z]{2,24})\b"
        ),
        "e-mail",
        ("@", "＠", "40", "64;", "&commat;"),
    ),
    _Secret(
        re.compile(
            rf"(?<!\d)[12378]{_APART}?\d{{2}}{_APART}?\d{{2}}{_APART}?(?:\d{{2}}|2[ABab])"
            rf"{_APART}?\d{{3}}{_APART}?\d{{3}}(?:{_APART}?\d{{2}})?(?!\d)"
        ),
        "NIR",
        number=True,
    ),
    _Secret(
        re.compile(
            rf"(?<![\d.])(?!\d\d/\d\d/\d{{4}})(?:(?:\+|{_PERCENT}2[Bb]|00)33{_APART}?(?:\(0\){_APART}?)?|0)"
            rf"[1-9](?:{_APART}?\d{{2}}){{4}}(?!\.?\d)"
        ),
        "phone",
        number=True,
    ),
    _Secret(  # whoever is named or numbered in an address behind `/patients/`
        re.compile(
            r"(?<=/)(?:patient|dossier|usager)s?/"
            rf"(?=[^/\s]*(?:\+|{_PERCENT}20|\d{{3}}| [A-ZÀ-Þ][a-zß-ÿ]))"
            r"[^/\s?#,;]+(?: [A-ZÀ-Þ][\w’'-]+)*"
        ),
        "name",
        ("patient", "dossier", "usager"),
    ),
    _Secret(  # or anywhere in a path, by capitals with a space between
        re.compile(rf"(?<=/)[A-ZÀ-Þ][\w’'-]*[a-zß-ÿ](?:(?:[ +]|{_PERCENT}20)[A-ZÀ-Þ][\w’'-]+)+"),
        "name",
        ("/",),
    ),
)


def clean(text: str, limit: int) -> str:
    """Drop terminal sequences, controls and bidirectional marks; cut at `limit` characters."""
    text = text[: limit * 4 + 4096]
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    # Most text has nothing but what Python holds printable, all of which is kept.
    kept = text if text.isprintable() else "".join(_inert(character) for character in text)
    if "  " in kept:
        kept = re.sub(r" {2,}", " ", kept)
    kept = kept.strip()
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def fit(text: str, limit: int) -> str:
    """The text, clean and redacted, in `limit` characters.

    What is cut is cut last: half a number is known for none, and may well be somebody's.
    """
    if len(text) <= limit:
        return redact(clean(text, limit))
    wide = 4 * limit
    whole = redact(clean(text, wide))
    if len(text) > wide:
        whole = whole[:-_EDGE]
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"


_WORD = r"[^\W\d_][\w’'-]*"
#: Two words or more with spaces between, as a given name and a family name are written.
_PERSON = re.compile(rf"\b{_WORD}(?:(?:[ +]|{_PERCENT}20){_WORD})+")
#: Words of products, makers and systems: what stands beside one is nobody's name.
_THINGS = {
    "alma", "amazon", "apache", "application", "cdn", "centos", "cloud", "debian", "edge",
    "engine", "enterprise", "frontend", "gateway", "google", "hat", "http", "https", "hub", "ibm",
    "iis", "information", "internet", "linux", "microsoft", "mozilla", "nginx", "open", "oracle",
    "passenger", "phusion", "platform", "portal", "proxy", "python", "red", "rocky", "ruby",
    "server", "service", "services", "software", "system", "tomcat", "ubuntu", "unix", "web",
    "windows", "wordpress",
}  # fmt: skip


def without_names(text: str) -> str:
    """What a target wrote in a technical field, without what reads as a person's name.

    A guess by capitals: of a name in small letters nothing tells that it is one.
    """
    return _PERSON.sub(_nameless, text)


def _nameless(found: re.Match[str]) -> str:
    words = re.split(rf"[ +]|{_PERCENT}20", found[0])
    begun = [word for word in words if word != word.lower() and len(word) > 1]
    spelled = any(word != word.upper() for word in begun)
    if len(begun) < 2 or not spelled or _THINGS & {word.casefold() for word in words}:
        return found[0]
    return "[name]"


def _inert(character: str) -> str:
    kind = unicodedata.category(character)
    if character in "\n\r\t" or kind in ("Zl", "Zp", "Zs"):
        return " "
    # controls, formats (bidirectional overrides, zero width), and what is no character
    return "" if kind in ("Cc", "Cf", "Cn", "Co", "Cs") else character


def redact(text: str) -> str:
    """Replace what may be personal data or a secret by its kind, in brackets."""
    folded = text.casefold()
    long = _LONG.search(text) is not None
    for secret in _SECRETS:
        if long if secret.number else _holds(folded, secret.hints):
            text = secret.pattern.sub(f"[{secret.kind}]", text)
    return text


#: From `://` to the last `@` before a space or a quote: a password may hold `/` and `:`.
_CREDENTIALS = re.compile(r"(?<=://)[^\s@'\"<>]*:[^\s'\"<>]*@")


def without_credentials(text: str) -> str:
    """What a user gave, fit to be quoted to them: a log keeps it, and others read the log.

    Nothing else is replaced, as the names of files must be told as they are.
    """
    return _CREDENTIALS.sub("[credentials]@", text) if "://" in text else text


def _holds(text: str, hints: tuple[str, ...]) -> bool:
    for hint in hints:  # a generator would take as long again: this runs for every sentence  # noqa: SIM110
        if hint in text:
            return True
    return False
