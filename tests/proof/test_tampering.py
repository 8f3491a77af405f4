"""What an attacker can do to a bundle, and what of it is noticed."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gdpr_audit.errors import InputError
from gdpr_audit.proof import archive, bundle, keys, manifest, verify
from gdpr_audit.proof.archive import Entry
from tests.lab import bundles

WHOLE = bundles.signed()
ENTRIES = archive.by_directory(WHOLE)


def text(data: bytes, trust: verify.Trust | None = None) -> str:
    lines = bundles.wrong(data, trust)
    assert lines
    return "\n".join(lines)


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "manifest.sig",
        "blocks.json",
        "audit.json",
        "rules/storage/storage-not-encrypted.yaml",
    ],
)
def test_a_missing_file_is_named(name: str) -> None:
    lines = bundles.wrong(bundles.without(WHOLE, name))

    assert f"{name}: missing" in "\n".join(lines).replace(" from the archive", "")
    assert all(line.startswith((name, "signature: taken away")) for line in lines)


def test_an_added_file_is_named_with_its_offset() -> None:
    data = archive.pack([*bundles.entries(WHOLE), Entry("rules/web/mine.yaml", b"x")])
    at = archive.by_directory(data)[-1].at

    assert text(data) == f"rules/web/mine.yaml: a file that was added (byte {at} of the archive)"


def test_a_file_twice_is_named() -> None:
    twice = [*bundles.entries(WHOLE), next(e for e in ENTRIES if e.name == "audit.json")]

    assert "audit.json: there 2 times" in text(archive.pack([e._replace(crc=None) for e in twice]))


def test_files_in_another_order_are_noticed() -> None:
    first, *others = bundles.entries(WHOLE)

    assert "manifest.sig: not in its place" in text(archive.pack([*others, first]))


def test_appended_bytes_are_named() -> None:
    assert text(WHOLE + b"more") == (
        f"archive: differs from byte {len(WHOLE)} on ({len(WHOLE) + 4} bytes, {len(WHOLE)} expected)"
    )


def test_bytes_before_it_are_named() -> None:
    assert "archive: differs from byte 0 on" in text(b"#!/bin/sh\n" + WHOLE)


def test_bytes_between_two_files_are_named() -> None:
    gap = ENTRIES[5].at - 30 - len(ENTRIES[5].name)

    assert f"archive: differs from byte {gap} on" in text(WHOLE[:gap] + b"hidden" + WHOLE[gap:])


def test_an_entry_that_the_directory_hides_is_noticed() -> None:
    more = archive.pack([*bundles.entries(WHOLE), Entry("hidden.txt", b"x" * 99)])
    end = ENTRIES[-1].at + len(ENTRIES[-1].content)
    hidden = more[end : archive.by_directory(more)[-1].at + 99]
    directory = WHOLE[end:]
    moved = (end + len(hidden)).to_bytes(4, "little")
    data = WHOLE[:end] + hidden + directory[:-6] + moved + directory[-2:]
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == [e.name for e in ENTRIES]

    assert f"archive: differs from byte {end + 2} on" in text(data)  # PK\3\4 for PK\1\2


@pytest.mark.parametrize("cut", [1, 30, 5000, 100_000])
def test_where_it_was_cut_off_is_named(cut: int) -> None:
    kept = len(WHOLE) - cut

    assert f"ends at byte {kept}" in text(WHOLE[:kept])


def test_a_file_cut_short_or_made_longer_is_told_as_such() -> None:
    html = next(e.content for e in ENTRIES if e.name == "audit.html")
    size = len(html)

    assert f"; it had {size} bytes" in text(bundles.changed(WHOLE, "audit.html", html[:-600]))
    assert f"audit.html: goes on beyond byte {size}" in text(
        bundles.changed(WHOLE, "audit.html", html + b"<!-- -->")
    )


def test_packed_again_by_another_program_it_is_no_longer_the_same_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in ENTRIES:
            packed.writestr(entry.name, entry.content)

    assert text(out.getvalue())


# --- signature -----------------------------------------------------------------------------------


def test_the_expected_key_holds_and_another_does_not() -> None:
    other = keys.id_of(bundles.OTHER)

    assert bundles.wrong(WHOLE, bundles.trusted()) == []
    assert text(WHOLE, verify.Trust(other)) == (
        f"key: signed by {keys.id_of(bundles.KEY)}, and not by {other}"
    )


def test_without_a_key_the_signer_is_named_and_said_to_be_unchecked() -> None:
    open_ = [line.said.en for line in bundles.outcome(WHOLE).lines if line.state == "open"]

    assert "key: not checked; without --key, anyone may have signed" in open_


def test_signed_by_another_it_is_not_trusted() -> None:
    data = bundle.make(bundles.inside(), bundles.OTHER)

    assert "and not by" in text(data, bundles.trusted())
    assert bundles.wrong(data) == []


def test_an_unsigned_bundle_is_whole_but_not_trusted() -> None:
    assert bundles.wrong(bundles.unsigned()) == []
    assert text(bundles.unsigned(), bundles.trusted()).startswith("signature: none, where")


def _head(data: bytes, **files: bytes) -> bytes:
    """With other files beside the manifest, and blocks.json made anew for them."""
    found = {e.name: e.content for e in bundles.entries(data)} | {
        name.replace("_", "."): content for name, content in files.items()
    }
    sealed = [
        (n, found[n]) for n in ("manifest.json", "manifest.sig", "manifest.tsr") if n in found
    ]
    found["blocks.json"] = bundle.blocks(sealed)
    return archive.pack([Entry(name, content) for name, content in found.items()])


def test_another_s_signature_in_its_place_is_noticed() -> None:
    signed = next(e.content for e in ENTRIES if e.name == "manifest.json")
    data = _head(WHOLE, manifest_sig=keys.sign(signed, bundles.OTHER))

    assert "signature: not that of" in text(data)


def test_a_manifest_made_anew_needs_the_key() -> None:
    fields = json.loads(next(e.content for e in ENTRIES if e.name == "manifest.json"))
    fields["created"] = "2020-01-01T00:00:00Z"
    data = _head(WHOLE, manifest_json=manifest.write(fields))

    assert "signature: not that of" in text(data)


def test_a_signature_for_something_else_is_none_for_a_manifest() -> None:
    signed = next(e.content for e in ENTRIES if e.name == "manifest.json")
    raw = bundles.KEY.public_key().public_bytes_raw()
    data = _head(WHOLE, manifest_sig=keys._written(raw, bundles.KEY.sign(signed)))

    assert "signature: not that of" in text(data, bundles.trusted())


# --- what follows from what ----------------------------------------------------------------------


def _failing(found: dict[str, Any]) -> dict[str, Any]:
    return next(f for f in found["findings"] if f["verdict"] == "fail")


def test_a_finding_that_was_changed_does_not_follow_from_the_facts() -> None:
    found = copy.deepcopy(bundles.document())
    _failing(found)["verdict"] = "pass"
    data = bundle.make(bundles.inside(bundles.forged(found)), None)

    rule = _failing(bundles.document())["rule"]
    assert f"finding: {rule}, " in text(data)
    assert "says pass, but the facts give fail" in text(data)


def test_a_finding_that_was_left_out_is_noticed() -> None:
    found = copy.deepcopy(bundles.document())
    gone = _failing(found)
    found["findings"] = [f for f in found["findings"] if f["rule"] != gone["rule"]]
    inside = bundles.inside(bundles.forged(found))
    judged = sorted([*inside.judged, gone["rule"]])

    assert "`summary` does not follow" in text(bundle.make(inside, None))
    assert gone["rule"] in text(bundle.make(inside._replace(judged=judged), None))


def test_a_reason_that_was_reworded_is_noticed() -> None:
    found = copy.deepcopy(bundles.document())
    _failing(found)["why"] = "Rien de grave."
    data = bundle.make(bundles.inside(bundles.forged(found)), None)

    assert "does not follow from the facts (why)" in text(data)


def test_another_rule_than_the_audit_s_is_noticed() -> None:
    inside = bundles.inside()
    name = "rules/storage/storage-not-encrypted.yaml"
    files = [(n, c.replace(b"critical", b"low") if n == name else c) for n, c in inside.files]
    assert files != list(inside.files)

    data = bundle.make(inside._replace(files=files), None)

    assert text(data) == "rules: those of the bundle are not those that the audit names"


def test_a_report_that_says_something_else_is_noticed() -> None:
    inside = bundles.inside()
    files = [(n, c.replace(b"Labo", b"Lobo") if n == "audit.html" else c) for n, c in inside.files]

    assert "audit.html: does not follow from audit.json" in text(
        bundle.make(inside._replace(files=files), None)
    )


def test_of_another_version_it_is_said_that_nothing_was_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "__version__", "99.0")
    found = bundles.outcome(WHOLE)

    assert not found.changed
    assert "not made again, as made by version" in "\n".join(x.said.en for x in found.lines)


# --- hostile input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a\\b", "\x1b[31mred", "C:x", "a" * 300]
)
def test_odd_names_are_refused_and_shown_inert(name: str) -> None:
    with pytest.raises(InputError):
        archive.pack([Entry(name, b"")])
    data = archive._pack([*bundles.entries(WHOLE), Entry(name, b"x")])

    said = text(data)
    assert "a file that was added" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("at", [8, 10, 12, 16])  # counts, size and offset of the directory
def test_a_directory_that_lies_is_noticed(at: int) -> None:
    where = len(WHOLE) - 22 + at
    data = WHOLE[:where] + b"\xff\xff" + WHOLE[where + 2 :]

    assert "archive: byte" in text(data)


@pytest.mark.parametrize("twice", ["audit.json", "manifest.json", "blocks.json"])
def test_a_manifest_that_names_a_file_twice_is_told(twice: str) -> None:
    fields = json.loads(bundles.entries(bundles.unsigned())[0].content)
    fields["files"].append(manifest.row(twice, b"x"))

    assert "manifest.json: names one file twice" in text(
        _head(bundles.unsigned(), manifest_json=manifest.write(fields))
    )


@given(st.data())
@settings(max_examples=60)
def test_whatever_the_damage_it_is_noticed_and_nothing_breaks(data: st.DataObject) -> None:
    damaged = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        head = data.draw(st.booleans())
        at = data.draw(st.integers(0, 3000 if head else len(damaged) - 1))
        content = data.draw(st.binary(max_size=8))
        damaged[at : at + data.draw(st.integers(0, 8))] = content
    if bytes(damaged) == WHOLE:
        return
    found = verify.of_bundle(bytes(damaged), verify.Trust(), {}, lambda *_: [])

    assert found is not None
    assert found.changed


@given(st.binary(max_size=200))
def test_what_is_no_bundle_is_none(content: bytes) -> None:
    assume(manifest.SCHEMA.encode() not in content)
    assert verify.of_bundle(b"PK\3\4" + content, verify.Trust(), {}, lambda *_: []) is None


@pytest.mark.parametrize(
    "break_",
    [
        lambda d: d["subjects"][0].update(within=d["subjects"][0]["key"]),
        lambda d: d["subjects"].clear(),
        lambda d: d.update(date="never"),
        lambda d: d["findings"].append({**d["findings"][0], "fingerprint": "0"}),
        lambda d: d["facts"].clear(),
    ],
)
def test_a_document_made_to_break_the_judge_is_told(break_: Any) -> None:
    found = copy.deepcopy(bundles.document())
    break_(found)
    inside = bundles.inside()
    content = (json.dumps(bundles.forged(found), indent=2, ensure_ascii=False) + "\n").encode()
    files = [(n, content if n == "audit.json" else c) for n, c in inside.files]
    forged = inside._replace(files=files, audit=bundles.forged(found)["digest"])

    told = text(bundle.make(forged, None))
    assert "finding" in told or told == "audit.json: not an audit document"
