"""Who may connect: without a token, only programs of this machine."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence

from vplanner.errors import InputError

_LEAST_TOKEN = 16
_SCHEMES = ("bearer", "api-key")
"""The second one is what openpi's client sends."""


def check_token(host: str, token: str | None, variable: str) -> None:
    """Raise `InputError` when the server would be open to other machines without a token, or with a poor one."""
    if token is None:
        if not is_loopback(host):
            raise InputError(
                f"--host {host}: other machines can reach this address, so clients need a token; "
                f"set {variable} to one of {_LEAST_TOKEN} characters or more, or give --host 127.0.0.1"
            )
    elif len(token) < _LEAST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise InputError(f"{variable}: a token has {_LEAST_TOKEN} or more printable ASCII characters and no spaces")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; of names, "localhost" alone is believed."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_authorised(headers: Sequence[str], token: str | None) -> bool:
    """Whether the values of all `Authorization` headers are one, and that has the token; compared in constant time."""
    if token is None:
        return True
    if len(headers) != 1:
        return False
    scheme, _, given = headers[0].strip().partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode("utf-8"))
    return same and scheme.lower() in _SCHEMES
