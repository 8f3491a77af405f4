"""`gdpr-audit hosting` and `gdpr-audit ranges`, as a user has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gdpr_audit.network import Settings
from tests.attribution.test_files import AWS, AZURE, CLOUDFLARE, FASTLY, GOOGLE, ORACLE
from tests.cli.test_cli import run
from tests.lab.internet import HETZNER, HOST, LIST, OVH, Net, running
from tests.lab.servers import Answer

PAGE = b"""<html><title>x</title><script src="https://www.google-analytics.com/a.js"></script>
<img src="https://cdn.example.test/x.png"></html>"""


def ways(settings: Settings) -> list[str]:
    """The options that lead a command into the lab."""
    assert settings.resolver
    assert settings.proxy
    return [
        "--resolver", f"{settings.resolver[0]}:{settings.resolver[1]}",
        "--proxy", f"http://{settings.proxy.host}:{settings.proxy.port}",
        "--ca-file", str(settings.ca_file),
    ]  # fmt: skip


def net() -> Net:
    kind = ("content-type", "text/html")
    return Net(
        {
            HOST: "app.osc-fr1.scalingo.io",
            "app.osc-fr1.scalingo.io": OVH,
            "cdn.example.test": HETZNER,
        },
        pointers={OVH: "vps7.example.test"},
        pages={f"{HOST}/": Answer(200, [kind], PAGE)},
    )


def test_the_chain_is_a_tree_of_all_that_was_found(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    lab = net()
    with running(lab, tmp_path) as settings:
        done = run(
            "hosting", HOST, "--hds-list", "list.csv", "--lang", "en", *ways(settings),
            "--journal", "journal.jsonl", cwd=tmp_path,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.replace("│", " ").split())
    for word in (
        HOST,
        "CNAME app.osc-fr1.scalingo.io → Scalingo [on the HDS list, activities 1, 2, 3, 4, 5, 6",
        f"{OVH} → OVHcloud",
        "51.68.0.0/16, AS16276 (Team Cymru)",
        "PTR vps7.example.test",
        "no CDN recognised",
        "cdn.example.test → Hetzner [not on the HDS list]",
        "www.google-analytics.com → Google",
        "addresses sent to Team Cymru",
        "neither proves a certificate",
    ):
        assert word in said, word
    journal = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert {"tcp", "dns"} <= {line["kind"] for line in journal}


def test_what_could_not_be_looked_at_is_said_and_never_none(tmp_path: Path) -> None:
    lab = net()
    lab.certified = ("other.example.test",)
    lab.pages = {f"{HOST}/": Answer(raw=b"rubbish\r\n\r\n")}
    with running(lab, tmp_path) as settings:
        done = run(
            "hosting", HOST, "--offline", "-f", "json", "--lang", "en", *ways(settings),
            cwd=tmp_path,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["third_parties"] is None
    assert found["in_front"] is None
    assert any("not readable HTTP" in gap for gap in found["not_looked_at"])
    assert "--offline" in found["addresses"][0]["gap"]
    assert found["told_outside"] == {}


@pytest.mark.parametrize(
    ("words", "status", "word"),
    [
        (["nowhere.invalid"], 3, "nowhere.invalid"),
        (["ftp://x/"], 2, "unknown scheme"),
        (["https://user:pass@x/"], 2, "credentials"),
        ([HOST, "--asn-file", "missing"], 2, "missing"),
        ([HOST, "--cloud-ranges", "missing"], 2, "missing"),
    ],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, words: list[str], status: int, word: str
) -> None:
    done = run("hosting", *words, cwd=tmp_path)

    assert done.returncode == status
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


FILES = {
    "ip-ranges.amazonaws.com/ip-ranges.json": AWS,
    "www.gstatic.com/ipranges/cloud.json": GOOGLE,
    "docs.oracle.com/iaas/tools/public_ip_ranges.json": ORACLE,
    "api.cloudflare.com/client/v4/ips": CLOUDFLARE,
    "api.fastly.com/public-ip-list": FASTLY,
}


def test_ranges_are_fetched_kept_and_used(tmp_path: Path) -> None:
    home = {"GDPR_AUDIT_DATA_DIR": str(tmp_path / "data")}
    hosts = [path.partition("/")[0] for path in FILES]
    lab = Net(
        {HOST: "35.180.0.7", **dict.fromkeys(hosts, "8.8.8.8")},
        pages={path: Answer(200, [], json.dumps(body).encode()) for path, body in FILES.items()},
        certified=(HOST, *hosts),
    )
    (tmp_path / "azure.json").write_text(json.dumps(AZURE))
    assert "none" in run("ranges", "status", cwd=tmp_path, **home).stdout
    with running(lab, tmp_path) as settings:
        done = run("ranges", "fetch", *ways(settings), cwd=tmp_path, **home)
        imported = run("ranges", "import", "azure.json", cwd=tmp_path, **home)
        chain = run("hosting", HOST, "--lang", "en", *ways(settings), cwd=tmp_path, **home)

    assert done.returncode == 0, done.stderr
    assert imported.returncode == 0, imported.stderr
    assert "eu-west-3, FR" in chain.stdout
    status = run("ranges", "status", cwd=tmp_path, **home).stdout
    assert "aws " in status
    assert "azure" in status
    assert "0 days old" in status
    run("ranges", "forget", cwd=tmp_path, **home)
    assert "none" in run("ranges", "status", cwd=tmp_path, **home).stdout


def test_ranges_from_someone_else_are_not_kept(tmp_path: Path) -> None:
    home = {"GDPR_AUDIT_DATA_DIR": str(tmp_path / "data")}
    hosts = [path.partition("/")[0] for path in FILES]
    lab = Net(
        dict.fromkeys(hosts, "8.8.8.8"),
        pages={path: Answer(200, [], b"<html>no</html>") for path in FILES},
        certified=(HOST, *hosts[1:]),
    )
    with running(lab, tmp_path) as settings:
        done = run("ranges", "fetch", *ways(settings), cwd=tmp_path, **home)

    assert done.returncode == 3
    assert done.stderr.count("not fetched") == 5
    assert "certificate" in done.stderr
    assert "none" in run("ranges", "status", cwd=tmp_path, **home).stdout


def test_an_old_list_is_said_in_every_report(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    (tmp_path / "p.yaml").write_text("platform: x\nhosting: [{provider: OVH}]\n")
    words = ("scan", "-d", "p.yaml", "--hds-list", "list.csv", "--only", "hosting", "--lang", "en")
    old = run(*words, "--date", "2027-01-01", "-f", "html", "-o", "-", cwd=tmp_path).stdout
    console = run(*words, "--date", "2027-01-01", cwd=tmp_path).stdout
    fresh = run(*words, "--date", "2026-12-30", cwd=tmp_path).stdout

    assert "this list is 92 days old" in old
    assert "this list is 92 days old" in " ".join(console.split())
    assert "days old" not in fresh


def test_a_scan_says_who_was_told_an_address(tmp_path: Path) -> None:
    with running(Net({HOST: OVH}), tmp_path) as settings:
        words = ("scan", f"https://{HOST}/", "--only", "hosting", "--lang", "en", *ways(settings))
        told = run(*words, cwd=tmp_path).stdout
        offline = run(*words, "--offline", cwd=tmp_path).stdout

    assert f"Addresses sent to outside services: Team Cymru (origin.asn.cymru.com): {OVH}" in told
    assert "Addresses sent" not in offline
