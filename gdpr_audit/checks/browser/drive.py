"""Drives an installed Chromium by Playwright through the door.

A fresh profile for each of three visits: one that chooses nothing, one that refuses and one that
accepts. What is kept are names and hosts, never a value.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gdpr_audit.checks.browser import kinds
from gdpr_audit.checks.domains import domain_of
from gdpr_audit.checks.trackers import tracker_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Browser, BrowserContext, Page

    Asked = Callable[[str], None]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LOAD = 15_000  # milliseconds for a page to load
SETTLE = 1.5  # seconds after that for what it still starts
MOST = 1000  # requests noted of one visit
LEAVE = 0.3  # seconds for the visits to end whose browser was killed

#: An HTTP proxy carries no UDP, so that a page's peer connections (WebRTC) would go round it, and a
#: name that is not the proxy's to resolve would be asked of the machine's own resolver.
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # Chromium and Chrome
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its headless shell
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
#: What of the environment a browser is given: hostile pages run in it, and it needs no key.
_NEEDS = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "DISPLAY", "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
    "LD_LIBRARY_PATH", "SYSTEMROOT", "LOCALAPPDATA", "APPDATA", "PROGRAMFILES", "USERPROFILE",
)  # fmt: skip

#: In the page: the texts of what can be pressed and is seen, and the press itself.
_CONTROLS = "button, a, [role=button], input[type=button], input[type=submit]"
_PRESSABLE = """
(controls) => [...document.querySelectorAll(controls)].map((node, index) => {
  const box = node.getBoundingClientRect(), style = getComputedStyle(node);
  const seen = box.width > 4 && box.height > 4 && style.visibility !== 'hidden'
    && style.display !== 'none' && Number(style.opacity) > 0.1;
  const words = node.innerText || node.value || node.ariaLabel || '';
  return seen ? [index, words.trim().slice(0, 80)] : null;
}).filter(item => item && item[1])
"""
_PRESS = "([controls, index]) => [...document.querySelectorAll(controls)][index].click()"
_STORED = """
() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].slice(0, 200)
"""
_ACCEPT = (
    "tout accepter", "accepter tout", "accepter et fermer", "accepter et continuer", "accepter",
    "j'accepte", "j’accepte", "ok pour moi", "d'accord", "autoriser", "tout autoriser",
    "accept all", "accept all cookies", "accept", "i accept", "i agree", "agree", "allow all",
    "accepter les cookies", "got it", "ok, tout accepter",
)  # fmt: skip
_REFUSE = (
    "tout refuser", "refuser tout", "refuser", "je refuse", "continuer sans accepter",
    "poursuivre sans accepter", "non merci", "interdire tous les cookies", "refuser les cookies",
    "reject all", "reject", "decline", "decline all", "deny", "deny all", "no thanks",
    "continue without accepting", "refuse", "refuse all", "only necessary", "necessary only",
)  # fmt: skip


@dataclass
class Visit:
    """What one visit left and called; names and hosts only."""

    cookies: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    storage: list[str] = field(default_factory=list)
    trackers: list[str] = field(default_factory=list)
    pressed: str | None = None


@dataclass
class Seen:
    """The three visits. `accept` and `refuse` are the words of the first layer's controls."""

    before: Visit = field(default_factory=Visit)
    accept: str | None = None
    refuse: str | None = None
    refused: Visit | None = None
    accepted: Visit | None = None


def executable(given: str) -> str | None:
    """The browser's path; None where none is installed."""
    if given != "auto":
        return given if os.access(given, os.X_OK) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def failures() -> type[Exception]:
    """What the driver raises where a page cannot be had, a timeout included."""
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    return Error


async def look(url: str, proxy: dict[str, str], path: str, asks_for: Asked) -> Seen:
    """All three visits; `asks_for` is told each host that a page asks for something.

    Raises playwright's Error.
    """
    from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra

    mark = f"--gdpr-audit={secrets.token_hex(16)}"  # Chromium passes over what it does not know
    arguments = [*_ARGUMENTS, mark]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium has no sandbox for root
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            args=arguments,
            env={name: os.environ[name] for name in _NEEDS if name in os.environ},
            proxy={**proxy, "bypass": "<-loopback>"},  # type: ignore[arg-type]  # a TypedDict
        )
        visits = asyncio.create_task(_visits(browser, url, asks_for))
        try:
            return await asyncio.shield(visits)
        except asyncio.CancelledError:
            _kill(mark)  # first, for a page may keep its browser from closing
            visits.cancel()
            await asyncio.wait({visits}, timeout=LEAVE)
            raise
        finally:
            await browser.close()


