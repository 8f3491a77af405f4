"""The facts of exposure: what is served or answers to anyone."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, LIST, specs
from gdpr_audit.model import PLATFORM, TARGET, KindSpec

#: What each fact's paths are of, in `paths.csv`.
KINDS = {
    "exposure.repositories": "repository",
    "exposure.configurations": "configuration",
    "exposure.backups": "backup",
    "exposure.logs": "log",
    "exposure.debug": "debug",
    "exposure.consoles": "console",
    "exposure.listings": "listing",
    "exposure.studies": "study",
    "exposure.patients": "patient",
}

SITE = specs(
    TARGET,
    ("exposure.repositories", LIST, "Files of .git, .svn or .hg that are served."),
    ("exposure.configurations", LIST, "Configuration or secret files that are served."),
    ("exposure.backups", LIST, "Dumps and archives that are served."),
    ("exposure.logs", LIST, "Log files that are served."),
    (
        "exposure.debug",
        LIST,
        "Debug and status pages that are served; (unknown page) where that shows a stack trace.",
    ),
    ("exposure.consoles", LIST, "Administration consoles that answer to anyone."),
    ("exposure.listings", LIST, "Folders whose index is served."),
    (
        "exposure.personal_data",
        LIST,
        "Readable files that hold personal data: path, then kinds and counts. Never the data.",
    ),
    ("exposure.studies", LIST, "DICOMweb addresses that answer QIDO-RS without authentication."),
    ("exposure.patients", LIST, "FHIR addresses that answer a Patient search without it."),
)

FHIR = specs(
    TARGET,
    ("fhir.rest_security", BOOLEAN, "Whether CapabilityStatement.rest.security says anything."),
    (
        "fhir.smart_configuration",
        BOOLEAN,
        "Whether there is a .well-known/smart-configuration that names its token endpoint.",
    ),
)

HOST_KIND = KindSpec("host", PLATFORM)
HOST = specs(
    "host",
    ("host.databases_open", LIST, "Databases that answer without authentication: name and port."),
    ("host.remote_access", LIST, "Telnet, FTP, RDP, VNC or SMB services that answer."),
    (
        "host.dicom_open",
        LIST,
        "DICOM nodes that accept an association from an unknown AE title, in clear or without a "
        "client certificate.",
    ),
    ("host.hl7_open", LIST, "MLLP ports that acknowledge an HL7 message in clear from anyone."),
)
