"""The state of an emulated cloud: images, projects and users, tokens, plans, faults, time. No HTTP."""
