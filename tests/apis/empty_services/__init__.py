"""The services that have only empty lists."""
