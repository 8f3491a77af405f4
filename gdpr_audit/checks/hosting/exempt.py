"""Who needs no certificate, and under which conditions.

A controller that hosts its own patients' data itself is no hoster of others (L.1111-8 CSP). A
group of public hospitals is exempt where its convention delegates the hosting, its members are
joint controllers (article 26 GDPR) and security measures are taken (FAQ of the ANS, 17 April
2024).
"""

from __future__ import annotations

from collections.abc import Callable

from gdpr_audit.attribution import Operator
from gdpr_audit.checks.hosting.listed import Row
from gdpr_audit.checks.hosting.same import is_self, operator_of
from gdpr_audit.declaration import schema
from gdpr_audit.hds import HosterList
from gdpr_audit.model import Origin, Text

_CONDITIONS = {
    "self-hosting": ("own_data", "own_premises"),
    "ght": ("convention", "joint_controllers", "security_measures"),
}


def settled(record: schema.Hoster, hosters: HosterList) -> bool | None:
    """Whether a certificate is needed; None where a condition of the exemption is not said."""
    exemption = record.exemption
    if exemption is None:
        return not is_self(record.provider)
    if _sells(record, hosters) is not None:
        return True
    met = [getattr(exemption, condition) for condition in _CONDITIONS[exemption.kind]]
    return True if False in met else None if None in met else False


def _sells(record: schema.Hoster, hosters: HosterList) -> Operator | None:
    """The commercial hoster that is named for self-hosting: its premises are not one's own.

    Who sells access is none: its addresses may lead into the controller's premises.
    """
    if record.exemption is None or record.exemption.kind != "self-hosting":
        return None
    operator = operator_of(record, hosters)
    return operator if operator is not None and not operator.access else None


def needed(
    record: schema.Hoster,
    hosters: HosterList,
    named: Text,
    missing: Callable[[str], Text],
    quote: Callable[[str, object], Text],
) -> Row:
    """Whether a certificate is needed: not where an exemption's conditions are all met."""
    name, exemption, outcome = "certificate_needed", record.exemption, settled(record, hosters)
    if exemption is None:
        return name, bool(outcome), named, Origin.DECLARED
    if (operator := _sells(record, hosters)) is not None:
        text = Text(
            f"{named.fr} : {operator.organisation} est un hébergeur commercial, d'après la table "
            "des exploitants ; l'exemption (self-hosting) ne s'applique pas",
            f"{named.en}: {operator.organisation} is a commercial hoster, by the table of "
            "operators; the exemption (self-hosting) does not apply",
        )
        return name, True, text, Origin.DECLARED
    conditions = _CONDITIONS[exemption.kind]
    if outcome is False:
        shown = f"{exemption.kind} ({', '.join(conditions)})"
        return name, False, quote("exemption", shown), Origin.DECLARED
    wanted = None if outcome is None else False
    telling = next(c for c in conditions if getattr(exemption, c) is wanted)
    if outcome is None:
        return name, missing(f"exemption.{telling}")
    text = quote(f"exemption.{telling}", "false")
    lost = Text(
        f"{text.fr} : l'exemption ({exemption.kind}) ne s'applique pas",
        f"{text.en}: the exemption ({exemption.kind}) does not apply",
    )
    return name, True, lost, Origin.DECLARED