def _kill(mark: str) -> None:
    """End the processes of the browser that was started with this argument, on Linux."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile, or is another user's
            if mark.encode() in line.read_bytes():
                os.kill(int(line.parent.name), signal.SIGKILL)


async def _visits(browser: Browser, url: str, asks_for: Asked) -> Seen:
    seen = Seen()
    seen.before, words = await _visit(browser, url, None, asks_for)
    seen.accept = _first(words, _ACCEPT)
    seen.refuse = _first(words, _REFUSE)
    presses = [words for words in (seen.refuse, seen.accept) if words is not None]
    # most of a visit is waiting for the page: the two have profiles of their own
    visits = await asyncio.gather(*(_visit(browser, url, press, asks_for) for press in presses))
    for visit, _ in visits:
        if visit.pressed == seen.refuse:
            seen.refused = visit
        else:
            seen.accepted = visit
    return seen


def _first(words: list[str], wanted: tuple[str, ...]) -> str | None:
    """The control whose words are one of those wanted, the surest first."""
    plain = {" ".join(word.lower().split()).strip(" .!→›×"): word for word in words}
    return next((plain[word] for word in wanted if word in plain), None)


async def _visit(
    browser: Browser, url: str, press: str | None, asks_for: Asked
) -> tuple[Visit, list[str]]:
    """One visit in a fresh profile; with `press`, the page is loaded again after that choice."""
    context = await browser.new_context(ignore_https_errors=True, locale="fr-FR")
    context.on("request", lambda request: asks_for(urlsplit(request.url).hostname or ""))
    visit = Visit(pressed=press)
    try:
        page = await context.new_page()
        page.set_default_timeout(LOAD)
        hosts: list[str] = []
        if press is None:
            _note(page, hosts)
        await page.goto(url, wait_until="load", timeout=LOAD)
        await asyncio.sleep(SETTLE)
        words = await _pressable(page)
        if press is not None:
            await _choose(page, press)
            _note(page, hosts)
            await page.goto(url, wait_until="load", timeout=LOAD)
            await asyncio.sleep(SETTLE)
        await _collect(visit, context, page, url, hosts)
        return visit, words
    finally:
        await context.close()


def _note(page: Page, hosts: list[str]) -> None:
    def request(given: Any) -> None:
        host = urlsplit(given.url).hostname
        if host and len(hosts) < MOST:
            hosts.append(host)

    page.on("request", request)


async def _pressable(page: Page) -> list[str]:
    found: list[str] = []
    for frame in page.frames[:20]:
        try:
            given = await frame.evaluate(_PRESSABLE, _CONTROLS)
            found += [str(text) for _, text in given]
        except Exception:  # noqa: BLE001, S112 - a frame may go away at any moment
            continue
    return found


async def _choose(page: Page, words: str) -> None:
    """Press the control of those words, in whichever frame it is."""
    for frame in page.frames[:20]:
        for index, text in await frame.evaluate(_PRESSABLE, _CONTROLS):
            if text == words:
                await frame.evaluate(_PRESS, [_CONTROLS, index])
                await asyncio.sleep(SETTLE)
                return


async def _collect(
    visit: Visit, context: BrowserContext, page: Page, url: str, hosts: list[str]
) -> None:
    own = urlsplit(url).hostname or ""
    for cookie in await context.cookies():
        name, domain = cookie.get("name", ""), cookie.get("domain", "").lstrip(".")
        third = (domain_of(domain) or domain) != (domain_of(own) or own)
        _sort(visit.cookies, visit.unclear, name, third, f" ({domain})" if third else "")
    for name in await page.evaluate(_STORED):
        _sort(visit.storage, visit.unclear, str(name)[:80], False, "")
    found = {str(tracker) for host in hosts if (tracker := tracker_of(host)) is not None}
    visit.trackers = sorted(found)


def _sort(sure: list[str], unclear: list[str], name: str, third: bool, where: str) -> None:
    needs = kinds.needs_consent(name, third_party=third)
    if needs:
        sure.append(f"{name}{where}")
    elif needs is None:
        unclear.append(f"{name}{where}")
