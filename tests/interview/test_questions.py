"""The questions, and what becomes of whatever is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdpr_audit.declaration import schema
from gdpr_audit.interview import draft, replies, written
from gdpr_audit.interview.engine import AUDIENCES, State, drop, get, put, steps
from gdpr_audit.interview.questions import labels, sections


def test_the_keys_of_questions_and_their_choices_are_the_schemas() -> None:
    """Every choice of every question makes a declaration that loads."""
    for section in sections():
        for question in section.questions:
            assert question.text.fr != question.text.en
            assert question.why.fr != question.why.en
            base: tuple[str | int, ...] = (*section.each, 0) if section.each else ()
            if section.audiences:
                base = ("authentication", "professionals")
            values: list[Any] = [int(c) if question.integer else c for c in question.choices]
            values = [[v] for v in values] if question.kind == "many" else values
            samples: dict[str, list[Any]] = {"yes": [True, False], "gate": ["none", {question.opens: True} if question.opens else {}],
                       "count": [0], "months": [12], "text": ["x"], "country": ["FR"], "countries": [["FR"]],
                       "empty": [[]], "url": ["https://x.example/"]}  # fmt: skip
            values += samples.get(question.kind, [])
            values += ["none"] if question.none and question is not section.questions[0] else []
            assert values or question.kind == "date", question.key
            for value in values or ["2026-01-01"]:
                answers: dict[str, Any] = {"platform": "x"}
                if section.each:
                    put(answers, (*base, section.questions[0].key), "https://x.example/")
                    if section.name == "storage":
                        put(answers, (*base, "kind"), "database")
                if question.key == "processing.reuse.framework":
                    put(answers, ("processing", "reuse", "purpose"), "research")
                if question.key == "governance.dpia.date":
                    put(answers, ("governance", "dpia", "done"), value=True)
                put(answers, (*base, *question.key.split(".")), value)
                written.check(written.render(answers, "fr"), "x")


def test_every_choice_has_a_label_unless_it_speaks_for_itself() -> None:
    themselves = {
        "1",
        "2",
        "argon2id",
        "scrypt",
        "bcrypt",
        "pbkdf2",
        "sha256",
        "md5",
        "AES",
        "CHACHA20",
    }
    choices = {choice for section in sections() for q in section.questions for choice in q.choices}
    assert choices <= {*labels(), *themselves}


def test_comments_are_a_declaration_once_their_sign_is_taken_off() -> None:
    answers: dict[str, Any] = {"platform": "x", "targets": [{"url": "https://x.example/"}], "hosting": [{"provider": "x"}],
                               "storage": [{"name": "x", "kind": "volume"}], "controller": {"name": "x"},
                               "processing": {"health_data": True}, "governance": {"dpo": "none"},
                               "authentication": {"patients": {"factors": ["password"]}}}  # fmt: skip
    for tree in (answers, {"platform": "x"}):
        lines = written.render(tree, "en").split("\n")
        bare = [
            line[1:] if line.startswith("#") and not line.startswith("# ") else line
            for line in lines
        ]
        bare = [line for line in bare if not line.startswith("# ")]
        # Two spaces of a comment on a key are its depth.
        text = "\n".join(line.removeprefix("#") for line in bare)
        assert len(yaml.safe_load(text)) > len(tree) + 1


_TYPED = st.text(max_size=30) | st.sampled_from(
    [
        "none",
        "1",
        "2",
        "oui",
        "non",
        "FR",
        "2026-01-01",
        "https://a.example/",
        "password",
        "9-2-a",
        "x: #'\"{",
        "NO",
        "no",
        "~",
        "- a",
        "&x",
        "!y",
        "0x1F",
        "2026-01-01",
        "1e3",
        "null",
    ]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(_TYPED, min_size=1, max_size=60),
    st.sampled_from(["fr", "en"]),
    st.randoms(use_true_random=False),
)
def test_whatever_is_typed_what_is_written_is_a_declaration_of_it(
    tmp_path: Path, typed: list[str], language: str, chance: Any
) -> None:
    state = State(language)
    for _ in range(150):
        step = state.next()
        if step is None:
            break
        if chance.random() < 0.05:
            state.undo()
            continue
        try:
            state.answer(step, replies.read(step, chance.choice(typed), state))
        except replies.Wrong:
            state.answer(step, "database" if step.question.key == "kind" else None)
    part = tmp_path / "part"
    part.write_text(draft.render(state), "utf-8")
    again = draft.load(part)
    assert again is not None
    assert again.next() == state.next()
    # what is written is an interview that came to its end, not one between a name and its kind
    while (step := state.next()) is not None:
        state.answer(step, "database" if step.question.key == "kind" else None)
    text = written.render(state.answers, language)
    written.check(text, "x")
    loaded = yaml.safe_load(text)
    for key, value in state.answers.items():
        assert json.loads(json.dumps(loaded[key], default=str)) == value
    assert len(list(steps(state))) < 3000


def test_trees_are_put_together_and_taken_apart() -> None:
    tree: dict[str, Any] = {}
    put(tree, ("a", 0, "b", "c"), 1)
    put(tree, ("a", 1, "b"), 2)
    assert tree == {"a": [{"b": {"c": 1}}, {"b": 2}]}
    assert get(tree, ("a", 5, "b")) is None
    drop(tree, ("a", 0, "b", "c"))
    assert tree == {"a": [{"b": 2}]}
    drop(tree, ("a", 0, "b"))
    assert tree == {}


def test_the_audiences_are_the_schemas() -> None:
    assert set(AUDIENCES) <= set(schema.Authentication.model_fields)
