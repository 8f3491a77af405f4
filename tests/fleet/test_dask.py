"""A fleet on a real Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.fleet import fleets
from tests.lab import cluster, pki, servers, tls
from tests.lab.cluster import Cluster, end
from tests.lab.nation import Nation

pytestmark = pytest.mark.xdist_group("dask")

ONLY = ("--only", "transport", "--timeout", "20")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Cluster]:
    with cluster.running(tmp_path, workers=0) as found:
        yield found


def some_are_done(out: Path, process: subprocess.Popen[str], count: int) -> None:
    while len(list(out.glob("*/line.json"))) < count:
        assert process.poll() is None
        time.sleep(0.05)


def test_a_killed_worker_loses_nothing_and_both_engines_give_the_same_documents(
    land: Nation, tmp_path: Path, lab: Cluster
) -> None:
    lab.work(3)
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(24))
    local, remote = tmp_path / "local", tmp_path / "remote"
    process = fleets.begin(fleet, remote, "--timeout", "30", *lab.options)
    some_are_done(remote, process, 5)
    end(lab.workers[1])
    _, complained = process.communicate(timeout=120)
    assert (process.returncode, complained) == (1, "")
    assert len(fleets.whole(remote)) == 24
    assert fleets.run(fleet, local, "--timeout", "30", "--jobs", "2")[0] == 1
    assert fleets.documents(local) == fleets.documents(remote)


def test_a_scheduler_that_is_lost_is_waited_for_and_nothing_is_lost_with_it(
    land: Nation, tmp_path: Path, lab: Cluster
) -> None:
    lab.work(2, nanny=False)
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(16))
    out = tmp_path / "out"
    process = fleets.begin(fleet, out, *ONLY, *lab.options)
    some_are_done(out, process, 3)
    before = {path: path.read_bytes() for path in out.glob("*/line.json")}
    lab.lose_scheduler()
    time.sleep(2)
    assert process.poll() is None
    lab.begin()
    lab.work(2)
    _, complained = process.communicate(timeout=120)
    assert process.returncode == 1
    assert complained == f"gdpr-audit: {lab.address}: the scheduler is lost; waiting for it\n"
    assert len(fleets.whole(out)) == 16
    assert {path: path.read_bytes() for path in before} == before


def test_an_interrupt_ends_what_the_cluster_is_at(
    land: Nation, tmp_path: Path, lab: Cluster
) -> None:
    lab.work(2)
    with servers.tcp(servers.silent) as server:
        fleet = tmp_path / "fleet.csv"
        rows = "".join(f"p{i},https://127.0.0.1:{server.port}/{i}\n" for i in range(4))
        fleet.write_text(f"name,url\n{rows}", "utf-8")
        process = fleets.begin(fleet, tmp_path / "out", "--timeout", "60", *lab.options)
        while not server.seen:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130
        seen = len(server.seen)
        time.sleep(2)
        assert len(server.seen) <= seen + 8  # what had been begun; no audit goes on


def test_a_cluster_with_certificates(land: Nation, tmp_path: Path) -> None:
    root = pki.authority("Cluster")
    certificate, key = pki.save(tmp_path, "node", [pki.leaf(root, lacks=(x509.ExtendedKeyUsage,))])
    ca, _ = pki.save(tmp_path, "ca", [root])
    files = ("--tls-ca-file", str(ca), "--tls-cert", str(certificate), "--tls-key", str(key))
    lab = Cluster(tmp_path, files)
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(2, "legacy"))
    environment = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(ca)}
    environment["DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT"] = str(certificate)
    environment["DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY"] = str(key)
    try:
        lab.begin()
        lab.work(1)
        out = tmp_path / "out"
        status, _, complained = fleets.run(fleet, out, *ONLY, *lab.options, **environment)
        assert (status, complained) == (1, "")
        assert len(fleets.whole(out)) == 2
    finally:
        lab.close()


def test_no_scheduler_is_one_line_and_nothing_written(tmp_path: Path, land: Nation) -> None:
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(1))
    address = f"tcp://127.0.0.1:{tls.free_port()}"
    status, said, complained = fleets.run(
        fleet, tmp_path / "out", "--engine", "dask", "--scheduler", address
    )
    assert (status, said) == (2, "")
    assert complained == f"gdpr-audit: {address}: the scheduler did not answer for 10 s\n"
