"""What reports say around the findings, in both languages."""

from __future__ import annotations

from gdpr_audit.model import Text

WORDS: dict[str, Text] = {
    "report": Text("Rapport d'audit de sécurité", "Security audit report"),
    "subtitle": Text(
        "RGPD, articles 32 et 9, et hébergement de données de santé",
        "GDPR articles 32 and 9, and hosting of health data",
    ),
    "non-compliant": Text("Non conforme", "Non-compliant"),
    "undetermined": Text("Indéterminé", "Undetermined"),
    "compliant": Text("Conforme", "Compliant"),
    "verdict": Text("Verdict", "Verdict"),
    "pass": Text("conforme", "pass"),
    "fail": Text("manquement", "fail"),
    "unproven": Text("non prouvé", "unproven"),
    "not_applicable": Text("sans objet", "not applicable"),
    "waived": Text("accepté", "waived"),
    "error": Text("erreur", "error"),
    "pass.many": Text("conformes", "passed"),
    "waived.one": Text("accepté", "waived"),
    "error.one": Text("erreur", "error"),
    "fail.none": Text("aucun manquement", "nothing failed"),
    "fail.one": Text("manquement", "failed"),
    "pass.one": Text("conforme", "passed"),
    "unproven.one": Text("non prouvé", "unproven"),
    "fail.many": Text("manquements", "failed"),
    "unproven.many": Text("non prouvés", "unproven"),
    "not_applicable.many": Text("sans objet", "not applicable"),
    "waived.many": Text("acceptés", "waived"),
    "error.many": Text("erreurs", "errors"),
    "critical": Text("critique", "critical"),
    "high": Text("élevée", "high"),
    "medium": Text("moyenne", "medium"),
    "low": Text("faible", "low"),
    "info": Text("information", "information"),
    "severity": Text("gravité", "severity"),
    "declared": Text("déclaré", "declared"),
    "published": Text("publié", "published"),
    "measured": Text("mesuré", "measured"),
    "strength": Text("force de la preuve", "strength of proof"),
    "platform": Text("Plateforme", "Platform"),
    "date": Text("Jugé à la date du", "Judged as of"),
    "looked": Text("Observé", "Observed"),
    "targets": Text("Cibles", "Targets"),
    "target": Text("Cible", "Target"),
    "addresses": Text("Adresses", "Addresses"),
    "connections": Text("Connexions", "Connections"),
    "seconds": Text("Durée (s)", "Time (s)"),
    "reached": Text("Jointe", "Reached"),
    "late": Text("Cibles dont le temps s'est écoulé", "Targets whose time ran out"),
    "unreached": Text("Cibles non jointes", "Targets not reached"),
    "yes": Text("oui", "yes"),
    "no": Text("non", "no"),
    "not-looked": Text("non examinée", "not looked at"),
    "mandate": Text("Mandat", "Mandate"),
    "no-mandate": Text(
        "aucun : rien d'intrusif n'a été envoyé", "none: nothing intrusive was sent"
    ),
    "ceiling": Text("Plafond d'amende (art. 83 RGPD)", "Ceiling of fines (art. 83 GDPR)"),
    "ceiling.caution": Text(
        "Un plafond n'est pas une prévision : l'autorité tient compte de la gravité, de la taille "
        "et de la coopération.",
        "A ceiling is no forecast: the authority weighs gravity, size and cooperation.",
    ),
    "exposure": Text("Exposition aux sanctions", "Exposure to sanctions"),
    "exposure.ceilings": Text("Plafonds d'amende", "Ceilings of fines"),
    "exposure.infringed": Text("Articles en cause", "Articles at stake"),
    "exposure.sum": Text("Somme", "Sum"),
    "exposure.share": Text("Part du chiffre d'affaires mondial", "Share of worldwide turnover"),
    "exposure.unknown": Text("non déclaré", "not declared"),
    "exposure.ceiling": Text("Plafond", "Ceiling"),
    "exposure.outside": Text(
        "Sans plafond de l'article 83 connu de ce rapport",
        "Without a ceiling of article 83 that this report knows of",
    ),
    "exposure.turnover": Text("Chiffre d'affaires déclaré", "Declared turnover"),
    "exposure.people": Text("Personnes concernées", "People concerned"),
    "exposure.penal": Text("Risque pénal", "Criminal risk"),
    "exposure.prison": Text(
        "{years} ans d'emprisonnement et {fine} d'amende ; {company} pour une personne morale",
        "{years} years' imprisonment and a fine of {fine}; {company} for a legal person",
    ),
    "exposure.comparable": Text("Décisions comparables", "Comparable decisions"),
    "exposure.why": Text("Règles en commun", "Rules in common"),
    "exposure.comparable.intro": Text(
        "Ces décisions ont relevé des fautes que cet audit constate aussi. Le montant vaut pour "
        "leur cas, après recours quand l'issue en est connue ; elles ont été lues en résumé.",
        "These decisions took up faults that this audit finds as well. The amount is for their "
        "case, after appeal where its outcome is known; they were read in summary.",
    ),
    "asked-for": Text(
        "mesure demandée, sans faute relevée", "measure asked for, no fault taken up"
    ),
    "none-known": Text("aucun dans cette bibliothèque", "none in this library"),
    "read.text": Text("texte lu", "the text was read"),
    "read.summary": Text("lu en résumé", "read in summary"),
    "read.none": Text("à vérifier : non lu", "to be checked: not read"),
    "read.at": Text("lu sur", "read at"),
    "people": Text("personnes", "people"),
    "coverage": Text("Ce qui a pu être jugé", "What could be judged"),
    "counts": Text("Résultats", "Results"),
    "by-severity": Text("Manquements par gravité", "Failures by severity"),
    "by-article": Text("Résultats par article", "Results by article"),
    "by-article.intro": Text(
        "Un constat compte sous chacun des articles en cause\u00a0; il est exposé sous le premier.",
        "A finding counts under each of its articles; it is told under the first.",
    ),
    "elsewhere": Text(
        "Également en cause, exposé sous un autre article",
        "At stake as well, told under another article",
    ),
    "elsewhere.passed": Text("Exposés sous", "Told under"),
    "article": Text("Article", "Article"),
    "findings": Text("Constats", "Findings"),
    "none-failed": Text("Aucun manquement constaté.", "No failure found."),
    "shown-failures": Text("Manquements", "Failures"),
    "passed": Text("Points conformes", "What passed"),
    "kept": Text("Faute écartée\u00a0: «\u00a0{fault}\u00a0»", "Fault ruled out: “{fault}”"),
    "alternatives": Text(
        "Plusieurs voies étaient possibles\u00a0; aucune n'est suivie\u00a0:",
        "There were several ways; none of them is taken:",
    ),
    "or": Text(" ou ", " or "),
    "on": Text("Concerne", "About"),
    "seen": Text("Constaté", "Seen"),
    "must": Text("doit", "must"),
    "observed": Text("observé", "observed"),
    "offending": Text("en cause", "at fault"),
    "why": Text("Pourquoi c'est important", "Why it matters"),
    "remedy": Text("Comment y remédier", "How to mend it"),
    "sources": Text("Sources", "Sources"),
    "law": Text("Textes", "Law"),
    "precedents": Text("Précédents", "Precedents"),
    "unshown": Text(
        "Ce qui n'a pas été montré, et comment le montrer",
        "What was not shown, and how to show it",
    ),
    "unshown.intro": Text(
        "Ces points n'ont été ni vus ni déclarés. Ils ne sont ni conformes ni fautifs : la raison "
        "est dite pour chacun.",
        "These points were neither seen nor declared. They neither pass nor fail: the reason is "
        "said for each.",
    ),
    "reason": Text("Raison", "Reason"),
    "rule": Text("Règle", "Rule"),
    "missing": Text("non connu", "not known"),
    "errors": Text("Contrôles en erreur", "Checks that broke"),
    "method": Text("Méthode et limites", "Method and limits"),
    "method.text": Text(
        "Des contrôles observent la plateforme de l'extérieur et lisent sa déclaration ; des "
        "règles comparent ces faits à ce que demandent les textes. Ce qui n'a pu être observé est "
        "dit « non prouvé », jamais conforme. « Mesuré » : vu sur le réseau ou lu dans un "
        "artefact ; « publié » : tiré d'une liste ou d'un registre ; « déclaré » : sur la parole "
        "de la plateforme. Ce rapport n'est pas un avis juridique.",
        "Checks observe the platform from outside and read its declaration; rules compare those "
        "facts with what the law asks. What could not be observed is called “unproven”, never a "
        "pass. “Measured”: seen on the wire or read in an artefact; “published”: from a list or "
        "a public record; “declared”: on the platform's word. This report is not legal advice.",
    ),
    "hds-list": Text("Liste des hébergeurs certifiés", "List of certified hosters"),
    "hds-list.old": Text(
        "cette liste a {days} jours : importez-en une nouvelle (gdpr-audit hds import)",
        "this list is {days} days old: import a new one (gdpr-audit hds import)",
    ),
    "told-outside": Text(
        "Adresses transmises à des services extérieurs", "Addresses sent to outside services"
    ),
    "known": Text("déjà connu", "known before"),
    "waivers": Text("Manquements acceptés", "Accepted failures"),
    "waivers.intro": Text(
        "Un manquement accepté reste un manquement : il ne compte plus dans le statut jusqu'à "
        "l'échéance.",
        "An accepted failure remains one: until its end it does not count for the status.",
    ),
    "approver": Text("accepté par", "accepted by"),
    "expires": Text("jusqu'au", "until"),
    "reference": Text("référence", "reference"),
    "applied": Text("en vigueur", "in force"),
    "expired": Text("échu : ne compte plus", "ended: counts no longer"),
    "unmatched": Text("ne couvre aucun manquement", "covers no failure"),
    "expiring": Text("finit dans 30 jours ou moins", "ends within 30 days"),
    "tls-profile": Text("Profil TLS", "TLS profile"),
    "rules": Text("Règles", "Rules"),
    "version": Text("Version", "Version"),
    "digest": Text("Empreinte", "Digest"),
    "interrupted": Text(
        "L'audit a été interrompu : ce rapport est partiel.",
        "The audit was interrupted: this report is partial.",
    ),
    "effort": Text("Effort", "Effort"),
    "effort.small": Text("réglage (heures)", "a setting (hours)"),
    "effort.medium": Text("chantier court (jours)", "short work (days)"),
    "effort.large": Text("projet (semaines)", "a project (weeks)"),
    "effort.none": Text("à estimer", "to be estimated"),
    "actions": Text("Plan d'action", "Action plan"),
    "actions.intro": Text(
        "Le plus grave d'abord ; à gravité égale, ce qui demande le moins. L'effort est l'ordre de "
        "grandeur que les auteurs des règles estiment, pas un devis.",
        "The gravest first; of equals, what takes the least. Effort is the order of magnitude "
        "that the rules' authors estimate, no quotation.",
    ),
    "actions.share": Text(
        "Chaque action vaut pour tous les objets en faute\u00a0: {actions} pour {failures}.",
        "Each action is for all that is at fault: {actions} for {failures}.",
    ),
    "action.one": Text("action", "action"),
    "action.many": Text("actions", "actions"),
    "actions.none": Text("Rien n'a failli : rien à réparer.", "Nothing failed: nothing to mend."),
    "actions.open": Text("Reste à montrer", "Still to be shown"),
    "action": Text("À faire", "To do"),
    "subjects": Text("Sur", "On"),
    "owner": Text("Responsable, échéance", "Owner, due date"),
    "picture": Text("Où se trouvent les manquements", "Where the failures lie"),
    "picture.text": Text("La même chose en tableau", "The same as a table"),
    "theme": Text("Thème", "Theme"),
    "theme.naming": Text("DNS et courriel", "DNS and mail"),
    "theme.transport": Text("Transport (TLS)", "Transport (TLS)"),
    "theme.web": Text("Pages web", "Web pages"),
    "theme.authentication": Text("Authentification", "Authentication"),
    "theme.exposure": Text("Exposition", "Exposure"),
    "theme.storage": Text("Stockage", "Storage"),
    "theme.traceability": Text("Traçabilité", "Traceability"),
    "theme.resilience": Text("Résilience", "Resilience"),
    "theme.hosting": Text("Hébergement", "Hosting"),
    "theme.lawfulness": Text("Licéité", "Lawfulness"),
    "theme.governance": Text("Gouvernance", "Governance"),
    "theme.assurance": Text("Maintien du niveau", "Assurance"),
    "row.outside": Text("Ce que voit un visiteur", "What a visitor meets"),
    "row.inside": Text("Là où sont les données", "Where the data is"),
    "row.people": Text("Ce que fait l'organisation", "What the organisation does"),
    "row.others": Text("Règles ajoutées", "Added rules"),
    "nothing": Text("sans objet", "not applicable"),
    "glossary": Text("Glossaire", "Glossary"),
    "annex": Text("Annexe : faits et preuves", "Annex: facts and evidence"),
    "annex.intro": Text(
        "Tout ce que les contrôles ont établi, et ce qu'ils n'ont pu établir, par objet. Le "
        "document d'audit (JSON) tient le tout ; son empreinte est dite plus haut.",
        "All that the checks established, and what they could not, by subject. The audit document "
        "(JSON) holds the whole; its digest stands above.",
    ),
    "fact": Text("Fait", "Fact"),
    "facts": Text("faits", "facts"),
    "value": Text("Valeur", "Value"),
    "known-how": Text("Comment on le sait", "How it is known"),
    "limits": Text("Ce que cet audit ne dit pas", "What this audit does not say"),
    "limits.seen": Text(
        "Il voit ce qui répond à ses adresses le jour dit, et ce qui est déclaré : ni les locaux, "
        "ni le papier, ni le code, ni ce que font les personnes.",
        "It sees what answers at its addresses on that day, and what is declared: neither "
        "premises, nor paper, nor code, nor what people do.",
    ),
    "limits.rights": Text(
        "Il ne cherche pas si un patient connecté peut lire le dossier d'un autre, ni si les "
        "droits internes sont trop larges : un test d'intrusion le fait.",
        "It does not try whether a signed-in patient can read another's record, nor whether "
        "internal rights are too wide: a penetration test does.",
    ),
    "limits.declared": Text(
        "« Déclaré » reste une parole : {declared} constats sur {judged} ne reposent que sur elle.",
        "“Declared” remains a word: {declared} of {judged} findings rest on it alone.",
    ),
    "limits.articles": Text(
        "Textes voisins qu'aucune règle ne juge ici, à examiner par une personne",
        "Related law that no rule judges here, for a person to review",
    ),
    "since": Text("Depuis l'audit du", "Since the audit of"),
    "since.picture": Text(
        "Manquements par gravité, avant et maintenant", "Failures by severity, before and now"
    ),
    "since.before": Text("avant", "before"),
    "since.now": Text("maintenant", "now"),
    "since.none": Text("rien", "none"),
    "since.other": Text(
        "L'audit de comparaison porte sur une autre plateforme",
        "The audit compared with is of another platform",
    ),
    "filter": Text("Filtrer les constats", "Filter the findings"),
    "filter.words": Text("Contient", "Contains"),
    "filter.shown": Text("Affichés\u00a0:", "Shown:"),
    "draft": Text("Brouillon à compléter", "Draft, to be completed"),
    "contents": Text("Sommaire", "Contents"),
    "skip": Text("Aller au contenu", "Skip to content"),
    "also": Text("voir aussi sous", "see also under"),
    "condition": Text("Condition", "Condition"),
    "evidence": Text("Preuve", "Evidence"),
}


