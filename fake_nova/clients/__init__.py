"""Transports that call an emulated cloud in the same process, without a socket."""
