"""Tests of the pages in docs/: every example runs."""
