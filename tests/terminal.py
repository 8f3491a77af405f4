"""A program on a terminal of its own, as a person has it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SLOW = 60  # seconds after which a program that should have ended has hung


class Said(NamedTuple):
    status: int
    screen: str  # what came to the terminal
    piped: str  # what came to standard output, where that is no terminal


def on_terminal(
    words: Sequence[str | Path],
    cwd: Path,
    *,
    typed: Sequence[tuple[str, str]] = (),
    piped: bool = False,
    env: Mapping[str, str] | None = None,
) -> Said:
    """Run a program on a terminal of 80 columns; `typed`: wait for this, then type that.

    With `piped`, standard output alone is a pipe, as in `program | less`.
    """
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    surroundings = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    program = subprocess.Popen(
        [str(word) for word in words], cwd=cwd, stdin=inner, stderr=inner, start_new_session=True,
        stdout=subprocess.PIPE if piped else inner,
        env={**surroundings, "TERM": "xterm-256color", **(env or {})},
    )  # fmt: skip
    os.close(inner)
    waiting = list(typed)
    screen = out = b""
    watched = [outer] if program.stdout is None else [outer, program.stdout.fileno()]
    seen = 0
    end = time.monotonic() + SLOW
    try:
        while time.monotonic() < end:
            ready = select.select(watched, [], [], 0.05)[0]
            if ready and ready[-1] != outer:  # else a full pipe would hold the program up
                more = os.read(ready[-1], 65536)
                out += more
                if not more:
                    watched.pop()
            if outer in ready:
                try:
                    more = os.read(outer, 65536)
                except OSError as error:
                    if error.errno != errno.EIO:
                        raise
                    break  # nobody holds the other side any more
                if not more:
                    break
                screen += more
            if waiting and (at := screen.find(waiting[0][0].encode(), seen)) >= 0:
                seen = at + len(waiting[0][0].encode())
                os.write(outer, waiting.pop(0)[1].encode())
    finally:
        os.close(outer)
        with contextlib.suppress(subprocess.TimeoutExpired):
            out += program.communicate(timeout=5)[0] or b""
        if program.poll() is None:
            program.kill()
            program.wait()
    assert not waiting, (waiting, screen)
    return Said(program.returncode, screen.decode("utf-8", "replace"), out.decode())
