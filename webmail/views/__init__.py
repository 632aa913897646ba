"""One file per page: its page dataclass, then its handlers (read, call, answer)."""
