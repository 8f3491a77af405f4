"""`platform.yaml`: what a platform says of itself, as subjects with their file and line."""

from gdpr_audit.declaration.read import Declaration, bare, faults, of, read

__all__ = ["Declaration", "bare", "faults", "of", "read"]
