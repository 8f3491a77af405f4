"""The merge request's comment, against a server that plays GitLab's API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gdpr_audit import gitlab
from gdpr_audit.errors import InputError
from tests.cli.test_cli import run
from tests.lab.gitlab import BOT, OTHER, TOKEN, GitLab


def put(hub: GitLab, text: str, **environment: str) -> bool:
    where = gitlab.place({**hub.environment, **environment})
    assert isinstance(where, gitlab.Place)
    return gitlab.put(where, text)


def test_the_first_push_comments_and_the_next_ones_renew_it(hub: GitLab) -> None:
    hub.write(OTHER, "Looks good")

    assert put(hub, "### one") is True
    assert put(hub, "### two") is False

    assert [note["author"]["id"] for note in hub.notes] == [OTHER, BOT]
    assert hub.notes[1]["body"] == "<!-- gdpr-audit gdpr-audit -->\n### two"
    assert hub.notes[0]["body"] == "Looks good"
    assert hub.tokens == {TOKEN}


def test_it_finds_its_comment_behind_hundreds(hub: GitLab) -> None:
    for number in range(250):
        hub.write(OTHER, f"note {number}")
    put(hub, "old")
    for number in range(100):
        hub.write(OTHER, f"later {number}")

    assert put(hub, "new") is False
    assert len(hub.notes) == 351


def test_a_mark_that_another_wrote_is_not_ours(hub: GitLab) -> None:
    forged = "<!-- gdpr-audit gdpr-audit -->\nall is well"
    hub.write(OTHER, forged)
    hub.write(BOT, f"quoting: {forged}")

    assert put(hub, "true") is True
    assert [n["body"] for n in hub.notes[:2]] == [forged, f"quoting: {forged}"]


def test_two_jobs_have_a_comment_each(hub: GitLab) -> None:
    assert put(hub, "a", CI_JOB_NAME="audit: [clinic -->]")
    assert put(hub, "b", CI_JOB_NAME="audit: [lab]")
    assert not put(hub, "c", CI_JOB_NAME="audit: [lab]")

    assert [note["body"].splitlines()[1] for note in hub.notes] == ["a", "c"]
    assert hub.notes[0]["body"].splitlines()[0].count("-->") == 1


def test_a_line_of_the_report_is_no_command_to_gitlab(hub: GitLab) -> None:
    put(hub, "/merge\n\n  /approve\r/close\n> /label ~x\nhttps://a/b\n")

    lines = hub.notes[0]["body"].splitlines()
    assert lines[1:] == ["\\/merge", "", "  \\/approve", "\\/close", "> \\/label ~x", "https://a/b"]


@pytest.mark.parametrize(
    ("question", "status", "headers", "body", "said"),
    [
        ("GET /user", 401, {}, TOKEN.encode(), "401: GDPR_AUDIT_COMMENT_TOKEN is not valid"),
        ("GET /user", 200, {}, b"[]", "no id"),
        ("GET /user", 200, {}, b'{"id": "7/../../9"}', "no id"),
        ("GET /user", 200, {}, b'{"id": true}', "no id"),
        ("GET /user", 200, {}, b"<html>" + TOKEN.encode(), "no JSON"),
        ("GET /user", 200, {}, b"[" * 200_000, "no JSON"),
        ("GET /user", 200, {}, b"\xff\xfe", "no JSON"),
        ("GET /user", 302, {"Location": "/elsewhere"}, b"", "redirected"),
        ("GET /user", 429, {}, b"", "status 429"),
        ("GET /projects/12/merge_requests/3/notes", 200, {}, b'{"a": 1}', "no list"),
        ("GET /projects/12/merge_requests/3/notes", 404, {}, b"", "scope api"),
        ("POST /projects/12/merge_requests/3/notes", 403, {}, b"", "comment: status 403"),
        ("POST /projects/12/merge_requests/3/notes", 500, {}, b"", "comment: status 500"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_one_line_without_the_token(
    hub: GitLab, tmp_path: Path, question: str, status: int, headers: dict[str, str], body: bytes,
    said: str,
) -> None:  # fmt: skip
    hub.answers[question] = (status, headers, body)
    (tmp_path / "audit.md").write_text("### x\n")

    done = run("comment", "audit.md", cwd=tmp_path, **hub.environment)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert TOKEN not in done.stderr
    assert ("GET", "/elsewhere") not in hub.asked
    assert hub.notes == []


def test_notes_that_are_none_are_passed_over(hub: GitLab) -> None:
    strange = [None, 7, {}, {"author": 7, "body": 3}, {"author": {"id": BOT}, "body": None}]
    notes = "GET /projects/12/merge_requests/3/notes"
    hub.answers[notes] = (200, {}, json.dumps(strange).encode())

    assert put(hub, "x") is True


def test_a_list_without_end_is_given_up(hub: GitLab) -> None:
    hub.endless = True

    with pytest.raises(InputError, match="more than 10000"):
        put(hub, "x")


def test_an_answer_without_end_is_given_up(hub: GitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "_ANSWER", 1000)
    hub.answers["GET /user"] = (200, {}, b" " * 5000 + b'{"id": 1}')

    with pytest.raises(InputError, match="TimeoutError"):
        put(hub, "x")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"CI_MERGE_REQUEST_IID": ""}, "no merge request's pipeline"),
        ({"GDPR_AUDIT_COMMENT_TOKEN": ""}, "GDPR_AUDIT_COMMENT_TOKEN is not set"),
        ({"GDPR_AUDIT_COMMENT_TOKEN": " \n"}, "GDPR_AUDIT_COMMENT_TOKEN is not set"),
    ],
)
def test_without_a_token_or_a_merge_request_it_says_so_and_sends_nothing(
    hub: GitLab, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    (tmp_path / "audit.md").write_text("### x\n")

    done = run("comment", "audit.md", cwd=tmp_path, **{**hub.environment, **changed})

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no comment: ")
    assert said in done.stdout
    assert hub.asked == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"GDPR_AUDIT_COMMENT_TOKEN": f"{TOKEN}\nX-Evil: 1"}, "GDPR_AUDIT_COMMENT_TOKEN"),
        ({"GDPR_AUDIT_COMMENT_TOKEN": f"{TOKEN}é"}, "GDPR_AUDIT_COMMENT_TOKEN"),
        ({"CI_MERGE_REQUEST_IID": "3/notes/../.."}, "CI_MERGE_REQUEST_IID"),
        ({"CI_API_V4_URL": ""}, "both are needed"),
        ({"CI_API_V4_URL": "http://gitlab.example/api/v4"}, "in clear"),
        ({"CI_API_V4_URL": "file:///etc/passwd"}, "https://"),
        ({"CI_API_V4_URL": "http://127.0.0.1:1/api/v4"}, "no answer (ConnectionRefusedError)"),
        ({"CI_SERVER_TLS_CA_FILE": "/nowhere.pem"}, "CI_SERVER_TLS_CA_FILE"),
    ],
)
def test_surroundings_that_are_not_gitlabs_are_refused(
    hub: GitLab, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    (tmp_path / "audit.md").write_text("### x\n")

    done = run("comment", "audit.md", cwd=tmp_path, **{**hub.environment, **changed})

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert TOKEN not in done.stdout + done.stderr
    assert hub.asked == []


def test_a_projects_path_is_one_part_of_the_address(hub: GitLab) -> None:
    with pytest.raises(InputError, match="404"):
        put(hub, "x", CI_PROJECT_ID="../../user?x=")

    assert hub.asked[-1] == ("GET", "/projects/..%2F..%2Fuser%3Fx%3D/merge_requests/3/notes")
