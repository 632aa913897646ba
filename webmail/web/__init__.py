"""Flask machinery that pages share. Knows no page."""
