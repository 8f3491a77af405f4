"""A declaration to fill in: every section, commented out, with what its keys mean.

What stays commented is not declared, and so is unproven: the template itself claims nothing.
"""

from __future__ import annotations

from gdpr_audit.model import Text

_HEAD = Text(
    "Ce que la plateforme déclare d'elle-même. Tout est facultatif sauf « platform » :\n"
    "ce qui manque est « non prouvé », jamais tenu pour un oui ni pour un non.\n"
    "« none » est une réponse (il n'y en a pas) et se juge.\n"
    "Retirez le # des lignes que vous renseignez.",
    "What the platform says of itself. All is optional but `platform`:\n"
    "what is left out is unproven, never taken for a yes or for a no.\n"
    "`none` is an answer (there is none), and is judged.\n"
    "Take the # off the lines that you fill in.",
)

#: Each section: what it is about, and its lines as YAML.
_SECTIONS: tuple[tuple[Text, str], ...] = (
    (
        Text("Le responsable de traitement (le chiffre d'affaires sert au plafond de l'art. 83)",
             "The controller (turnover counts for the ceiling of art. 83)"),
        """controller:
  name: SAS Exemple
  country: FR
  turnover_eur: 2400000
  public_body: false""",
    ),
    (
        Text("Ce qui est observé de l'extérieur", "What is looked at from outside"),
        """targets:
  - url: https://rdv.example.fr/
    audience: [patients]
    login_page: /connexion
    sensitive_pages: [/mon-dossier]""",
    ),
    (
        Text("Qui a autorisé des sondages actifs, sur quoi, jusqu'à quand",
             "Who authorised active probes, on what, until when"),
        """mandate:
  authorised_by: "Prénom Nom, RSSI"
  reference: "Lettre de mission"
  scope: [rdv.example.fr]
  not_before: 2026-01-01
  not_after: 2026-12-31""",
    ),
    (
        Text("Le traitement : bases légales, catégories de données et durées de conservation",
             "The processing: legal bases, categories of data and retention"),
        """processing:
  health_data: true
  large_scale: true
  data_subjects: 10000
  purposes: [appointments, test-results]
  categories:
    - {name: health, retention_months: 240}
    - {name: nir, retention_months: 60, basis: "2019-341/2-1"}
  article_6_basis: contract
  article_9_basis: 9-2-h
  professional_secrecy: true
  reuse: {purpose: none}
  pseudonymised: true""",
    ),
    (
        Text("Les hébergeurs, comparés à la liste HDS ; « self » si vous hébergez vos données",
             "The hosters, compared with the HDS list; `self` where you host your own data"),
        """hosting:
  - provider: OVHcloud
    serves: [production, backups]
    activities: [1, 2, 3, 4, 5, 6]
    countries: [FR]
    certificate: {number: "XXXXX", referential: 2, valid_until: 2027-10-31,
                  activities: [1, 2, 3, 4, 5, 6]}
    parent_company_country: FR
    contract_clauses: true
    transfers_page: https://hebergeur.example.fr/hds
    subcontractors: []""",
    ),
    (
        Text("Comment chaque public se connecte", "How each audience signs in"),
        """authentication:
  patients:
    factors: [password, totp]
    password:
      min_length: 12
      classes: 4
      blocklist: true
      throttling: {max_attempts: 10, lockout_minutes: 15}
      storage: {algorithm: argon2id, memory_kib: 19456, iterations: 2, parallelism: 1}
      sent_in_clear: false
    session: {idle_minutes: 60}
  professionals:
    factors: [pro-sante-connect]
    session: {idle_minutes: 20}
    shared_accounts: false
  administrators:
    factors: [webauthn]
    session: {idle_minutes: 15}
    shared_accounts: false
  access_review_months: 6""",
    ),
    (
        Text("Chaque stockage : base, volume, objets, sauvegarde, portable",
             "Each store: database, volume, objects, backup, portable"),
        """storage:
  - name: patients-db
    kind: database
    contains: [health, identity]
    country: FR
    encryption: {level: volume, algorithm: AES, mode: XTS, key_bits: 256}
    keys: {manager: kms, held_by: SAS Exemple, holder_country: FR, apart_from_data: true,
           rotation_months: 12}""",
    ),
    (
        Text("Les journaux", "Logs"),
        """traceability:
  health_data_access: true
  administrator_actions: true
  retention_months: 12
  tamper_protected: true
  holds_sensitive_data: false
  review: automatic""",
    ),
    (
        Text("Sauvegardes et continuité", "Backups and continuity"),
        """resilience:
  backups: {interval_hours: 24, isolated_copy: true, last_restore_test: 2026-06-12}
  continuity_plan: true""",
    ),
    (
        Text("Vérifications régulières et personnes", "Regular testing and people"),
        """assurance:
  last_penetration_test: 2026-03-02
  vulnerability_scan_interval_days: 7
  critical_patch_days: 3
  staff: {trained: true, bound_to_confidentiality: true}""",
    ),
    (
        Text("Gouvernance et sous-traitants", "Governance and processors"),
        """governance:
  record_of_processing: true
  dpia: {done: true, date: 2025-09-01}
  dpo: dpo@example.fr
  breach_procedure: true
  processors:
    - {name: Prestataire SMS, country: FR, purpose: reminders, article_28_contract: true}""",
    ),
)  # fmt: skip


def head(language: str) -> list[str]:
    """The comment that every declaration begins with."""
    return _comment(_HEAD, language)


def sections(language: str) -> dict[str, tuple[list[str], list[str]]]:
    """Of each section, in the file's order: the comment on it, and an example, commented out."""
    return {
        text.partition(":")[0]: (
            _comment(about, language),
            [f"#{line}" for line in text.split("\n")],
        )
        for about, text in _SECTIONS
    }


def _comment(text: Text, language: str) -> list[str]:
    return [f"# {line}" for line in text.within(language).split("\n")]
