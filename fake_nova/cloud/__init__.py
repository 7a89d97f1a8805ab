"""The state of an emulated cloud: images, servers, projects, tokens, plans, faults, journal. No HTTP."""
