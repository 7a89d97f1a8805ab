"""General helpers, which know nothing of OpenStack."""
