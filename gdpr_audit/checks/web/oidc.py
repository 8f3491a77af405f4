"""The OpenID providers of a target, by what they publish of themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.web import facts, metadata, providers, signin, visit
from gdpr_audit.checks.web.metadata import Metadata
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import (
    About,
    Census,
    Fact,
    Gap,
    Statement,
    Subject,
    Text,
)

_scribe = Scribe("oidc")
KIND = facts.OIDC_KIND.name


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    if not speaks_http(subject.name):
        yield Census(KIND, subject)
        return
    seen = await providers.of(subject, session)
    found = []
    for one in seen.found:
        name = f"{one.issuer} @ {subject.name}"
        about = Subject(KIND, name, subject.file, subject.line, subject)
        found.append(about)
        for statement in _facts(one):
            yield About(about, statement)
    yield Census(KIND, subject, tuple(found), seen.gap)


def _facts(one: Metadata) -> Iterator[Fact | Gap]:
    at = Text.same(one.url)
    yield _scribe.fact("oidc.issuer", one.issuer, at)
    clear = one.insecure
    shown = _said(one, ", ".join(clear) or f"{len(one.addresses)} × https")
    yield _scribe.fact("oidc.endpoints_https", not clear, shown)
    yield _scribe.fact("oidc.issues_id_tokens", one.issues_id_tokens, at)
    yield from _algorithms(one)
    yield from _flows(one)
    network = signin.by_issuer(one.issuer)
    if network is None:
        yield _scribe.fact("oidc.pro_sante_connect", False, at)
    else:
        kind = Text("bac à sable", "sandbox") if network.sandbox else Text.same("production")
        words = Text(f"{one.url} ({kind.fr})", f"{one.url} ({kind.en})")
        yield _scribe.fact("oidc.pro_sante_connect", True, words)


def _said(one: Metadata, words: str) -> Text:
    return Text(f"{one.url} : {words}", f"{one.url}: {words}")


def _omitted(one: Metadata, key: str, fr: str, en: str) -> Text:
    return Text(f"{one.url} omet {key} : {fr}", f"{one.url} omits {key}: {en}")


def _algorithms(one: Metadata) -> Iterator[Fact | Gap]:
    key = "id_token_signing_alg_values_supported"
    names = ("oidc.id_token_algorithms", "oidc.id_token_asymmetric")
    if one.algorithms is None:
        unsaid = _omitted(one, key, "non établi", "not established")
        yield from (_scribe.gap(name, unsaid) for name in names)
        return
    shown = _said(one, f"{key} = {', '.join(one.algorithms) or '—'}")
    # the name is `none` to the letter, but a lax reader takes any case of it
    listed = tuple("none" if a.lower() == "none" else a for a in one.algorithms)
    yield _scribe.fact(names[0], listed, shown)
    yield _scribe.fact(names[1], metadata.signs_asymmetrically(listed), shown)


def _flows(one: Metadata) -> Iterator[Fact | Gap]:
    key = "grant_types_supported"
    if one.grants is not None:
        yield _scribe.fact(
            "oidc.grant_types", one.grants, _said(one, f"{key} = {', '.join(one.grants)}")
        )
    elif one.smart:  # its norm requires them: no default stands in
        unsaid = _omitted(one, key, "non établi", "not established")
        yield _scribe.gap("oidc.grant_types", unsaid)
    else:
        default = ", ".join(metadata.DEFAULT_GRANTS)
        means = (f"{default} par défaut (RFC 8414, 2)", f"{default} by default (RFC 8414, 2)")
        yield _scribe.fact("oidc.grant_types", metadata.DEFAULT_GRANTS, _omitted(one, key, *means))
    key = "response_types_supported"
    if one.responses is None:
        unsaid = _omitted(one, key, "non établi", "not established")
        yield _scribe.gap("oidc.response_types", unsaid)
    else:
        shown = _said(one, f"{key} = {', '.join(one.responses) or '—'}")
        yield _scribe.fact("oidc.response_types", one.responses, shown)
    key = "code_challenge_methods_supported"
    if one.pkce is None:
        words = ("PKCE n'est pas offert (RFC 8414, 2)", "PKCE is not offered (RFC 8414, 2)")
        yield _scribe.fact("oidc.pkce_methods", (), _omitted(one, key, *words))
    else:
        yield _scribe.fact(
            "oidc.pkce_methods", one.pkce, _said(one, f"{key} = {', '.join(one.pkce) or '—'}")
        )


_identity = Scribe("identity")


async def observe_identity(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    """What only proves, never disproves: where nothing was seen, the declaration stands."""
    sandbox: list[str] = []
    unseen: list[Text] = []
    looked: list[str] = []
    for target in visit.of_audience(subject, session):
        looked.append(target.name)
        try:
            found = await providers.of(target, session)
        except NetworkError as error:
            unseen.append(error.reason)
            continue
        unseen += [found.gap] if found.gap else []
        if any(not network.sandbox for network in found.networks):
            seen = Text(
                f"{target.name} mène à Pro Santé Connect",
                f"{target.name} leads to Pro Santé Connect",
            )
            yield _identity.fact("audience.pro_sante_connect_seen", True, seen)
            return
        sandbox += [target.name for network in found.networks if network.sandbox]
    yield _identity.fact(
        "audience.pro_sante_connect_seen", False, _not_seen(sandbox, unseen, looked)
    )


def _not_seen(sandbox: list[str], unseen: list[Text], looked: list[str]) -> Text:
    if sandbox:
        where = ", ".join(sandbox)
        return Text(
            f"{where} ne mène qu'au bac à sable de Pro Santé Connect",
            f"{where} leads to Pro Santé Connect's sandbox only",
        )
    if unseen:
        return Text(
            f"Pro Santé Connect n'a pas été vu ; {unseen[0].fr}",
            f"Pro Santé Connect was not seen; {unseen[0].en}",
        )
    where = ", ".join(looked) or "—"
    return Text(
        f"Pro Santé Connect n'a pas été vu ({where})", f"Pro Santé Connect was not seen ({where})"
    )
