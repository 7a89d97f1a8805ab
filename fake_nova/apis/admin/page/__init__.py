"""The page at ``/_admin/``, which shows the cloud in a browser. It gets its data from the admin API."""
