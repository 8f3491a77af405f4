"""The chain behind a name, as a tree for a terminal."""

from __future__ import annotations

from typing import Any

from rich.text import Text as Styled
from rich.tree import Tree

from gdpr_audit.model import Text

_WORDS = {
    "colon": Text(" : ", ": "),
    "listed": Text("sur la liste HDS", "on the HDS list"),
    "absent": Text("absent de la liste HDS", "not on the HDS list"),
    "unknown": Text(
        "pas sur la liste HDS partielle, ce qui ne prouve rien",
        "not on the partial HDS list, which shows nothing",
    ),
    "activities": Text("activités", "activities"),
    "until": Text("jusqu'au", "until"),
    "private": Text("adresse privée ou locale", "private or local address"),
    "in_front": Text("CDN devant, qui cache l'origine", "CDN in front, which hides the origin"),
    "no_cdn": Text("aucun CDN reconnu", "no CDN recognised"),
    "in_front_unknown": Text(
        "aucun CDN reconnu, mais tout n'a pas pu être examiné",
        "no CDN recognised, but not everything could be looked at",
    ),
    "mail": Text("courriel", "mail"),
    "name_servers": Text("serveurs de noms", "name servers"),
    "third_parties": Text("tiers chargés par la page", "third parties loaded by the page"),
    "none": Text("aucun", "none"),
    "not_looked_at": Text("pas examiné", "not looked at"),
    "told": Text("adresses transmises à", "addresses sent to"),
    "hds_zone": Text("zone ouverte aux données de santé", "zone open to health data"),
    "not_hds_zone": Text(
        "zone que l'hébergeur n'offre pas pour les données de santé",
        "zone that the hoster does not offer for health data",
    ),
    "caution": Text(
        "Un nom ou une adresse désigne un exploitant ; aucun ne prouve un certificat, un contrat "
        "ni le lieu des données.",
        "A name or an address points to an operator; neither proves a certificate, a contract or "
        "where the data lies.",
    ),
}


def tree(found: dict[str, Any], language: str) -> Tree:
    """`found` is what `gdpr-audit hosting -f json` prints."""

    def say(key: str) -> str:
        return _WORDS[key].within(language)

    top = Tree(_owned(Styled(found["name"], style="bold"), found, say))
    for alias in found["aliases"]:
        line = _owned(Styled(f"CNAME {alias['name']}"), alias, say)
        if alias["hds_zone"] is not None:
            line.append(f" ({say('hds_zone' if alias['hds_zone'] else 'not_hds_zone')})")
        top.add(line)
    for address in found["addresses"]:
        _address(top, address, say)
    _front(top, found, say)
    for key in ("mail", "name_servers", "third_parties"):
        _beside(top, key, found, say)
    for gap in found["not_looked_at"]:
        top.add(Styled(f"{say('not_looked_at')}{say('colon')}{gap}", style="magenta"))
    for service, addresses in found["told_outside"].items():
        top.add(Styled(f"{say('told')} {service}{say('colon')}{', '.join(addresses)}", style="dim"))
    top.add(Styled(say("caution"), style="dim"))
    return top


def _front(top: Tree, found: dict[str, Any], say: Any) -> None:
    if found["in_front"] is None:
        top.add(Styled(f"{say('in_front_unknown')}", style="magenta"))
    elif not found["in_front"]:
        top.add(Styled(say("no_cdn"), style="dim"))
    else:
        branch = top.add(Styled(say("in_front"), style="bold"))
        for cdn in found["in_front"]:
            branch.add(_owned(Styled(""), cdn, say))
        for sign in found["signs"]:
            branch.add(Styled(sign, style="dim"))


def _beside(top: Tree, key: str, found: dict[str, Any], say: Any) -> None:
    domain = f" ({found['domain']})" if key != "third_parties" and found["domain"] else ""
    branch = top.add(Styled(f"{say(key)}{domain}", style="bold"))
    for one in found[key] or ():
        branch.add(_owned(Styled(one["name"]), one, say))
    if found[key] is None:
        branch.add(Styled(say("not_looked_at"), style="magenta"))
    elif not found[key]:
        branch.add(Styled(say("none"), style="dim"))


def _address(top: Tree, address: dict[str, Any], say: Any) -> None:
    if not address["public"]:
        top.add(Styled(f"{address['name']} ({say('private')})"))
        return
    place = ", ".join(part for part in (address["region"], address["country"]) if part)
    line = _owned(Styled(address["name"]), address, say)
    branch = top.add(line)
    for link in address["links"]:
        branch.add(Styled(link, style="dim"))
    if place:
        branch.add(Styled(place))
    if address["pointer"]:
        branch.add(Styled(f"PTR {address['pointer']}", style="dim"))


def _owned(line: Styled, one: dict[str, Any], say: Any) -> Styled:
    """The line with whose it is, and what the list says of them."""
    if one.get("gap"):
        line.append(f" ({say('not_looked_at')}{say('colon')}{one['gap']})", style="magenta")
    if not one.get("organisation"):
        return line
    arrow = " → " if line.plain else ""
    line.append(f"{arrow}{one['organisation']}", style="bold")
    hds = one["hds"]
    if hds["listed"]:
        parts = [say("listed")]
        if hds["activities"]:
            parts.append(f"{say('activities')} {', '.join(map(str, hds['activities']))}")
        if hds["referential"]:
            parts.append(f"v{hds['referential']}")
        if hds["valid_until"]:
            parts.append(f"{say('until')} {hds['valid_until']}")
        line.append(f" [{', '.join(parts)}]", style="green")
    elif hds["listed"] is False:
        line.append(f" [{say('absent')}]", style="red")
    else:
        line.append(f" [{say('unknown')}]", style="magenta")
    return line
