"""Every command that the documentation shows is run, and does what is said beside it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdpr_audit import declaration, demo
from tests.cli.test_cli import run
from tests.lab import cluster, tsa

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md", "docs/method.md", "docs/design.md", "docs/extending.md", "docs/hosting.md",
    "docs/hds-list.md", "docs/replay.md", "docs/pipeline.md", "docs/evidence.md",
    "docs/reports.md",
    "docs/proof.md", "docs/fleet.md", "docs/comparison.md",
)  # fmt: skip


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            for line in block.strip().split("\n"):
                yield page, line


@pytest.mark.parametrize("target", sorted({c for _, c in commands() if c.startswith("make ")}))
def test_make_knows_the_target(target: str) -> None:
    done = subprocess.run(
        ["make", "-n", *target.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_every_command_of_the_documentation_runs(tmp_path: Path) -> None:
    """In the order of the pages, in one folder, against the sample in place of the example host."""
    rule = re.search(
        r"```yaml\n(id: hsts-two-years.*?)```",
        (ROOT / "docs/extending.md").read_text("utf-8"),
        re.DOTALL,
    )
    assert rule is not None
    pack = tmp_path / "my-rules" / "web"
    pack.mkdir(parents=True)
    (pack / "hsts-two-years.yaml").write_text(rule[1], "utf-8")
    own = re.search(
        r"```yaml\n(id: our-tls.*?)```", (ROOT / "docs/method.md").read_text("utf-8"), re.DOTALL
    )
    assert own is not None
    (tmp_path / "our-tls.yaml").write_text(own[1], "utf-8")
    saved = re.search(
        r"```csv\n(Export.*?)```", (ROOT / "docs/hds-list.md").read_text("utf-8"), re.DOTALL
    )
    assert saved is not None
    (tmp_path / "liste.csv").write_text(saved[1], "cp1252")
    accepted = re.search(
        r"```yaml\n(waivers:.*?)```", (ROOT / "docs/pipeline.md").read_text("utf-8"), re.DOTALL
    )
    assert accepted is not None
    (tmp_path / "waivers.yaml").write_text(accepted[1], "utf-8")
    fleet = re.search(
        r"```csv\n(name.*?)```", (ROOT / "docs/fleet.md").read_text("utf-8"), re.DOTALL
    )
    assert fleet is not None
    seen = []
    with (
        demo.serve(tmp_path, compliant=True) as sample,
        tsa.serve(tmp_path / "tsa") as authority,
        cluster.running(tmp_path, workers=1) as dask,
    ):
        listed = fleet[1].replace("https://rdv.example.fr/", sample.https_url)
        (tmp_path / "fleet.csv").write_text(listed, "utf-8")
        shutil.copy(authority.roots, tmp_path / "tsa-ca.pem")
        (tmp_path / "platform.yaml").unlink()  # `init` is to write it
        for page, line in commands():
            words = shlex.split(
                line.replace("https://rdv.example.fr/", sample.https_url)
                .replace("https://tsa.example/tsr", authority.url)
                .replace("tcp://127.0.0.1:8786", dask.address)
            )
            if words[0] != "gdpr-audit":
                continue
            done = run(*words[1:], cwd=tmp_path, HOME=str(tmp_path))
            assert done.returncode in (0, 1 if "--fail-on" in words or "diff" in words else 0), (
                page,
                line,
                done.stderr,
            )
            assert done.stderr == "", (page, line)
            seen.append(words[1])

    assert {"init", "scan", "report", "rules", "hds", "keygen", "verify", "fleet"} <= set(seen)
    assert "32(1)" in (tmp_path / "papers" / "audit.article-30.html").read_text("utf-8")
    assert (tmp_path / "out" / "audit.html").exists()


def test_what_the_documentation_declares_is_a_declaration(tmp_path: Path) -> None:
    text = (ROOT / "docs/hosting.md").read_text("utf-8")
    hosting, exemption = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "platform.yaml"
    path.write_text(f"platform: x\n{hosting}{exemption}", "utf-8")

    [hoster] = declaration.read(path).platform.hosting or []
    assert hoster.exemption is not None


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_readme_counts_the_rules() -> None:
    count = len(list((ROOT / "rules").rglob("*.yaml")))

    assert f"by {count} rules" in " ".join((ROOT / "README.md").read_text("utf-8").split())
