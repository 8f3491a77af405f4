"""gdpr-audit: is a health platform's security what GDPR articles 32 and 9 ask for?"""

__version__ = "0.1.0"
