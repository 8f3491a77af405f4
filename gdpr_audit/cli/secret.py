"""Secrets come from the environment alone: a command line and a file are read by others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.network.settings import Proxy

#: Where an option's value comes from, by Click's own words, and who else can read it there.
_READ_BY_OTHERS = {
    "COMMANDLINE": "on the command line, where every user of this machine can read it",
    "DEFAULT_MAP": "in the file of options, which is shared",
}


def refuse(parameter: str, what: str, variable: str) -> None:
    """Raise InputError where the option's value, with `what` in it, can be read by others."""
    from typer._click.globals import get_current_context

    context = get_current_context(silent=True)
    source = context.get_parameter_source(parameter) if context else None
    if source is not None and (where := _READ_BY_OTHERS.get(source.name)):
        option = parameter.replace("_", "-")
        raise InputError(f"--{option}: {what} {where}; set {variable} instead")


def proxy(given: str | None) -> Proxy | None:
    """`--proxy`. Raises InputError for no proxy's URL, and for a password that others can read."""
    if not given:
        return None
    from gdpr_audit.network.settings import Proxy

    parsed = Proxy.parse(given)
    if parsed.password:
        refuse("proxy", "a password stands", "GDPR_AUDIT_PROXY")
    return parsed
