"""What a decision's platform served, on loopback: with its fault, and repaired.

Each site is a function that starts its servers on `stage.stack` and puts its targets, and the ports
that are to be asked, on the stage.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import program
from tests.lab import login, pki, servers
from tests.lab.servers import Answer
from tests.lab.tls import free_port

HTML = ("Content-Type", "text/html; charset=utf-8")
GUARDED = [
    HTML,
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]
FORM = (
    '<form action="/in" method="post"><input name=email type=email><input type=password name=p>'
    '</form><a href="/privacy">Confidentialité</a>'
)
NIR = "2 69 05 49 588 157 80"  # a public specimen's number
PEOPLE = "nom,prenom,email,telephone,nir\n" + "".join(
    f"DURAND{n},Alix,alix{n}@example.fr,06 12 34 56 7{n},{NIR}\n" for n in range(3)
)


@dataclass(frozen=True)
class Keys:
    """The lab's root, a sound certificate and an expired one, for localhost."""

    root: Path
    sound: tuple[Path, Path]
    expired: tuple[Path, Path]


def keys(folder: Path) -> Keys:
    root = pki.authority("Replay Root")
    saved, _ = pki.save(folder, "root", [root])
    sound = pki.save(folder, "sound", [pki.leaf(root), root])
    expired = pki.save(folder, "expired", [pki.leaf(root, first=-60, last=-5), root])
    return Keys(saved, sound, expired)


@dataclass
class Stage:
    """One audit's servers: with the fault, or repaired."""

    stack: ExitStack
    faulty: bool
    keys: Keys
    targets: list[dict[str, Any]] = field(default_factory=list)
    ports: list[tuple[int, str]] = field(default_factory=list)
    browser: str | None = None

    def web(self, site: servers.Site, context: ssl.SSLContext | None = None) -> int:
        return self.stack.enter_context(servers.web(site, context)).port

    def https(self, page: bytes = b"<p>RDV") -> str:
        """A well-kept page over sound TLS."""
        context = servers.context(self.keys.sound)
        port = self.web(lambda *_: Answer(headers=GUARDED, body=page), context)
        return f"https://localhost:{port}/"

    def serve(self, site: servers.Site, **declared: Any) -> None:
        """A target, in clear with its fault, over sound TLS without it."""
        context = None if self.faulty else servers.context(self.keys.sound)
        scheme = "http" if self.faulty else "https"
        url = f"{scheme}://localhost:{self.web(site, context)}/"
        self.targets.append({"url": url, **declared})

    def tcp(self, *turns: bytes, first: bytes = b"") -> int:
        """A server that greets, then answers each message with the next turn."""

        def talk(connection: Any) -> None:
            if first:
                connection.sendall(first)
            for turn in turns:
                if not connection.recv(65536):
                    return
                connection.sendall(turn)
            connection.recv(65536)

        return self.stack.enter_context(servers.tcp(talk)).port


def _page(stage: Stage, faulty: str, repaired: str) -> None:
    """One page; repaired, it is well kept."""
    headers, body = ([HTML], faulty) if stage.faulty else (GUARDED, repaired)
    page = f"<html><body><h1>RDV</h1>{body}</body></html>".encode()
    stage.serve(lambda *_: Answer(headers=headers, body=page))


def open_folder(stage: Stage) -> None:
    served = {"/": Answer(headers=GUARDED, body=b"<p>RDV")}
    if stage.faulty:
        index = '<title>Index of /export/</title><h1>Index of /export/</h1><a href="patients.csv">'
        served["/export/"] = Answer(headers=[HTML], body=f"{index}patients.csv</a>".encode())
        served["/export/patients.csv"] = Answer(
            headers=[("Content-Type", "text/csv")], body=PEOPLE.encode()
        )
    missing = Answer(404, GUARDED, b"<p>introuvable")
    stage.serve(lambda path, _: served.get(path, missing))


_GREETING = b"\x0a8.0.36\0" + bytes(4) + b"12345678\0" + bytes(30) + b"mysql_native_password\0"
_MYSQL = len(_GREETING).to_bytes(3, "little") + b"\0" + _GREETING
_LET_IN = b"\x07\0\0\x02\0\0\0\x02\0\0\0"
_DENIED = b"\xff\x15\x04#28000Access denied"  # 1045


def open_database(stage: Stage) -> None:
    """MySQL, whose root needs no password; repaired, it is denied."""
    denied = len(_DENIED).to_bytes(3, "little") + b"\x02" + _DENIED
    port = stage.tcp(_LET_IN if stage.faulty else denied, first=_MYSQL)
    stage.ports.append((port, "mysql"))


#: A-ASSOCIATE-AC and -RJ (the calling AE title is not recognised), PS3.8 9.3.3 and 9.3.4.
_ACCEPTED = b"\x02\0\0\0\0\x44\0\x01\0\0" + bytes(64)
_REJECTED = b"\x03\0\0\0\0\x04\0\x01\x01\x03"


