"""Mail servers for tests: real ones that run privately on loopback, and a few that misbehave on purpose."""
