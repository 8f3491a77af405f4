"""The interview of `gdpr-audit init`: questions as data, one engine, and the file it writes."""
