"""A fleet on a real Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from distributed import Client

from gdpr_audit import __version__
from gdpr_audit.cli import options
from gdpr_audit.fleet import cluster as engines
from gdpr_audit.fleet import hands
from gdpr_audit.fleet.roster import Roster
from gdpr_audit.fleet.task import Done, EngineLost, Kit, Lost, Task
from gdpr_audit.network import Settings
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


@pytest.fixture(scope="module")
def kit() -> Kit:
    _, words = options.known()
    book = options.rule_book(words, None, ["transport"])
    hosters, profile = options.hoster_list(None), options.tls_profile(None)
    atlas, day = options.atlas(None, None, offline=True), date.fromisoformat("2026-11-24")
    return Kit(
        __version__, book.rules, book.digest, hosters, profile, atlas, Settings(), day, "en", 20.0
    )


def tasks(fleet: Path, seconds: float = 60.0) -> list[Task]:
    return [Task(one.slug, one.load(), {}, seconds, 1) for one in Roster(fleet)]


def silence(path: Path, port: int, count: int) -> Path:
    """A fleet that never answers."""
    rows = "".join(f"p{i},https://127.0.0.1:{port}/{i}\n" for i in range(count))
    path.write_text(f"name,url\n{rows}", "utf-8")
    return path


async def until(holds: Callable[[], object]) -> None:
    """Fail unless it `holds`, or what it answers does, before long."""
    for _ in range(600):
        found = holds()
        if await found if isinstance(found, Awaitable) else found:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to hold")


async def has_begun(client: Client) -> bool:
    return any((await client.processing()).values())


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
        fleet = silence(tmp_path / "fleet.csv", server.port, 4)
        process = fleets.begin(fleet, tmp_path / "out", "--timeout", "60", *lab.options)
        while not server.seen:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=20)
        assert (process.returncode, complained) == (130, "")
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


def test_two_fleets_at_once_each_get_their_own(land: Nation, tmp_path: Path, lab: Cluster) -> None:
    lab.work(2)
    wanted = {"short": ("en", "2026-11-01", 2, "legacy"), "long": ("fr", "2026-11-02", 8, "bare")}
    begun = []
    for name, (language, day, count, kind) in wanted.items():
        platforms = [
            one._replace(name=f"p{i}") for i, one in enumerate(land.platforms(count, kind))
        ]
        fleet = fleets.table(tmp_path / f"{name}.csv", platforms)
        own = ("--lang", language, "--date", day)
        begun.append(fleets.begin(fleet, tmp_path / name, *ONLY, *own, *lab.options))
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in begun] == [("", 1)] * 2
    for name, (language, day, count, kind) in wanted.items():
        found = [json.loads(text) for text in fleets.documents(tmp_path / name).values()]
        assert len(found) == count
        assert {(one["language"], one["date"]) for one in found} == {(language, day)}
        assert all(f":{land.ports[kind]}" in one["targets"][0]["url"] for one in found)
    assert kits_left(lab) == []


def kits_left(lab: Cluster) -> list[str]:
    """The plugins that the scheduler would still give to a worker."""

    def names(dask_scheduler: object) -> list[str]:
        plugins = dask_scheduler.worker_plugins  # type: ignore[attr-defined]
        return [name for name in plugins if name.startswith("gdpr-audit")]

    with Client(lab.address, set_as_default=False) as client:
        found: list[str] = client.run_on_scheduler(names)
    return found


def test_a_worker_of_another_version_is_one_line(
    land: Nation, tmp_path: Path, lab: Cluster
) -> None:
    lab.work(1, version="0.0.1")
    with Client(lab.address, set_as_default=False) as client:
        client.wait_for_workers(1)
        (worker,) = client.nthreads()
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(1))
    status, said, complained = fleets.run(fleet, tmp_path / "out", *lab.options)
    assert (status, said) == (2, "")
    versions = f"gdpr-audit 0.0.1 on the worker, {__version__} where the fleet is"
    assert complained == f"gdpr-audit: {worker}: {versions}\n"
    assert kits_left(lab) == []


def test_a_worker_of_another_version_that_joins_is_left_out(
    land: Nation, tmp_path: Path, lab: Cluster, kit: Kit
) -> None:
    said: list[str] = []

    async def go() -> list[Done | Lost]:
        async with (
            Client(lab.address, asynchronous=True, set_as_default=False) as other,
            engines.Cluster(lab.address, kit, None, said.append) as engine,
        ):
            lab.work(1, version="0.0.1")
            await until(other.nthreads)
            found = [asyncio.create_task(engine.run(task)) for task in wanted]
            await until(lambda: said)  # nobody is there who may audit
            assert not any(one.done() for one in found)
            lab.work(1)
            return await asyncio.gather(*found)

    wanted = tasks(fleets.table(tmp_path / "fleet.csv", land.platforms(4, "legacy")))
    assert all(isinstance(one, Done) for one in asyncio.run(go()))
    assert len(said) == 1
    assert said[0].endswith(
        f"gdpr-audit 0.0.1 on the worker, {__version__} where the fleet is; it is left out"
    )


def test_a_worker_whose_set_up_failed_answers_so_and_costs_no_platform(
    land: Nation, tmp_path: Path, lab: Cluster, kit: Kit
) -> None:
    """It is of our version, and is found out by the audit that it gets."""
    said: list[str] = []

    async def go() -> Done | Lost:
        async with engines.Cluster(lab.address, kit, None, said.append) as engine:
            assert engine._client is not None
            lab.work(1)
            await until(engine._client.nthreads)
            await engine._client.run(break_hands, engine._run)
            found = asyncio.create_task(engine.run(task))
            await until(lambda: said)
            lab.work(1)
            return await found

    def break_hands(run: str, dask_worker: object) -> None:
        setattr(dask_worker, f"gdpr_audit_hands_{run}", "the disk is full")

    (task,) = tasks(fleets.table(tmp_path / "fleet.csv", land.platforms(1, "legacy")))
    assert isinstance(asyncio.run(go()), Done)
    assert said == ["the disk is full; it is left out"]


def test_waiting_behind_others_work_and_another_worker_instead_cost_no_platform(
    land: Nation, tmp_path: Path, lab: Cluster, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_SPARE", 0.0, raising=False)
    lab.work(1)

    async def go() -> Done | Lost:
        async with engines.Cluster(lab.address, kit, None, said.append) as engine:
            async with Client(lab.address, asynchronous=True, set_as_default=False) as other:
                await until(other.nthreads)
                busy = other.submit(time.sleep, 600)
                await until(lambda: has_begun(other))
                found = asyncio.create_task(engine.run(task))
                await asyncio.wait({found}, timeout=task.seconds + 1)
                assert not found.done()
                busy.release()
            end(lab.workers[0])
            lab.work(1)
            return await found

    said: list[str] = []
    (task,) = tasks(fleets.table(tmp_path / "fleet.csv", land.platforms(1, "legacy")), 3.0)
    assert isinstance(asyncio.run(go()), Done)
    assert said == []


def test_no_worker_for_long_ends_the_run_and_costs_no_platform(
    land: Nation, tmp_path: Path, lab: Cluster, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 1.0)

    async def go() -> None:
        async with engines.Cluster(lab.address, kit, None, print) as engine:
            await engine.run(task)

    (task,) = tasks(fleets.table(tmp_path / "fleet.csv", land.platforms(1)))
    with pytest.raises(EngineLost, match="no worker was there for 1 s"):
        asyncio.run(asyncio.wait_for(go(), 30))


def test_hands_that_were_left_begin_no_process(
    tmp_path: Path, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    begin = hands._Hand.begin

    async def counted(kit: bytes) -> object:
        begun.append(await begin(kit))
        return begun[-1]

    async def go(port: int) -> Done | Lost:
        (task,) = tasks(silence(tmp_path / "fleet.csv", port, 1))
        async with hands.Hands(kit, 1) as found:
            audit = asyncio.create_task(found.run(task))
            await until(lambda: server.seen)
        return await audit

    monkeypatch.setattr(hands._Hand, "begin", counted)
    with servers.tcp(servers.silent) as server:
        assert isinstance(asyncio.run(go(server.port)), Lost)
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1", "expected tcp://HOST:PORT"),
        ("tcp://127.0.0.1:port", "expected tcp://HOST:PORT"),
        ("tcp://127.0.0.1:99999", "expected tcp://HOST:PORT"),
        ("tls://127.0.0.1:8786", "Dask has no certificates for it"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_line(
    tmp_path: Path, address: str, words: str
) -> None:
    fleet = tmp_path / "fleet.csv"
    fleet.write_text("name,url\np,https://127.0.0.1/\n", "utf-8")
    status, said, complained = fleets.run(
        fleet, tmp_path / "out", "--engine", "dask", "--scheduler", address
    )
    assert (status, said, complained.count("\n")) == (2, "", 1)
    assert words in complained


def test_certificates_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.csv"
    fleet.write_text("name,url\np,https://127.0.0.1/\n", "utf-8")
    missing = {
        "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(tmp_path / "ca.pem"),
        "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT": str(tmp_path / "node.pem"),
    }
    where = ("--engine", "dask", "--scheduler", "tls://127.0.0.1:8786")
    status, said, complained = fleets.run(fleet, tmp_path / "out", *where, **missing)
    assert (status, said, complained.count("\n")) == (2, "", 1)
    assert "Dask's certificates: " in complained


def test_an_interrupt_does_not_wait_for_a_scheduler_that_says_nothing(tmp_path: Path) -> None:
    with servers.tcp(servers.silent) as server:
        fleet = silence(tmp_path / "fleet.csv", server.port, 1)
        where = ("--engine", "dask", "--scheduler", f"tcp://127.0.0.1:{server.port}")
        process = fleets.begin(fleet, tmp_path / "out", *where)
        while not server.seen:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=30)
    assert (process.returncode, complained) == (130, "")
