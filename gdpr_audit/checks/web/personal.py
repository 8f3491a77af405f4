"""Personal data that a page puts into addresses: forms sent by GET, and links.

Names of fields are kept, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

from gdpr_audit.redaction import redact

#: Field names by what they hold, in French and English, each a whole word of the name.
_FIELDS = {
    "name": {"nom", "prenom", "prénom", "name", "firstname", "lastname", "surname", "fullname"},
    "e-mail": {"email", "mail", "courriel", "mel"},
    "NIR": {"nir", "ins", "secu", "nss", "ssn", "vitale"},
    "password": {"password", "passwd", "pwd", "mdp", "motdepasse", "passe"},
    "date of birth": {"naissance", "birthdate", "birthday", "dob", "ddn"},
    "telephone": {"tel", "telephone", "téléphone", "phone", "mobile", "portable"},
    "health": {
        "symptome", "symptomes", "symptoms", "pathologie", "maladie", "diagnostic", "diagnosis",
        "traitement", "treatment", "resultat", "result", "ordonnance", "allergie", "grossesse",
    },
}  # fmt: skip
#: What a link's parameter may well be called for other reasons.
_AMBIGUOUS = ("name", "telephone", "health")
_WORDS = re.compile(r"[a-zà-ÿ]+|[A-ZÀ-Ý][a-zà-ÿ]*", re.UNICODE)
MOST = 200  # parameters of one link that are looked at


def kind_of(field: str) -> str | None:
    """What a field of that name holds, of what should be in no address."""
    words = {word.lower() for word in _WORDS.findall(field)} | {field.lower()}
    words |= {field.lower().replace("_", "").replace("-", "")}
    return next((kind for kind, names in _FIELDS.items() if words & names), None)


def of_form(fields: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Of the (name, type) pairs of a form sent by GET: each field that should not be."""
    for name, kind in fields:
        held = {"password": "password", "email": "e-mail"}.get(kind) or kind_of(name)
        if held is not None:
            yield f"{name or kind} ({held})"


def of_link(url: str) -> Iterator[str]:
    """Of a link: each parameter that carries such data."""
    try:
        query = parse_qsl(urlsplit(url).query, max_num_fields=MOST)
    except ValueError:
        return
    for name, value in query:
        kind = kind_of(name)
        if kind in _AMBIGUOUS:
            kind = None
        # what redaction would take out of evidence is personal data, whatever its name
        if value and (kind is not None or _personal(value)):
            yield f"{name} ({kind or 'personal data'})"


def _personal(value: str) -> bool:
    hidden = redact(value)
    return hidden != value and any(word in hidden for word in ("e-mail", "NIR"))
