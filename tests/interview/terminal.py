"""A person at a terminal: a pseudo-terminal that the program takes for a real one."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path


class Terminal:
    """Runs `gdpr-audit` with these words; `say` answers once the prompt is there."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._master, slave = pty.openpty()
        program = "from gdpr_audit.cli import main; main()"
        env = {k: v for k, v in os.environ.items() if not k.startswith("GDPR_AUDIT")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *words], cwd=folder, stdin=slave, stdout=slave, stderr=slave,
            env={**env, "TERM": "dumb", "PYTHONUTF8": "1"}, start_new_session=True, close_fds=True,
            preexec_fn=_controlling,  # noqa: PLW1509 - between fork and exec, of one thread
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        self._at = 0

    def expect(self, *words: str, within: float = 20) -> str:
        """Wait for one of these after what was waited for before. Returns what came until it."""
        end = time.monotonic() + within
        while True:
            found = [(at, w) for w in words if (at := self.seen.find(w, self._at)) >= 0]
            if found:
                at, word = min(found)
                before, self._at = self.seen[self._at : at], at + len(word)
                return before
            if not self._more(end - time.monotonic()):
                raise AssertionError(f"{words} never came after:\n{self.seen[self._at :]}")

    def _more(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False  # Linux ends a terminal that nobody holds any more so
        self.seen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode() + b"\n")

    def say(self, question: str, answer: str) -> str:
        """Answer a question that is known by some of its words. Returns what was shown for it."""
        self.expect(question)
        shown = self.expect("> ")
        self.type(answer)
        return shown

    def enter_until(self, word: str) -> None:
        """Say "I don't know" to everything until this word."""
        while True:
            start = self._at
            self.expect("\n> ", word)
            if self.seen[self._at - len(word) : self._at] == word:
                self._at = start if word not in self.seen[:start] else self._at - len(word)
                return
            self.type("")

    def skip_to(self, question: str, answer: str) -> None:
        """Say "I don't know" until a question, and answer that."""
        self.enter_until(question)
        self.expect("> ")
        self.type(answer)

    def again(self, words: str, answer: str) -> None:
        """Be told that an answer was none, and give another."""
        self.expect(words)
        self.expect("> ")
        self.type(answer)

    def talk(self, *lines: tuple[str, str]) -> None:
        """A question and its answer; after `...` all before are skipped, `!` is a complaint."""
        for words, answer in lines:
            if words.startswith("..."):
                self.skip_to(words[3:], answer)
            elif words.startswith("!"):
                self.again(words[1:], answer)
            else:
                self.say(words, answer)

    def interrupt(self, *, prompt: bool = True) -> None:
        """Ctrl-C; again where it came between the prompt and the reading of it, as people do."""
        if prompt:
            self.expect("\n> ")
        for _ in range(5):
            os.killpg(self._process.pid, signal.SIGINT)
            if self._more(3):
                return

    def end(self) -> int:
        """Wait for the end. Returns the exit status."""
        while self._more(60):
            pass
        os.close(self._master)
        return self._process.wait(60)


def _controlling() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
