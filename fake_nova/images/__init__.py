"""The image model, the store, and the search for images. It needs only the standard library and iso8601."""
