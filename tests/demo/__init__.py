"""The try-out: its mail server against IMAPClient, smtplib and Dovecot, and its sample mail."""
