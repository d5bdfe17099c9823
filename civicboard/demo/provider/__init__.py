"""A small identity provider for trying the board out: anyone may sign in as any of the cast.

It speaks real OpenID Connect (Authlib's server side), keeps everything in memory, and is for loopback only:
the board refuses to start with it in production.
"""

from civicboard.demo.provider.app import create_provider
from civicboard.demo.provider.cast import Client, Person, read_cast

__all__ = ["Client", "Person", "create_provider", "read_cast"]
