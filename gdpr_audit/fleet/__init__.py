"""Many platforms: the list of them, audits side by side, and a folder that is the state."""
