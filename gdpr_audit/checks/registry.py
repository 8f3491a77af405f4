"""The installed checks, ours and others' alike, and the vocabulary that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, EntryPoint, entry_points

from gdpr_audit.declaration.read import KINDS
from gdpr_audit.errors import PluginError
from gdpr_audit.model import PLATFORM, Check, FactSpec, Vocabulary

GROUP = "gdpr_audit.checks"

_NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")


def installed() -> tuple[tuple[Check, EntryPoint], ...]:
    """Each installed check with the entry point that names it, in order of name.

    Raises PluginError for one that cannot be loaded: to audit without it would leave its
    rules unasked.
    """
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return tuple((_load(point), point) for point in points)


def distribution(point: EntryPoint) -> str:
    """The name of the distribution that brought it, for which all its metadata are read."""
    return _name(point.dist) if point.dist else "?"


@cache
def _name(distribution: Distribution) -> str:
    return distribution.name


def _load(point: EntryPoint) -> Check:
    try:
        check = point.load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"the check {point.name} of {distribution(point)} does not load: {error}"
        ) from error
    if not isinstance(check, Check):
        raise PluginError(
            f"the check {point.name} of {distribution(point)} is not a gdpr_audit Check"
        )
    return check


def vocabulary(checks: Iterable[Check]) -> Vocabulary:
    """All facts and kinds. Raises PluginError where two checks state one fact."""
    checks = tuple(checks)
    kinds = {kind.name: kind.within for kind in KINDS}
    for check in checks:
        for kind in check.discovers:
            if kinds.setdefault(kind.name, kind.within) != kind.within:
                raise PluginError(
                    f"check {check.name}: the kind {kind.name} lies elsewhere already"
                )
    facts: dict[str, FactSpec] = {}
    owners: dict[str, str] = {}
    for check in checks:
        own = {check.subject, *(kind.name for kind in check.discovers)}
        for spec in check.facts:
            _refuse_misfit(check, spec, own, {PLATFORM, *kinds})
            if spec.name in facts:
                raise PluginError(
                    f"the checks {owners[spec.name]} and {check.name} both state {spec.name}"
                )
            facts[spec.name] = spec
            owners[spec.name] = check.name
    return Vocabulary(facts, kinds, owners)


def _refuse_misfit(check: Check, spec: FactSpec, own: set[str], kinds: set[str]) -> None:
    if not _NAME.match(spec.name):
        raise PluginError(
            f"check {check.name}: {spec.name!r} is not a fact's name (like tls.accepts_1_0)"
        )
    if spec.subject not in kinds:
        raise PluginError(
            f"check {check.name}: {spec.name} is about an unknown kind {spec.subject}"
        )
    if spec.subject not in own:
        raise PluginError(
            f"check {check.name}: {spec.name} is about {spec.subject}, not its own subject"
        )
    if not spec.doc:
        raise PluginError(f"check {check.name}: {spec.name} has no description")


def needed(
    checks: Iterable[Check], facts: frozenset[str], kinds: frozenset[str]
) -> tuple[Check, ...]:
    """Those checks that a chosen rule needs, for its facts or for its subjects."""
    return tuple(
        check
        for check in checks
        if any(spec.name in facts for spec in check.facts)
        or any(kind.name in kinds for kind in check.discovers)
    )
