"""An image of the Dockerfile, built by buildah and run as Docker would: read-only, as its user.

Its base is a stand-in for Python's: an empty tree, into which the machine's own /usr and the
Python of the tests are mounted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import leave_out, program

ROOT = Path(__file__).parents[2]
BASE = "localhost/stand-in:3"
PYTHON = Path(sys.base_prefix)
_LENT = [Path("/usr")] if PYTHON.is_relative_to("/usr") else [Path("/usr"), PYTHON]
#: How pip is told its way to the packages on this machine.
_WAYS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
_PATH = f"{PYTHON}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_RUN = """
root=$1 work=$2 lent=$3; shift 3
mount --bind "$root" "$root"; mount --bind "$work" "$root/work"
for place in $lent /dev; do mount --rbind "$place" "$root$place"; done
mount -t proc proc "$root/proc"
mount -o remount,ro,bind "$root"
exec "$@"
"""


class Builder:
    """buildah with a store of its own under `folder`."""

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0:
            leave_out("an image is built by root alone")
        self._folder = folder
        self._words = [
            program("buildah", "buildah"), "--storage-driver", "vfs",
            "--root", str(folder / "store"), "--runroot", str(folder / "run"),
        ]  # fmt: skip
        self._base()

    def __call__(self, *words: str | Path) -> str:
        done = subprocess.run(
            [*self._words, *map(str, words)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout.strip()

    def build(self, name: str, context: Path, *words: str | Path) -> None:
        volumes = (f"--volume={path}:{path}:ro" for path in (*_LENT, "/etc/ssl"))
        self("bud", "--isolation=chroot", *volumes, "--tag", name, *words, context)

    def tree(self, name: str) -> Path:
        """Where the files of an image lie, in a container of it."""
        return Path(self("mount", self("from", "--pull-never", name)))

    def config(self, name: str) -> dict[str, Any]:
        found = json.loads(self("inspect", "--type", "image", name))["OCIv1"]["config"]
        assert isinstance(found, dict)
        return found

    def close(self) -> None:
        """Take it all away: it is large."""
        self("rm", "--all")
        self("rmi", "--all", "--force")

    def _base(self) -> None:
        tree = self._folder / "base" / "tree"
        for place in (*_LENT, *map(Path, ("/dev", "/etc", "/proc", "/run", "/sys", "/tmp"))):
            (tree / place.relative_to("/")).mkdir(parents=True)
        for name in ("bin", "lib", "lib64", "sbin"):
            (tree / name).symlink_to(f"usr/{name}")
        for file in (Path("/etc/pip.conf"), Path("/etc/passwd")):
            if file.exists():
                shutil.copy(file, tree / "etc")
        ways = (f"ENV {name}={os.environ[name]}\n" for name in _WAYS if name in os.environ)
        file = tree.parent / "Dockerfile"
        file.write_text(f"FROM scratch\nCOPY tree /\nENV PATH={_PATH}\n{''.join(ways)}")
        self("bud", "--tag", BASE, tree.parent)


def run(
    tree: Path, config: dict[str, Any], work: Path, *words: str, user: str = ""
) -> subprocess.CompletedProcess[str]:
    """`docker run --read-only --cap-drop ALL --security-opt no-new-privileges --user USER
    -v WORK:/work IMAGE WORDS`, with nothing else to write: who is not root has no capability.
    """
    inside = [
        program("setpriv", "util-linux"), "--no-new-privs", "--",
        program("chroot", "coreutils"), f"--userspec={user or config['User']}", "--groups=", tree,
        "/usr/bin/env", "-i", "HOME=/", *config["Env"],
        "/bin/sh", "-c", 'cd "$0" && exec "$@"', config["WorkingDir"],
        *config["Entrypoint"], *words,
    ]  # fmt: skip
    return subprocess.run(
        [program("unshare", "util-linux"), "-m", "/bin/sh", "-euc", _RUN, "sh", tree, work,
         " ".join(map(str, _LENT)), *inside],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
