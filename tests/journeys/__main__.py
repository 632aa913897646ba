"""`python -m tests.journeys > docs/journeys.md`."""

from tests.journeys.table import page

print(page(), end="")