def word(key: str, language: str) -> str:
    return WORDS[key].within(language)


def numbered(count: int, verdict: str, language: str) -> str:
    """`3 failed`; French has a singular for nought and one."""
    one = f"{verdict}.one"
    key = one if count < 2 and one in WORDS else f"{verdict}.many"
    return f"{count} {word(key, language)}"


def severe(count: int, severity: str, language: str) -> str:
    """A severity after its number: failures are many in French, `17 critiques`."""
    said = word(severity, language)
    return f"{said}s" if language == "fr" and count > 1 else said


def decimal(number: float, language: str) -> str:
    """A number with its decimals as the language writes them."""
    return str(number).replace(".", ",") if language == "fr" else str(number)


def list_label(label: str, language: str) -> str:
    """The document's name of the list of hosters, `2026-10-01 (complete)`, as words."""
    if language != "fr":
        return label
    said = label.replace("(complete)", "(complète)").replace("(partial)", "(partielle)")
    return said.replace("undated", "sans date")


def old_list(days: int, language: str) -> str:
    """That the list of certified hosters is `days` old."""
    return word("hds-list.old", language).format(days=days)


def colon(language: str) -> str:
    """A colon as the language sets it."""
    return "\u00a0: " if language == "fr" else ": "


def labelled(key: str, value: str, language: str) -> str:
    """`word: value`."""
    return labelled_text(word(key, language), value, language)


def labelled_text(label: str, value: str, language: str) -> str:
    """As `labelled`, for a label that is no word of this table."""
    return f"{label}{colon(language)}{value}"


def grouped(number: int, language: str) -> str:
    """A number as the language writes it, its thousands apart."""
    plain = f"{number:,}"
    return plain.replace(",", " ") if language == "fr" else plain


def euros(amount: int, language: str) -> str:
    """An amount as the language writes it."""
    plain = grouped(amount, language)
    return f"{plain} €" if language == "fr" else f"€{plain}"


def moment(stamp: str, language: str) -> str:
    """A time of the document (RFC 3339, UTC) to the minute, as people write it."""
    day, _, time = stamp.partition("T")
    if language == "fr" and day.count("-") == 2:
        day = "/".join(reversed(day.split("-")))
        return f"{day} à {time[:5]}"
    return f"{day} {time[:5]}"
