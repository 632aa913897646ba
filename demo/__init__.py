"""Pennypost's try-out: a mail server in memory with sample mail, for one evening on one machine. Never for real mail.

Knows nothing of webmail/, so that a mistake in the reader cannot be answered by the same mistake here."""
