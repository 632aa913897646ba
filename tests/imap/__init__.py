"""The room imap/, against a real Dovecot; against a scripted server for what Dovecot will not do."""
