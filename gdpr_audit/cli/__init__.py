"""The command line. Typer and Rich live here alone; commands import what they need when they run."""

from gdpr_audit.cli.app import main

__all__ = ["main"]
