"""General helpers, which know nothing of clouds: caches, globs, strict JSON, messages, names of logs."""
