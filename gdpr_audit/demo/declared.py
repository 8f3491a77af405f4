"""What the sample declares of itself, its dates counted from today."""

from __future__ import annotations

from datetime import date, timedelta

#: A made-up list, whole, so that the sample does not speak of real companies.
HOSTERS = """\
name,aliases,country,activities,referential,certification_body,certificate_number,valid_from,valid_until,source_url,source_date,confidence
Hébergeur Certifié,HC Exemple,FR,1;2;3;4;5;6,2,Organisme d'exemple,EX-0001,2025-01-01,2099-12-31,,2026-01-01,
Infogérance Exemple,,FR,5,2,Organisme d'exemple,EX-0002,2025-01-01,2099-12-31,,2026-01-01,
"""

_TARGETS = """\
mandate:                                # la démonstration sonde cette machine, et elle seule
  authorised_by: gdpr-audit demo
  reference: exemple
  scope: [localhost]
  not_before: {today}
  not_after: {tomorrow}

targets:
  - url: {https}
    audience: [patients]
    sensitive_pages: [/mon-dossier, /resultats]
    login_page: /connexion
    test_account: {{username: audit@example.fr}}
  - url: {http}
    audience: [patients]
    test_account: {{username: audit@example.fr}}
"""

_FAULTY = """\
# Plateforme d'exemple : les manquements de la décision MED-2021-093 et leurs voisins.
platform: RDV Labo (exemple fautif)
language: fr

controller:
  name: RDV Labo SAS
  country: FR
  turnover_eur: 900000
  public_body: false

{targets}
processing:
  health_data: true
  large_scale: true
  data_subjects: 386970
  purposes: [appointments, test-results]
  categories:
    - {{name: health, retention_months: none}}
    - {{name: nir, retention_months: none, basis: none}}
  article_6_basis: none
  article_9_basis: none
  reuse: {{purpose: statistics, framework: none}}
  pseudonymised: false

hosting:
  - provider: Hébergeur Discount SARL     # sur aucune liste
    serves: [production, backups]
    activities: [1, 2, 3, 4, 5, 6]
    countries: [US]
    certificate: {{referential: 1, valid_until: {last_year}}}
    parent_company_country: US
    secnumcloud: false
    contract_clauses: false
    subcontractors: []

authentication:
  patients:
    factors: [password]
    password:
      min_length: 6
      classes: 1
      blocklist: false
      throttling: none
      storage: {{algorithm: md5, salted: false}}
      sent_in_clear: true
    session: {{idle_minutes: 10080}}
  professionals:
    factors: [password]
    password: {{min_length: 6, classes: 1, throttling: none, storage: {{algorithm: clear}}, sent_in_clear: true}}
    session: {{idle_minutes: 480}}
    shared_accounts: true
  administrators:
    factors: [password]
    password: {{min_length: 8, classes: 1, throttling: none, storage: {{algorithm: md5, salted: false}}, sent_in_clear: false}}
    session: {{idle_minutes: 480}}
    shared_accounts: true
  access_review_months: none

storage:
  - name: base-patients
    kind: database
    contains: [health, nir, identity]
    provider: Hébergeur Discount SARL
    country: US
    encryption: none
  - name: documents
    kind: object-store
    contains: [health]
    country: US
    encryption: {{level: object, algorithm: DES, mode: ECB, key_bits: 56}}
    keys: {{manager: file, held_by: Hébergeur Discount SARL, holder_country: US, apart_from_data: false, rotation_months: none}}
  - name: sauvegarde
    kind: backup
    contains: [health]
    encryption: none
  - name: portables
    kind: portable
    contains: [health]
    encryption: none

traceability:
  health_data_access: false
  administrator_actions: false
  retention_months: 1
  tamper_protected: false
  holds_sensitive_data: true
  review: none

resilience:
  backups: {{interval_hours: 168, isolated_copy: false, last_restore_test: {two_years_ago}}}
  continuity_plan: false

assurance:
  last_penetration_test: none
  vulnerability_scan_interval_days: none
  critical_patch_days: 90
  staff: {{trained: false, bound_to_confidentiality: false}}

governance:
  record_of_processing: false
  dpia: {{done: false}}
  dpo: none
  breach_procedure: false
  processors:
    - {{name: Mailer Inc., country: US, purpose: e-mail, article_28_contract: false, transfer_safeguard: none}}
"""

