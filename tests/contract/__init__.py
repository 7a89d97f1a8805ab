"""The API contract as data: each YAML file is a topic, each exchange a sentence with its requests and responses."""
