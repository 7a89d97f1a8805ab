"""Transports that reach an emulated cloud in this process, without a socket."""
