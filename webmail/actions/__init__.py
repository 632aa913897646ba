"""What a person can do: every write, its steps in safe order. No Flask."""
