"""An emulated cloud for tests: `FakeNova`, and the pytest plugin."""
