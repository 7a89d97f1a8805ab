"""What the APIs of Nova share: the compute service, its checks, errors and hints, and microversions."""
