"""What the drafts say, in both languages."""

from __future__ import annotations

from gdpr_audit.model import Text

WORDS: dict[str, Text] = {
    "intro": Text(
        "Ce document est commencé à partir d'un audit. Il ne vaut que complété, vérifié et signé "
        "par le responsable du traitement : ce que l'audit ne sait pas est laissé [à compléter].",
        "This document was begun from an audit. It is worth nothing until the controller has "
        "completed, checked and signed it: what the audit does not know is left [to be completed].",
    ),
    "article-30": Text(
        "Registre des activités de traitement (article 30 du RGPD)",
        "Record of processing activities (article 30 GDPR)",
    ),
    "controller": Text("Responsable du traitement", "Controller"),
    "country": Text("Pays", "Country"),
    "dpo": Text("Délégué à la protection des données", "Data protection officer"),
    "named": Text("désigné ; coordonnées", "named; contact details"),
    "purposes": Text("Finalités et base légale", "Purposes and legal basis"),
    "purpose": Text("Finalité", "Purpose"),
    "basis-6": Text("Base légale (article 6)", "Legal basis (article 6)"),
    "basis-9": Text("Exception de l'article 9(2)", "Exception of article 9(2)"),
    "reuse": Text("Réutilisation", "Reuse"),
    "people": Text("Personnes et données", "People and data"),
    "who": Text("Catégories de personnes", "Categories of people"),
    "number": Text("Nombre de personnes", "Number of people"),
    "category": Text("Catégorie de données", "Category of data"),
    "retention": Text("Durée de conservation (mois)", "Retention (months)"),
    "undefined": Text("non définie", "not defined"),
    "recipients": Text("Destinataires et sous-traitants", "Recipients and processors"),
    "party": Text("Tiers", "Party"),
    "role": Text("Rôle", "Role"),
    "processor": Text("sous-traitant", "processor"),
    "hoster": Text("hébergeur", "hoster"),
    "contract": Text("Contrat", "Contract"),
    "transfers": Text("Transferts hors de l'Union", "Transfers outside the Union"),
    "safeguard": Text("garantie", "safeguard"),
    "no-transfer": Text(
        "Aucun transfert n'est apparu à l'audit ; à confirmer.",
        "No transfer showed in the audit; to be confirmed.",
    ),
    "unknown-place": Text("hors de l'Union ou non", "outside the Union or not"),
    "transfer-table": Text(
        "tableau publié (exigence 31)", "table that it publishes (requirement 31)"
    ),
    "clauses": Text("clauses de R.1111-11 CSP", "clauses of R.1111-11 CSP"),
    "clauses.all": Text("les 14", "all 14"),
    "clauses.none": Text("aucune des 14", "none of the 14"),
    "clauses.but": Text("manquent {lacking}", "without {lacking}"),
    "erasure": Text("Délais d'effacement", "Time limits for erasure"),
    "measures": Text("Mesures de sécurité", "Security measures"),
    "established": Text("Établi", "Established"),
    "besides.many": Text(
        "et {count} autres règles satisfaites", "and {count} more rules satisfied"
    ),
    "besides.one": Text("et une autre règle satisfaite", "and one more rule satisfied"),
    "satisfied.many": Text("{count} règles satisfaites", "{count} rules satisfied"),
    "satisfied.one": Text("une règle satisfaite", "one rule satisfied"),
    "to-mend": Text("À corriger", "To be mended"),
    "to-show": Text("Reste à montrer", "Still to be shown"),
    "breach": Text(
        "Fiche de violation de données (article 33(3) du RGPD)",
        "Personal data breach sheet (article 33(3) GDPR)",
    ),
    "breach.intro": Text(
        "Un manquement n'est pas encore une violation : au responsable de dire, journaux à "
        "l'appui, si des données ont été lues, changées ou perdues. Le délai de 72 heures (article "
        "33(1)) court du moment où il en a connaissance ; ce qui manque peut être fourni ensuite.",
        "A failure is not yet a breach: the controller has to say, with the logs, whether data was "
        "read, changed or lost. The 72 hours of article 33(1) run from when it becomes aware; "
        "what is missing may follow.",
    ),
    "when": Text("Quand", "When"),
    "aware": Text("Prise de connaissance", "Became aware"),
    "seen-at": Text(
        "Constaté par l'audit entre le {started} et le {finished} (UTC)",
        "Seen by the audit between {started} and {finished} (UTC)",
    ),
    "began": Text("Début et fin de la violation", "Beginning and end of the breach"),
    "nature": Text("Nature de la violation", "Nature of the breach"),
    "kind": Text("Type", "Kind"),
    "access": Text("Accès illégitime (confidentialité)", "Illegitimate access (confidentiality)"),
    "change": Text("Modification non désirée (intégrité)", "Unwanted change (integrity)"),
    "loss": Text("Disparition (disponibilité)", "Loss (availability)"),
    "nothing-seen": Text(
        "L'audit n'a rien constaté qui ouvre cette voie.",
        "The audit saw nothing that opens this way.",
    ),
    "categories": Text("Catégories et nombres", "Categories and numbers"),
    "records": Text("Nombre d'enregistrements", "Number of records"),
    "contact": Text("Point de contact", "Contact point"),
    "consequences": Text("Conséquences probables", "Likely consequences"),
    "consequences.access": Text(
        "État de santé connu de tiers : atteinte à la vie privée et au secret médical, "
        "discrimination, chantage, hameçonnage ciblé ; usurpation d'identité si des identifiants "
        "ou le NIR sont en jeu.",
        "State of health known to others: harm to private life and medical secrecy, "
        "discrimination, blackmail, targeted phishing; identity theft where credentials or the "
        "NIR are at stake.",
    ),
    "consequences.change": Text(
        "Soins décidés sur des données fausses ; actes faits au nom d'un autre.",
        "Care decided on false data; acts done in another's name.",
    ),
    "consequences.loss": Text(
        "Soins retardés, examens à refaire, perte de l'historique du patient.",
        "Care delayed, tests to be done again, the patient's history lost.",
    ),
    "taken": Text("Mesures prises ou proposées", "Measures taken or proposed"),
    "proposed": Text("Proposées", "Proposed"),
    "done": Text("Prises", "Taken"),
    "inform": Text(
        "Information des personnes (article 34) : à décider, selon que le risque pour elles est "
        "élevé.",
        "Telling the people concerned (article 34): to be decided, on whether the risk to them is "
        "high.",
    ),
    "keep": Text(
        "Consigner la violation, notifiée ou non (article 33(5)).",
        "Write the breach down, notified or not (article 33(5)).",
    ),
    "pia.subject": Text(
        "Plateforme auditée, cibles examinées", "Platform audited, targets looked at"
    ),
    "pia.supports": Text("Supports relevés", "Supports seen"),
    "pia.encrypted": Text("chiffré", "encrypted"),
    "pia.clear": Text("non chiffré", "not encrypted"),
    "pia.unknown": Text("chiffrement non montré", "encryption not shown"),
    "pia.sources": Text(
        "Attaquant extérieur ; personne interne ; source non humaine (panne, sinistre)",
        "Outside attacker; insider; non-human source (failure, disaster)",
    ),
    "pia.gauge": Text(
        "À estimer par le responsable. Manquements relevés qui pèsent sur ce risque : {count}.",
        "To be estimated by the controller. Failures seen that weigh on this risk: {count}.",
    ),
}


def say(key: str, language: str) -> str:
    return WORDS[key].within(language)
