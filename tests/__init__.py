"""Tests mirror the rooms of webmail/: the same word with test_ in front."""
