"""A web server's index of a folder: whether a page is one, and what it names."""

from __future__ import annotations

import re
from urllib.parse import unquote

#: Apache, nginx, lighttpd; Python; Tomcat; Jetty; Node's serve-index; IIS; Caddy; S3.
_INDEX = re.compile(
    r"<(?:title|h1)>\s*(?:Index of|Directory listing for|Directory: |listing directory)"
    r"|\[To Parent Directory\]|(?:^|[\s}])\.meta-item\s*\{|<ListBucketResult",
    re.IGNORECASE,
)
_HREF = re.compile(r"href=\"([^\"?#]+)\"|<Key>([^<]+)</Key>", re.IGNORECASE)
_DATA = re.compile(r"^(?P<stem>[\w .-]{1,60})\.(?:csv|json|xml|txt|sql|log)$", re.IGNORECASE)
#: Words that name a file's content and no person: a name made of others is not asked for, since
#: the journal would then hold it.
_PLAIN = frozenset(
    re.findall(
        r"\w+",
        """
        access all analyses analyse app audit backup base client clients contact contacts
        covid data database db debug depistage documents dossier dossiers dump error export
        exports file files import imports inscriptions latest liste list log logs mail mails
        medecins nir old patient patients personnel prod production rdv records rendez
        resultat resultats result results sauvegarde sql test tests usagers user users
        utilisateurs vous
        """,
    )
)


def entries(text: str) -> tuple[str, ...] | None:
    """The names in an index; None for a page that is none."""
    if not _INDEX.search(text):
        return None
    found = (unquote(a or b) for a, b in _HREF.findall(text))
    inside = (name for name in found if not name.startswith(("/", "..", "?")) and ":" not in name)
    return tuple(dict.fromkeys(inside))


def is_data(name: str) -> bool:
    return bool(_DATA.match(name))


def is_plain(name: str) -> bool:
    """Whether a file's name is made of common words and numbers alone."""
    match = _DATA.match(name)
    words = re.findall(r"[^\W\d_]+", match["stem"].lower()) if match else []
    return bool(words) and all(word in _PLAIN for word in words)
