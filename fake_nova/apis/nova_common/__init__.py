"""What the APIs of Nova share: the compute service, its checks, its errors and its hints. It is no API."""
