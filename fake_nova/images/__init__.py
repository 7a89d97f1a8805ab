"""What an image is, which images there are, and how they are found. Standard library and iso8601 only."""
