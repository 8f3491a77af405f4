"""The command line: Typer lives here alone, and commands import what they need when run."""

from gdpr_audit.cli.app import main

__all__ = ["main"]
