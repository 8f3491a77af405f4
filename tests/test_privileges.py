"""Least privilege: a scan without a capability, on a disk that cannot be written but for one folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import namespace, program
from tests.lab import pki, servers
from tests.lab.servers import Answer

ROOT = Path(__file__).parents[1]
#: In a mount namespace of its own: all read-only, the given folder apart; then every right given up.
CONFINED = """
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro /
! touch "$2/.written" 2>/dev/null
cd "$1"; shift 2
exec setpriv --inh-caps=-all --bounding-set=-all --no-new-privs -- "$@"
"""


def test_a_scan_needs_no_right_and_writes_only_where_it_is_told(tmp_path: Path) -> None:
    unshare = namespace("--mount")
    program("setpriv", "util-linux")
    root = pki.authority("Lab Root")
    files = pki.save(tmp_path, "server", [pki.leaf(root)])
    pki.save(tmp_path, "root", [root])
    context = servers.context(files)
    with servers.web(lambda *_: Answer(body=b"<html>ok</html>"), context) as server:
        line = [
            *unshare, "sh", "-c", CONFINED, "sh", str(tmp_path), str(ROOT), sys.executable, "-m",
            "gdpr_audit", "scan", f"https://localhost:{server.port}/", "--ca-file", "root.pem",
            "--browser", "none", "-f", "json", "-f", "html", "-o", "out/", "--journal", "j.jsonl",
            "--bundle", "b.zip",
        ]  # fmt: skip
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": "/nowhere", "HOME": "/nowhere"}
        done = subprocess.run(
            line, capture_output=True, text=True, check=False, timeout=60, env=env
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"audit.json", "audit.html"}
    assert (tmp_path / "b.zip").stat().st_size > 1000
    assert '"reached": true' in (tmp_path / "out" / "audit.json").read_text("utf-8")
