"""The sample mail: invented people, invented addresses, dates counted back from today."""