def open_dicom(stage: Stage) -> None:
    port = stage.tcp(_ACCEPTED if stage.faulty else _REJECTED)
    stage.ports.append((port, "dicom"))


def open_ftp(stage: Stage) -> None:
    """Repaired, nothing listens there any more."""
    port = stage.tcp(b"221 Bye\r\n", first=b"220 ready\r\n") if stage.faulty else free_port()
    stage.ports.append((port, "ftp"))


def open_remote_desktop(stage: Stage) -> None:
    confirm = b"\x03\0\0\x13\x0e\xd0\0\0\x124\0\x02\x1f\x08\0\x02\0\0\0"
    stage.ports.append((stage.tcp(confirm) if stage.faulty else free_port(), "rdp"))


def in_clear(stage: Stage) -> None:
    """A sign-in page over http; repaired, http does nothing but lead to https."""
    if stage.faulty:
        port = stage.web(lambda *_: Answer(headers=[HTML], body=FORM.encode()))
    else:
        there = stage.https(FORM.encode())
        port = stage.web(lambda *_: Answer(301, [("Location", there)]))
    stage.targets.append({"url": f"http://localhost:{port}/"})


def old_tls(stage: Stage) -> None:
    """TLS 1.1 and 1.0, by the local library; repaired, 1.2 and 1.3."""
    if not stage.faulty:
        stage.targets.append({"url": stage.https()})
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is what is to be shown
        context = servers.context(
            stage.keys.sound, "ALL:!aNULL:!eNULL:@SECLEVEL=0", minimum_version=ssl.TLSVersion.TLSv1
        )
    port = stage.web(lambda *_: Answer(headers=GUARDED, body=b"<p>RDV"), context)
    stage.targets.append({"url": f"https://localhost:{port}/"})


def expired_certificate(stage: Stage) -> None:
    files = stage.keys.expired if stage.faulty else stage.keys.sound
    port = stage.web(lambda *_: Answer(headers=GUARDED, body=b"<p>RDV"), servers.context(files))
    stage.targets.append({"url": f"https://localhost:{port}/"})


def pixel(stage: Stage) -> None:
    call = '<script src="https://connect.facebook.net/en_US/fbevents.js"></script>'
    _page(stage, call, "<p>Panier")


def scripts_of_others(stage: Stage) -> None:
    script = '<script src="https://cdn.example.net/payment.js"></script>'
    _page(stage, script, '<script src="/payment.js"></script>')


_SET = "document.cookie='_ga=GA1.2.3; max-age=9999; path=/';"
_CONSENT = """<div id=b><p>Nous utilisons des cookies</p>
<button onclick="choose('yes')">Tout accepter</button>
<button onclick="choose('no')">Tout refuser</button></div><script>
function choose(c) { document.cookie='consent='+c+'; max-age=9999; path=/'; location.reload(); }
const said = (document.cookie.match(/consent=(\\w+)/) || [])[1];
if (said) document.getElementById('b').remove();
WHEN
</script>"""


def cookies(stage: Stage) -> None:
    """A tracker from the first visit on, refused or not; repaired, after consent alone."""
    stage.browser = program("chromium", "chromium")
    when = _SET if stage.faulty else f"if (said === 'yes') {{ {_SET} }}"
    page = f"<html><body><h1>RDV</h1>{_CONSENT.replace('WHEN', when)}</body></html>".encode()
    stage.serve(lambda *_: Answer(headers=[HTML], body=page))


def locks_after_50(stage: Stage) -> None:
    """A sign-in page that holds back at the 51st wrong password; repaired, at the eleventh."""
    _sign_in(stage, 50 if stage.faulty else 10)


def never_locks(stage: Stage) -> None:
    """A sign-in page that takes any number of wrong passwords; repaired, ten."""
    _sign_in(stage, 1_000_000 if stage.faulty else 10)


def _sign_in(stage: Stage, most: int) -> None:
    def refuse(form: login.Login, user: str, tries: int) -> Answer:
        if tries > most:
            return Answer(429, [login.HTML], b"no")
        return login.same(form, user, tries)

    stage.serve(
        login.Login(refuse),
        audience=["patients"],
        login_page="/in",
        test_account={"username": login.USER},
    )


def eight_at_most(stage: Stage) -> None:
    """A sign-in form whose password field takes eight characters; repaired, as many as one likes."""
    field = (
        "<input type=password name=p maxlength=8>"
        if stage.faulty
        else "<input type=password name=p>"
    )
    form = FORM.replace("<input type=password name=p>", field)
    stage.serve(
        lambda *_: Answer(headers=GUARDED, body=form.encode()),
        audience=["patients"],
        login_page="/in",
    )


SITES: dict[str, Callable[[Stage], None]] = {
    site.__name__: site
    for site in (
        open_folder, open_database, open_dicom, open_ftp, open_remote_desktop, in_clear, old_tls,
        expired_certificate, pixel, scripts_of_others, cookies, locks_after_50,
        never_locks, eight_at_most,
    )
}  # fmt: skip
