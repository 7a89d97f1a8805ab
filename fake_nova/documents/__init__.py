"""A cloud in YAML or JSON: schemas, strict loading, positions of errors, export."""
