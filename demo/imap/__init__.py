"""A small IMAP4rev1 server in memory (RFC 3501, with the extensions that the reader uses). One event loop, no locks."""
