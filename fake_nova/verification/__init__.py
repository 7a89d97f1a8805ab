"""``fake-nova verify``: asks a cloud and its fake the same questions, and says by which rules they differ."""
