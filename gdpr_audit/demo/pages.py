"""What the sample answers: its pages and headers, faulty or repaired."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

TRIES = 5  # wrong passwords that the repaired sample takes
ACCOUNT = "audit@example.fr"  # the test account of both declarations; the faulty sample's only one
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    status: int
    headers: Headers
    body: bytes


def _html(title: str, content: str, *, notice: bool, style: bool) -> str:
    link = '<p><a href="/confidentialite">Politique de confidentialité</a></p>' if notice else ""
    sheet = '<link rel="stylesheet" href="/style.css">' if style else ""
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>{sheet}'
        f"</head><body><h1>{title}</h1>{content}{link}</body></html>"
    )


_LOGIN_BAD = """<form action="{http}/connexion" method="post">
<label>Courriel <input name="email" type="email"></label>
<label>Mot de passe <input name="password" type="password" maxlength="5"></label>
<button>Se connecter</button></form>"""

_LOGIN_GOOD = """<form action="/connexion" method="post">
<label>Courriel <input name="email" type="email" autocomplete="username"></label>
<label>Mot de passe <input name="password" type="password" minlength="12" maxlength="128"
 autocomplete="current-password"></label>
<button>Se connecter</button></form>"""

#: Synthetic people; the NIRs have a true key, so that they are recognised, and nobody's number.
_EXPORT = (
    "nom;prenom;nir;courriel;resultat\n"
    "EXEMPLE;Alix;199120199900119;alix@example.fr;negatif\n"
    "SPECIMEN;Dominique;299120199900265;dominique@example.fr;positif\n"
)
_SENSITIVE = ("/", "/connexion", "/mon-dossier", "/resultats")


@dataclass
class Site:
    """The sample's site; `http` and `https` are its own addresses, known once it listens."""

    compliant: bool
    http: str = ""
    https: str = ""
    _session: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))
    _tries: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def answer(self, path: str, *, secure: bool, fields: dict[str, str] | None = None) -> Page:
        """The answer to a request for `path`; `fields` are those of a form that was sent."""
        path = path.partition("?")[0]
        if fields is not None and path == "/connexion" and secure >= self.compliant:
            return self._refusal(fields.get("email", ""))
        if not self.compliant:
            return self._faulty(path)
        if not secure:
            return Page(308, (("Location", f"{self.https}{path}"),), b"")
        return self._repaired(path)

    def _refusal(self, account: str) -> Page:
        """No one can sign in here. The faulty sample says whom it knows, and never tires."""
        if self.compliant:
            status = 429 if next(self._tries) > TRIES else 401
            message, form = "Identifiant ou mot de passe incorrect.", _LOGIN_GOOD
        else:
            status, form = 200, _LOGIN_BAD.format(http=self.http)
            message = "Mot de passe incorrect." if account == ACCOUNT else "Compte inconnu."
        body = _html("Connexion", f"<p>{message}</p>{form}", notice=self.compliant, style=False)
        return _page(status, [], "text/html; charset=utf-8", body)

    def _faulty(self, path: str) -> Page:
        headers: list[tuple[str, str]] = [
            ("Server", "Apache/2.2.15 (CentOS)"),
            ("X-Powered-By", "PHP/5.4.16"),
            ("Set-Cookie", f"rdv_session={next(self._session)}; Path=/"),
            ("Set-Cookie", "suivi=visiteur; Path=/; Max-Age=94608000"),
        ]
        texts = {
            "/": ("RDV Labo", self._faulty_home()),
            "/connexion": ("Connexion", _LOGIN_BAD.format(http=self.http)),
            "/mon-dossier": ("Mon dossier", "<p>Prochain rendez-vous : jeudi.</p>"),
            "/resultats": ("Mes résultats", "<p>Aucun résultat disponible.</p>"),
            "/export/": ("Index of /export", '<a href="resultats.csv">resultats.csv</a>'),
            "/phpinfo.php": ("phpinfo()", "<p>PHP Version 5.4.16</p>"),
        }
        if path in texts:
            title, content = texts[path]
            body = _html(title, content, notice=False, style=False)
            return _page(200, headers, "text/html; charset=utf-8", body)
        files = {
            "/export/resultats.csv": _EXPORT,
            "/.env": "APP_ENV=production\nDB_PASSWORD=ceci-est-un-exemple\n",
        }
        if path in files:
            return _page(200, headers, "text/plain; charset=utf-8", files[path])
        return _page(404, headers, "text/html; charset=utf-8", "<h1>Not Found</h1>")

    def _faulty_home(self) -> str:
        login = _LOGIN_BAD.format(http=self.http)
        return (
            f'<p><a href="/connexion">Connexion</a></p>{login}<form action="/rdv" method="get">'
            '<label>Nom <input name="nom"></label><label>NIR <input name="nir"></label>'
            "<button>Prendre rendez-vous</button></form>"
            '<img src="http://images.example.fr/logo.png" alt="RDV Labo">'
            '<script src="https://mesure.example.com/suivi.js"></script>'
        )

    def _repaired(self, path: str) -> Page:
        headers = [
            ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                "frame-ancestors 'none'; base-uri 'none'",
            ),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Permissions-Policy", "geolocation=(), camera=(), microphone=()"),
        ]
        texts = {
            "/": ("RDV Labo", f'<p><a href="/connexion">Connexion</a></p>{_LOGIN_GOOD}'),
            "/connexion": ("Connexion", _LOGIN_GOOD),
            "/mon-dossier": ("Mon dossier", "<p>Connectez-vous pour voir votre dossier.</p>"),
            "/resultats": ("Mes résultats", "<p>Connectez-vous pour voir vos résultats.</p>"),
            "/confidentialite": ("Confidentialité", "<p>Qui traite vos données, et pourquoi.</p>"),
        }
        if path in _SENSITIVE:
            headers.append(("Cache-Control", "no-store"))
            token = secrets.token_urlsafe(32)
            flags = "Path=/; Secure; HttpOnly; SameSite=Strict"
            headers.append(("Set-Cookie", f"__Host-session={token}; {flags}"))
        if path in texts:
            title, content = texts[path]
            body = _html(title, content, notice=True, style=True)
            return _page(200, headers, "text/html; charset=utf-8", body)
        if path == "/style.css":
            return _page(200, headers, "text/css", "body { font-family: sans-serif }")
        if path == "/.well-known/security.txt":
            expires = (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = f"Contact: mailto:securite@example.fr\nExpires: {expires}\n"
            return _page(200, headers, "text/plain; charset=utf-8", body)
        return _page(404, headers, "text/html; charset=utf-8", "<h1>Page introuvable</h1>")


def _page(status: int, headers: list[tuple[str, str]], kind: str, body: str) -> Page:
    return Page(status, (*headers, ("Content-Type", kind)), body.encode())
