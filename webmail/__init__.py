"""The rooms. Nothing is imported here: each room posts its own rule at its door."""
