"""What long work shows on a terminal, and that nothing of it is in a pipe."""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdpr_audit.cli import progress
from gdpr_audit.model import TARGET, Subject
from tests.cli.test_cli import run
from tests.lab import tsa
from tests.reports.test_pdf import usable
from tests.terminal import Said, on_terminal

COMMAND = Path(sys.executable).with_name("gdpr-audit")
DECLARED = "platform: x\nprocessing: {health_data: true, article_9_basis: none}\n"
#: What a line of progress may send to a terminal: colours, cursor hidden and shown, lines cleared.
_OURS = re.compile(r"\x1b\[(?:[\d;]*m|\?25[hl]|\d?K|\d*A)")


def plain(screen: str) -> str:
    """The screen's text; the terminal is sent nothing but what moves our own line."""
    text = _OURS.sub("", screen)
    assert not set(text) & {"\x1b", "\x07", "\x9b"}, text
    return text


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for one in taken:
        one.close()


def test_a_scan_says_what_it_looks_at_and_for_how_long(tmp_path: Path, silent: int) -> None:
    words = ("scan", f"https://127.0.0.1:{silent}/", "--only", "transport", "--timeout", "3")
    said = on_terminal([COMMAND, *words, "-f", "json", "-o", "out.json"], tmp_path)

    assert said.status == 3
    text = plain(said.screen)
    seconds = {int(n) for n in re.findall(r" (\d+) s tls https://127\.0\.0\.1:", text)}
    assert {0, 1, 2} <= seconds  # it counts on though nothing happens
    assert said.screen.rstrip("\r\n").endswith(("\x1b[2K", "\x1b[?25h")), "the line is gone"


def test_nothing_of_it_is_in_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(DECLARED)
    words = ("scan", "-d", "p.yaml", "-f", "json", "-o", "-")

    piped = run(*words, cwd=tmp_path)
    assert (piped.returncode, piped.stderr) == (1, "")
    json.loads(piped.stdout)

    half = on_terminal([COMMAND, *words], tmp_path, piped=True)  # `gdpr-audit scan | jq`
    assert half.status == 1
    json.loads(half.piped)
    assert re.search(r"\d s", plain(half.screen))


@pytest.mark.parametrize("quiet", ["-q", "--quiet"])
def test_quiet_is_quiet(tmp_path: Path, quiet: str) -> None:
    (tmp_path / "p.yaml").write_text(DECLARED)

    assert on_terminal([COMMAND, "scan", "-d", "p.yaml", quiet], tmp_path) == Said(1, "", "")


