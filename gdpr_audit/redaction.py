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


#: Digits in a row, as each number that is looked for has at least.
_LONG = re.compile(r"\d(?:[ .-]?\d){5}")

#: What may be half of something, where a long text was cut.
_EDGE = 200

# Order matters: the long and specific before the short and general.
_SECRETS = (
    _Secret(
        re.compile(
            r"-----BEGIN[A-Z0-9 _+%]*PRIVATE[ _+%20]{1,3}KEY-----.*?"
            r"(?:-----END[A-Z0-9 _+%]*PRIVATE[ _+%20]{1,3}KEY-----|$)",
            re.DOTALL,
        ),
        "private key",
        ("key-----",),
    ),
    _Secret(re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?"), "token", ("eyj",)),
    _Secret(
        re.compile(
            r"(?<![0-9A-Za-z])(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])|\b(?:gh[pousr]|glpat|xox[abprs])[-_][\w-]{16,}"
            r"|\bgithub_pat_\w{16,}|\b[sr]k[-_][\w-]{16,}|\bAIza[\w-]{30,}|\bnpm_\w{30,}"
        ),
        "key",
        ("akia", "asia", "gh", "glpat", "xox", "github_pat_", "k_", "k-", "aiza", "npm_"),
    ),
    _Secret(
        re.compile(r"(?i)\b(bearer|basic)(?:[\s_+]|%20)+[\w.~+/=-]{8,}"),
        "token",
        ("bearer", "basic"),
    ),
    _Secret(
        re.compile(
            r"(?i)\b(password|passwd|mot_?de_?passe|secret|token|api_?key|session_?id|sid)"
            r"(\s*[=:]\s*)(?!\[)[^\s&;,'\"<>]{4,}"
        ),
        "secret",
        ("passw", "passe", "secret", "token", "key", "id"),
    ),
    _Secret(re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"), "credentials", ("@",)),
    _Secret(
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|%40)(?:[\w-]{1,63}\.)+[a-zA-Z]{2,24}\b"),
        "e-mail",
        ("@", "%40"),
    ),
    _Secret(
        re.compile(
            r"(?<!\d)[12378][ .]?\d{2}[ .]?\d{2}[ .]?(?:\d{2}|2[ABab])"
            r"[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{2})?(?!\d)"
        ),
        "NIR",
        number=True,
    ),
    _Secret(
        re.compile(r"(?<![\d.])(?:\+33[ .]?(?:\(0\)[ .]?)?|0)[1-9](?:[ .-]?\d{2}){4}(?!\.?\d)"),
        "phone",
        number=True,
    ),
    _Secret(  # whoever is named or numbered in an address behind `/patients/`
        re.compile(
            r"(?<=/)(?:patient|dossier|usager)s?/(?=[^/\s]*(?:\+|%20|\d{3}| [A-ZÀ-Þ][a-zß-ÿ]))"
            r"[^/\s?#,;]+(?: [A-ZÀ-Þ][\w’'-]+)*"
        ),
        "name",
        ("patient", "dossier", "usager"),
    ),
    _Secret(  # or anywhere in a path, by capitals with a space between
        re.compile(r"(?<=/)[A-ZÀ-Þ][\w’'-]*[a-zß-ÿ](?:(?:[ +]|%20)[A-ZÀ-Þ][\w’'-]+)+"),
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
_PERSON = re.compile(rf"\b{_WORD}(?:(?:[ +]|%20){_WORD})+")
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
    words = re.split(r"[ +]|%20", found[0])
    begun = [word for word in words if word != word.lower() and len(word) > 1]
    spelled = any(word != word.upper() for word in begun)
    if len(begun) < 2 or not spelled or _THINGS & {word.casefold() for word in words}:
        return found[0]
    return "[name]"


def _inert(character: str) -> str:
    kind = unicodedata.category(character)
    if character in "\n\r\t" or kind in ("Zl", "Zp"):
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
