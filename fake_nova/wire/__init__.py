"""The way from a request to its response, for all services: routing, checks, faults, hints and logs."""
