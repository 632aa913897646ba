"""Hostile HTML in, SafeHtml out. Pure, and knows nothing of mail."""
