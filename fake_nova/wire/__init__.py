"""How OpenStack's services speak HTTP, shared by every API here."""
