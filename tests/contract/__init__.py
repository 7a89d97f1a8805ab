"""Exchanges as data: each YAML file is a subject, each exchange a sentence and what is on the wire."""
