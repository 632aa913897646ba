"""The only IMAP socket. IMAPClient is imported in connection.py and decode.py and nowhere else."""
