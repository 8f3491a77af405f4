"""Checks look: one module or folder each. They state facts, and judge nothing."""
