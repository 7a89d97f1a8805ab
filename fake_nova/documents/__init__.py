"""Clouds in YAML and JSON: schemas, strict reading with positions of errors, loading, watching, export."""
