"""`--bundle`, `--sign-key`, `--timestamp`: what an audit was made of, kept in one archive."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from gdpr_audit.cli import options, progress, run, secret
from gdpr_audit.cli.keygen import PASSPHRASE
from gdpr_audit.cli.options import Format
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gdpr_audit.audit import Plan
    from gdpr_audit.declaration import Declaration
    from gdpr_audit.network import Settings
    from gdpr_audit.proof.stamp import Request

_PEM = "-----BEGIN"
_STEP = 1024 * 1024  # bytes read at once of a file that is hashed
#: Keys of a declaration whose values name files beside it.
_FILE = "file"


class Sealing(NamedTuple):
    """Where the bundle goes, the key that signs it, the authority that stamps it."""

    path: Path
    key: Ed25519PrivateKey | None
    authority: str | None


class Material(NamedTuple):
    """What the audit is made of beside its document: files to keep, inputs to name."""

    files: Sequence[tuple[str, bytes]]
    inputs: Sequence[dict[str, Any]]


def prepare(bundle: Path | None, sign_key: str | None, timestamp: str | None) -> Sealing | None:
    """What the options ask for; None without a bundle.

    To be called before anything is sent. Raises InputError for a bundle that cannot be written, a
    key that cannot be used, an authority that cannot be asked.
    """
    if bundle is None:
        _refuse_without_bundle()
        return None
    _refuse_unwritable(bundle)
    key = _key(sign_key) if sign_key else None
    if timestamp:
        from gdpr_audit.proof import stamp

        stamp.refuse_address(timestamp)
        stamp.require("--timestamp")
    return Sealing(bundle, key, timestamp or None)


def _refuse_without_bundle() -> None:
    """Refuse options on the line that mean a bundle, where none is asked for."""
    from typer._click.globals import get_current_context

    context = get_current_context()
    for name, option in (("sign_key", "--sign-key"), ("timestamp", "--timestamp")):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise InputError(f"{option}: there is no bundle; add --bundle FILE.zip")


def _refuse_unwritable(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"--bundle {path}: this is a folder; name a file")
    near = next((p for p in path.parents if p.exists()), Path())
    if not near.is_dir():
        raise InputError(f"--bundle {path}: {near} is not a folder")
    if not os.access(near, os.W_OK | os.X_OK):
        raise InputError(f"--bundle {path}: {near} cannot be written to; name another folder")


def _key(given: str) -> Ed25519PrivateKey:
    from gdpr_audit import files
    from gdpr_audit.proof import keys

    passphrase = os.environ.get(PASSPHRASE)
    if given.lstrip().startswith(_PEM):
        secret.refuse("sign_key", "a private key stands", "GDPR_AUDIT_SIGN_KEY")
        return keys.private(given.strip().encode() + b"\n", "--sign-key", passphrase)
    path = Path(given)
    pem = files.read(path, keys.LIMIT, "private key")
    key = keys.private(pem, str(path), passphrase)
    if os.name == "posix" and path.stat().st_mode & 0o044:
        _warn(f"{path}: others may read this private key; chmod 600 {path}")
    return key


def _warn(message: str) -> None:
    typer.echo(f"gdpr-audit: warning: {message}", err=True)


def material(
    digest: str,
    packs: list[Path] | None,
    profile: str | None,
    inputs: Iterable[tuple[str, Path | None]],
    hosters: str | None = None,
) -> Material:
    """The rules of that digest, the TLS profile, the list of hosters; the inputs by their hashes.

    Raises InputError where the rules here are not those that judged.
    """
    from gdpr_audit.proof import archive, contents
    from gdpr_audit.rules import book
    from gdpr_audit.rules import profile as profiles

    found = book.gather([*book.installed_packs(), *(packs or ())])
    if book.digest(found) != digest:
        raise InputError(
            "--bundle: the audit was judged by other rules than those installed here; use "
            "`judge --bundle`, with --rules where it had them"
        )
    kept = [(rule_name(path), content) for path, content in found.items()]
    for name, _ in kept:
        if (why := archive.refuse_name(name)) is not None:
            raise InputError(f"--bundle: the rule {name!r} cannot stand in an archive: {why}")
    kept.append((contents.PROFILE, profiles.place(profile or profiles.DEFAULT).read_bytes()))
    if hosters is not None:
        kept.append((contents.HOSTERS, hosters.encode()))
    named = ((role, path) for role, path in inputs if path is not None)
    return Material(kept, [_input(role, path) for role, path in named])


def of_plan(
    plan: Plan,
    packs: list[Path] | None,
    profile: str | None,
    inputs: Iterable[tuple[str, Path | None]],
) -> Material:
    """What a scan is made of; the files that its declaration names are inputs too."""
    from gdpr_audit.hds import table

    read = [*inputs, *_artefacts(plan.declaration)]
    hosters = table.write(plan.hosters.entries)
    return material(plan.rules_digest, packs, profile, read, hosters)


def of_document(rendered: dict[str, Any], audit: Path) -> Material:
    """What a finished audit was made of, as far as it is here."""
    from gdpr_audit.rules import profile as profiles

    told = rendered["tool"]["tls_profile"]
    if told["id"] not in profiles.known() or profiles.load(told["id"]).version != told["version"]:
        raise InputError(
            f"--bundle: the TLS profile {told['id']} {told['version']} is not built in here; use "
            "`judge --bundle` with --tls-profile"
        )
    return material(rendered["tool"]["rules"], None, told["id"], [("audit", audit)])


def rule_name(path: Path) -> str:
    """Where a rule stands in a bundle: by its theme and id; `_` is no theme at all."""
    return f"rules/{path.parent.name or '_'}/{path.name}"


def _input(role: str, path: Path) -> dict[str, Any]:
    """An input by its name, size in bytes and SHA-256, and nothing of its folder."""
    from gdpr_audit import files

    found, size = hashlib.sha256(), 0
    try:
        with files.opened(path, regular=True) as stream:
            while part := stream.read(_STEP):
                found.update(part)
                size += len(part)
    except OSError as error:
        raise InputError(f"{path}: cannot read the {role}: {error.strerror}") from error
    return {"role": role, "name": path.name, "bytes": size, "sha256": found.hexdigest()}


def _artefacts(declared: Declaration) -> list[tuple[str, Path | None]]:
    """The files that a declaration names beside it, each once."""
    if declared.written is None:
        return []
    found: dict[str, None] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            name = value.get(_FILE)
            if isinstance(name, str) and (declared.folder / name).is_file():
                found[name] = None
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(declared.document.data)
    return [("artefact", declared.folder / name) for name in found]


def write(
    sealing: Sealing | None,
    kept: Material,
    rendered: dict[str, Any],
    formats: Iterable[Format],
    settings: Settings,
    *,
    quiet: bool = False,
) -> None:
    """The bundle, whole or not at all; unstamped, with a warning, where no stamp comes."""
    from gdpr_audit import document, files
    from gdpr_audit.errors import NetworkError
    from gdpr_audit.model import now
    from gdpr_audit.network.journal import bare
    from gdpr_audit.proof import archive, bundle, contents, stamp

    made = [*contents.of(rendered, reports(formats)), *kept.files]
    if settings.journal is not None:
        made.append((contents.JOURNAL, files.read(settings.journal, archive.LIMIT, "journal")))
    judged = sorted({finding["rule"] for finding in rendered["findings"]})
    inside = bundle.Contents(made, rendered["digest"], judged, kept.inputs, document.stamp(now()))
    assert sealing is not None
    url = sealing.authority
    try:
        if url is None:
            packed = bundle.make(inside, sealing.key)
        else:
            with progress.working(f"time stamp: asking {bare(url)}", quiet=quiet):
                packed = bundle.make(
                    inside, sealing.key, bare(url), lambda sent: _ask(url, sent, settings)
                )
    except (stamp.Refused, NetworkError) as error:
        _warn(f"--timestamp {bare(url or '')}: no time stamp: {error}; the bundle has none")
        packed = bundle.make(inside, sealing.key)
    run.save(sealing.path, packed)


def reports(formats: Iterable[Format]) -> Mapping[str, str]:
    """The reports of a bundle: their formats by their files' names. There is always a page."""
    wanted = dict.fromkeys([Format.HTML, *formats])
    left_out = (Format.CONSOLE, Format.JSON)  # the document is there by itself
    return {run.file_name(kind): kind.value for kind in wanted if kind not in left_out}


def _ask(url: str, sent: Request, settings: Settings) -> bytes:
    """The authority's answer. Raises NetworkError, or Refused for one that is none."""
    import asyncio

    return asyncio.run(_answer(url, sent, settings))


async def _answer(url: str, sent: Request, settings: Settings) -> bytes:
    from gdpr_audit.network import Door
    from gdpr_audit.network.post import post
    from gdpr_audit.proof import stamp

    async with Door(settings._replace(journal_goes_on=True), day=options.day_of(None)) as door:
        answer = await post(
            door, url, sent.der, kind=stamp.ASKED, purpose="time stamp (RFC 3161)",
            limit=stamp.LIMIT,
        )  # fmt: skip
    if answer.status != 200:
        raise stamp.Refused(f"the authority answered with HTTP status {answer.status}")
    if answer.gap is not None:
        raise stamp.Refused(answer.gap.en)
    return answer.body
