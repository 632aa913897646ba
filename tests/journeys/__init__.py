"""Journeys through the whole site, told once and walked in many ways: docs/journeys.md has the table."""
