"""Schemas, strict loading, error positions and export of clouds in YAML and JSON."""
