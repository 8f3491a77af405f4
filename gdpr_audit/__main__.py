"""`python -m gdpr_audit`."""

from gdpr_audit.cli import main

if __name__ == "__main__":
    main()
