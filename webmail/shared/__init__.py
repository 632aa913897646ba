"""What several machines share, in Redis or Valkey: the only room that speaks to it (docs/decisions/0055)."""