def test_no_color_is_kept_to(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(DECLARED)
    words = ("scan", "-d", "p.yaml", "-f", "json", "-o", "a.json")

    coloured = on_terminal([COMMAND, *words], tmp_path).screen
    bare = on_terminal([COMMAND, *words, "--no-color"], tmp_path).screen

    colour = re.compile(r"\x1b\[(?:\d+;)*3\dm")
    assert colour.search(coloured)
    assert not colour.search(bare)


def test_judging_rendering_and_importing_say_so(tmp_path: Path) -> None:
    usable()
    (tmp_path / "p.yaml").write_text(DECLARED)
    assert run("scan", "-d", "p.yaml", "-f", "json", "-o", "a.json", cwd=tmp_path).returncode == 1

    pdf = on_terminal([COMMAND, "report", "a.json", "-f", "pdf", "-o", "a.pdf"], tmp_path)
    assert pdf.status == 0
    assert re.search(r"\d s pdf: rendering", plain(pdf.screen))
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")

    judged = on_terminal([COMMAND, "judge", "a.json", "-f", "json", "-o", "b.json"], tmp_path)
    assert judged.status == 1
    assert re.search(r"\d s judging a\.json", plain(judged.screen))

    (tmp_path / "list.csv").write_text("Hébergeur,Activités\nAcme,1\n")
    words = ("hds", "import", "list.csv", "--dry-run", "--as-of", "2026-07-01")
    read = on_terminal([COMMAND, *words], tmp_path, piped=True)
    assert read.status == 0, read
    assert re.search(r"\d s reading list\.csv", plain(read.screen))
    assert "reading" not in read.piped


def test_what_asks_the_network_says_whom(tmp_path: Path) -> None:
    """And standard output has what was found, and nothing of the line."""
    address = "https://127.0.0.1:1/"
    tree = on_terminal([COMMAND, "hosting", address, "--offline"], tmp_path, piped=True)
    assert tree.status == 0
    assert re.search(rf"\d s following {address}", plain(tree.screen))
    assert tree.piped.startswith("127.0.0.1\n")

    words = ("ranges", "fetch", "--proxy", "http://127.0.0.1:1")
    fetched = on_terminal([COMMAND, *words], tmp_path, piped=True)
    assert (fetched.status, fetched.piped) == (3, "")
    assert re.search(r"\d s fetching the ranges of aws", plain(fetched.screen))
    assert plain(fetched.screen).count("not fetched") == 5


def test_sealing_and_verifying_say_so(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(DECLARED)
    words = ("scan", "-d", "p.yaml", "--bundle", "a.zip", "-f", "json", "-o", "a.json")
    with tsa.serve(tmp_path / "tsa") as authority:
        sealed = on_terminal([COMMAND, *words, "--timestamp", authority.url], tmp_path)
        quiet = on_terminal([COMMAND, *words, "-q", "--timestamp", authority.url], tmp_path)
    assert sealed.status == 1
    assert re.search(r"\d s time stamp: asking http", plain(sealed.screen))
    assert quiet == Said(1, "", "")

    verified = on_terminal([COMMAND, "verify", "a.zip"], tmp_path, piped=True)
    assert verified.status == 0
    assert re.search(r"\d s verifying a\.zip", plain(verified.screen))
    assert "verifying" not in verified.piped


def test_a_dumb_terminal_has_nothing_to_take_back(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(DECLARED)
    words = ("scan", "-d", "p.yaml", "-f", "json", "-o", "a.json")

    said = on_terminal([COMMAND, *words], tmp_path, env={"TERM": "dumb"})

    assert said == Said(1, "", "")


HOSTILE = "https://a.example/\x1b]0;owned\x07\x1b[2J\x9b31m\r\n[red]x[/red][/]\u202egnp"


def test_a_hostile_name_cannot_command_the_terminal(tmp_path: Path) -> None:
    """Neither by a subject's name, nor by a file's, nor by Rich's markup."""
    program = (
        "import time\nfrom gdpr_audit.cli import progress\nfrom gdpr_audit.model import Subject\n"
        f"hostile = {HOSTILE!r}\n"
        "with progress.working(hostile) as say:\n"
        "    time.sleep(0.3)\n    say('[bold]' + hostile)\n    time.sleep(0.3)\n"
        "    progress.Running(say)('tls', Subject('target', hostile), False)\n    time.sleep(0.3)\n"
    )
    said = on_terminal([sys.executable, "-c", program], tmp_path)

    assert said.status == 0, said.screen
    text = plain(said.screen)
    assert "[red]x[/red][/]gnp" in text
    assert "[bold]https" in text
    assert "owned" not in text
    assert "\u202e" not in text


def test_the_line_never_takes_a_second_one(tmp_path: Path) -> None:
    program = (
        "import time\nfrom gdpr_audit.cli import progress\n"
        "with progress.working('word ' * 100): time.sleep(0.3)\n"
    )
    said = on_terminal([sys.executable, "-c", program], tmp_path)

    assert "…" in said.screen
    assert "\x1b[1A" not in said.screen.partition("…")[2].rpartition("…")[0]


def test_the_checks_at_work_are_named_and_forgotten_when_done() -> None:
    said: list[str] = []
    running = progress.Running(said.append)
    site, mail = Subject(TARGET, "https://a.example/"), Subject(TARGET, "smtp://b.example")

    running("tls", site, False)
    running("web", site, False)
    running("tls", site, True)
    running("tls", mail, False)
    running("web", site, True)
    running("tls", mail, True)

    assert said == [
        "tls https://a.example/",
        "tls https://a.example/, web https://a.example/",
        "web https://a.example/",
        "tls smtp://b.example, web https://a.example/",
        "tls smtp://b.example",
        "judging",
    ]
