"""HTTP as the OpenStack services speak it, shared by all APIs."""
