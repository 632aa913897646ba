"""What everybody must be able to do, whatever they see, hear or press: docs/accessibility.md says what is promised."""
