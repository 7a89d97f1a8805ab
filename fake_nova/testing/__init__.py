"""Emulated clouds for tests: `FakeNova` and the pytest plugin."""
