"""What we depend on, and what we give out: known vulnerabilities, bill of materials, packages."""
