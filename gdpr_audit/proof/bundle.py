"""A bundle put together: files, manifest, signature, stamp, in that order, as one archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gdpr_audit import __version__
from gdpr_audit.proof import archive, manifest, stamp
from gdpr_audit.proof.archive import Entry

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BLOCKS = "blocks.json"
SIGNATURE = "manifest.sig"
_NOTE = (
    "Helps to find the byte that differs in the files beside it; it proves nothing, and follows "
    "from them."
)
#: Sends a question to the authority; its answer, or Refused or NetworkError.
Ask = Callable[[stamp.Request], bytes]


class Contents(NamedTuple):
    """What goes into a bundle, and what its manifest says beside that."""

    files: Sequence[tuple[str, bytes]]
    audit: str  # the document's digest
    judged: Sequence[str]  # the ids of the rules that have a finding
    inputs: Sequence[dict[str, Any]]  # see `manifest.Input`
    created: str  # UTC, RFC 3339


def make(
    contents: Contents,
    key: Ed25519PrivateKey | None,
    authority: str | None = None,
    ask: Ask | None = None,
) -> bytes:
    """The archive; signed where there is a key, stamped where there is an authority to `ask`.

    That there is a stamp is said in the manifest, which is signed, and the stamp is of the
    signature: so neither can be taken away. Raises Refused or what `ask` raises where no stamp
    comes, and InputError for files that no bundle can hold.
    """
    head = [(manifest.NAME, _manifest(contents, key, authority))]
    if key is not None:
        from gdpr_audit.proof import keys  # noqa: PLC0415 - with a key alone

        head.append((SIGNATURE, keys.sign(head[0][1], key)))
    whole = [*head, (BLOCKS, b""), *contents.files]
    archive.pack([Entry(*file) for file in whole])  # what cannot be packed is stamped by no one
    if authority is not None and ask is not None:
        sent = stamp.request(head[-1][1])
        answer = ask(sent)
        stamp.accept(answer, head[-1][1], sent)
        head.append((stamp.NAME, answer))
    return archive.pack([Entry(*f) for f in (*head, (BLOCKS, blocks(head)), *contents.files)])


def _manifest(contents: Contents, key: Ed25519PrivateKey | None, authority: str | None) -> bytes:
    seal = None
    if key is not None:
        from gdpr_audit.proof import keys  # noqa: PLC0415 - with a key alone

        seal = {"algorithm": keys.ALGORITHM, "key_id": keys.id_of(key)}
    stamped = {"protocol": "RFC 3161", "authority": authority} if authority else None
    return manifest.write(
        {
            "schema": manifest.SCHEMA,
            "tool": {"name": "gdpr-audit", "version": __version__},
            "created": contents.created,
            "audit": contents.audit,
            "signature": seal,
            "stamp": stamped,
            "inputs": list(contents.inputs),
            "judged": list(contents.judged),
            "files": [manifest.row(*file) for file in contents.files],
        }
    )


def blocks(head: Sequence[tuple[str, bytes]]) -> bytes:
    """The block hashes of the manifest and what seals it, as a file."""
    return blocks_of([manifest.row(*file) for file in head])


def blocks_of(rows: Sequence[dict[str, Any]]) -> bytes:
    """The same, of rows that are made already."""
    return manifest.dumps({"note": _NOTE, "files": list(rows)})
