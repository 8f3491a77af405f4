"""`gdpr-audit rules`, `checks` and `schema`: what the tool knows."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gdpr_audit.cli import complete, options
from gdpr_audit.cli.options import Lang, RulePacks
from gdpr_audit.errors import InputError

rules = typer.Typer(help="The catalogue of rules.", no_args_is_help=True)
checks = typer.Typer(help="The installed checks and their facts.", no_args_is_help=True)

Tongue = Annotated[Lang, typer.Option("--lang", envvar="GDPR_AUDIT_LANG")]


@rules.command("list")
def rules_list(
    packs: RulePacks = None,
    theme: Annotated[
        str | None,
        typer.Option("--theme", autocompletion=complete.themes, help="One theme only."),
    ] = None,
    lang: Tongue = Lang.FR,
) -> None:
    """Every rule: theme, severity, id, title."""
    _, words = options.known()
    book = options.rule_book(words, packs)
    chosen = book.of_theme(theme) if theme else book.rules
    for rule in chosen:
        title = rule.title.within(lang.value)
        typer.echo(f"{rule.theme:15} {rule.severity:9} {rule.id:33} {title}")


@rules.command("show")
def rules_show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", autocompletion=complete.rules)],
    packs: RulePacks = None,
    tls_profile: options.TlsProfile = None,
    lang: Tongue = Lang.FR,
) -> None:
    """One rule with its conditions, law, sources and precedents."""
    from gdpr_audit.cli import rule_text

    _, words = options.known()
    book = options.rule_book(words, packs, only=[rule_id])
    profile = options.tls_profile(tls_profile)
    typer.echo(rule_text.render(book.rule(rule_id), words, profile, lang.value), nl=False)


def _own(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    return [path]


@rules.command("validate")
def rules_validate(path: Annotated[Path, typer.Argument(metavar="PATH")]) -> None:
    """Check a rule pack: shape, facts, types, languages, examples."""
    from gdpr_audit.rules import book

    _, words = options.known()
    found = book.load(_own(path), words)
    typer.echo(f"{path}: {len(found.rules)} rules, valid")


@rules.command("test")
def rules_test(path: Annotated[Path, typer.Argument(metavar="PATH")]) -> None:
    """Run a rule pack on its own passing and failing examples; status 1 where one differs."""
    from gdpr_audit.rules import book, examples

    _, words = options.known()
    found = book.load(_own(path), words)
    count = 0
    wrong = []
    for rule in found.rules:
        for outcome in examples.run(rule, words):
            count += 1
            if not outcome.met:
                wrong.append(outcome)
    for outcome in wrong:
        typer.echo(f"{outcome.rule.file}: example {outcome.number}: {outcome.says}")
    typer.echo(f"{len(found.rules)} rules, {count} examples, {len(wrong)} differ")
    raise typer.Exit(1 if wrong else 0)


@checks.command("list")
def checks_list() -> None:
    """The installed checks, plug-ins included, with the distribution that brought each."""
    from gdpr_audit.checks.registry import distribution

    installed, _ = options.known()
    for check, point in installed:
        kinds = ", ".join((check.subject, *(kind.name for kind in check.discovers)))
        typer.echo(f"{check.name:17} {distribution(point):12} {len(check.facts):3} facts  {kinds}")


@checks.command("facts")
def checks_facts() -> None:
    """The facts that rules may name: type, subject, meaning."""
    _, words = options.known()
    for name in sorted(words.facts):
        spec = words.facts[name]
        typer.echo(f"{name:34} {spec.type.value:8} {spec.subject:13} {spec.doc}")


class Schema(StrEnum):
    DECLARATION = "declaration"
    AUDIT = "audit"
    RULE = "rule"
    WAIVERS = "waivers"


def schema(kind: Annotated[Schema, typer.Argument(help="Which file's schema.")]) -> None:
    """Print a JSON Schema, for editors and pipelines."""
    import json

    if kind is Schema.DECLARATION:
        from gdpr_audit.declaration.schema import json_schema
    elif kind is Schema.RULE:
        from gdpr_audit.rules.schema import json_schema
    elif kind is Schema.WAIVERS:
        from gdpr_audit.waivers.read import json_schema
    else:
        from gdpr_audit.reports.schema import json_schema
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