_COMPLIANT = """\
# Plateforme d'exemple, réparée : rien de gravité moyenne ou plus n'y faillit.
platform: RDV Labo (exemple conforme)
language: fr

controller:
  name: RDV Labo SAS
  country: FR
  turnover_eur: 900000
  public_body: false

{targets}
processing:
  health_data: true
  large_scale: true
  data_subjects: 386970
  purposes: [appointments, test-results]
  categories:
    - {{name: health, retention_months: 240}}
    - {{name: nir, retention_months: 60, basis: "2019-341/2-1"}}
  article_6_basis: contract
  article_9_basis: 9-2-h
  professional_secrecy: true
  reuse: {{purpose: none}}
  pseudonymised: true

hosting:
  - provider: Hébergeur Certifié SAS      # sur la liste d'exemple, hosters.csv
    serves: [production, backups, operations]
    activities: [1, 2, 3, 4, 5, 6]
    countries: [FR]
    parent_company_country: FR
    contract_clauses: true
    subcontractors: []

authentication:
  patients:
    factors: [password, totp]
    password:
      min_length: 12
      classes: 4
      blocklist: true
      throttling: {{max_attempts: 10, lockout_minutes: 15}}
      storage: {{algorithm: argon2id, memory_kib: 19456, iterations: 2, parallelism: 1}}
      sent_in_clear: false
    session: {{idle_minutes: 60}}
  professionals:
    factors: [pro-sante-connect]
    session: {{idle_minutes: 20}}
    shared_accounts: false
  administrators:
    factors: [webauthn]
    session: {{idle_minutes: 15}}
    shared_accounts: false
  access_review_months: 6

storage:
  - name: base-patients
    kind: database
    contains: [health, nir, identity]
    provider: Hébergeur Certifié SAS
    country: FR
    encryption: {{level: volume, algorithm: AES, mode: XTS, key_bits: 256}}
    keys: {{manager: kms, held_by: RDV Labo SAS, holder_country: FR, apart_from_data: true, rotation_months: 12}}
    evidence:
      - {{kind: luks-dump, file: evidence/base-patients.luks.txt}}
  - name: documents
    kind: object-store
    contains: [health]
    country: FR
    encryption: {{level: object, algorithm: AES, mode: GCM, key_bits: 256}}
    keys: {{manager: kms, held_by: RDV Labo SAS, holder_country: FR, apart_from_data: true, rotation_months: 12}}
    evidence:
      - {{kind: document, file: evidence/documents.txt, date: 2026-06-01, expires: 2099-12-31}}
  - name: sauvegarde
    kind: backup
    contains: [health]
    country: FR
    encryption: {{level: file, algorithm: ChaCha20, mode: Poly1305, key_bits: 256}}
    keys: {{manager: hsm, held_by: RDV Labo SAS, holder_country: FR, apart_from_data: true, rotation_months: 12}}
    evidence:
      - {{kind: encrypted-file, file: evidence/sauvegarde.age}}
  - name: portables
    kind: portable
    contains: [health]
    encryption: {{level: volume, algorithm: AES, mode: XTS, key_bits: 256}}

traceability:
  health_data_access: true
  administrator_actions: true
  retention_months: 12
  tamper_protected: true
  holds_sensitive_data: false
  review: automatic

resilience:
  backups: {{interval_hours: 24, isolated_copy: true, last_restore_test: {last_month}}}
  continuity_plan: true

assurance:
  last_penetration_test: {last_month}
  vulnerability_scan_interval_days: 7
  critical_patch_days: 3
  staff: {{trained: true, bound_to_confidentiality: true}}

governance:
  record_of_processing: true
  dpia: {{done: true, date: {last_month}}}
  dpo: dpo@example.fr
  breach_procedure: true
  processors:
    - {{name: SMS Courrier SAS, country: FR, purpose: reminders, article_28_contract: true}}
"""


def render(http: str, https: str, *, compliant: bool) -> str:
    """The declaration of a sample at these addresses."""
    today = date.today()  # noqa: DTZ011 - the sample's own day
    template = _COMPLIANT if compliant else _FAULTY
    return template.format(
        targets=_TARGETS.format(
            http=http, https=https, today=today, tomorrow=today + timedelta(days=1)
        ),
        last_month=today - timedelta(days=40),
        last_year=today - timedelta(days=400),
        two_years_ago=today - timedelta(days=730),
    )
