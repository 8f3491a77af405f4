"""What is plainly a rule at a glance is one to the schema too."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from gdpr_audit import resources, yaml_file
from gdpr_audit.rules import profile, shape
from gdpr_audit.rules.profile_schema import ProfileRecord
from gdpr_audit.rules.schema import RuleRecord
from tests.rules.test_book import GOOD

RULES = sorted(resources.folder("rules").rglob("*.yaml"))
WHOLE: dict[str, Any] = yaml.safe_load(
    GOOD.replace(
        "{id: ASVS-5.0}",
        "{id: ASVS-5.0, clause: c}, {id: other}, {id: {fr: i, en: j}, clause: {fr: c, en: d}}",
    )
    .replace("- unproven: {}", "- unproven:\n  - {fail: {web.nosniff: false}, profile: ncsc}")
    .replace("severity: low", "severity: low\nwhen:\n  web.https: {is: true}")
    + "  - {not_applicable: {web.https: false}, date: 2026-01-31}\n"
)
OTHERS: tuple[Any, ...] = (
    None, True, 0, 1.5, "", "x", "pass", "A b", "a-b\n", "x" * 4000, "x" * 4001, [], [None], [""],
    ["x"], [["x"]], [{}], {}, {"x": 1}, {"fr": "x"}, {"fr": "x", "en": "x"}, {"id": "x"},
    {"pass": {}}, [{"id": "x", "clause": None}], [{"pass": {}, "fail": {}}], [{"waived": {}}],
    [{"pass": None}], [{"pass": {}, "date": "2026-01-31"}], date(2026, 1, 31),
    datetime(2026, 1, 31, tzinfo=UTC),
)  # fmt: skip


def _valid(given: Any) -> bool:
    try:
        RuleRecord.model_validate(given)
    except ValidationError:
        return False
    return True


def _places(given: Any) -> Iterator[tuple[str | int, ...]]:
    for key, value in given.items() if isinstance(given, dict) else enumerate(given):
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *rest) for rest in _places(value))


def _altered() -> Iterator[Any]:
    """The whole rule with, at each place of it, another value, no value, or one more beside it."""
    for path in _places(WHOLE):
        for other in OTHERS:
            for key in (path[-1], "another"):
                copy, around = _copy(path)
                if isinstance(around, dict) or key != "another":
                    around[key] = other
                    yield copy
        copy, around = _copy(path)
        del around[path[-1]]
        yield copy


def _copy(path: tuple[str | int, ...]) -> tuple[Any, Any]:
    """A copy of the whole rule, and what of it is around `path`."""
    copy: Any = deepcopy(WHOLE)
    around = copy
    for part in path[:-1]:
        around = around[part]
    return copy, around


def test_a_plain_rule_is_one_to_the_schema() -> None:
    plain = [given for given in _altered() if shape.plain(given)]

    assert shape.plain(WHOLE)
    assert len(plain) > 50
    assert [given for given in plain if not _valid(given)] == []


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_our_rules_are_plain(path: Path) -> None:
    given = yaml_file.read(path).data

    assert shape.plain(given)
    assert _valid(given)


@pytest.mark.parametrize("name", profile.known())
def test_a_built_in_profile_has_the_schema_of_a_file(name: str) -> None:
    folder = Path(profile.__file__).with_name("profiles")

    yaml_file.validated(yaml_file.read(folder / f"{name}.yaml"), ProfileRecord)
