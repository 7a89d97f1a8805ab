"""Real, unchanged clients against a live server."""
