"""The commands of OpenStack's clients, run against fake_nova and against the real services, and compared."""
