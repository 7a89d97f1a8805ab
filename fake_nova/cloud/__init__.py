"""The state of an emulated cloud: images, servers, projects, tokens, plans, faults, journal.

Nothing here knows HTTP, which is the matter of `fake_nova.wire`.
"""
