"""The page at /_admin/ in Chromium; ``scripts/test-page`` runs these tests."""
