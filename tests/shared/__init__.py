"""Tests of what several machines share, against a real Redis or Valkey."""
