"""Who lets people in by OAuth: the provider's endpoints, and the grants that came from there."""
