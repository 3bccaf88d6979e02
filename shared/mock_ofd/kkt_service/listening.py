"""Where the register listens.

The rule: a register sells for whoever reaches it. So it listens on the loopback, and elsewhere only with a token.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Final

from fiscal.errors import ConfigurationError, FiscalError

TOKEN_MIN: Final = 8
"""Characters of an API token: fewer can be guessed in an afternoon."""
TOKEN_VARIABLE: Final = "MOCK_KKT_API_TOKEN"  # noqa: S105 - a name, no token
"""Where ``mock-ofd kkt serve`` finds the token: whoever lists the processes of a machine reads command lines."""


class AddressUnavailable(FiscalError):
    """An address cannot be listened on."""


def bind(host: str, port: int, api_token: str | None = None) -> socket.socket:
    """A listening socket, for requests that need this token, if there is one.

    :class:`AddressUnavailable` says why there is none; :class:`ConfigurationError` for a token that is too short, and
    for none where other machines could connect.
    """
    if api_token is not None and len(api_token) < TOKEN_MIN:
        text = f"the API token must have at least {TOKEN_MIN} characters, has {len(api_token)}"
        raise ConfigurationError(f"{text} ({TOKEN_VARIABLE})")
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family, _, _, _, resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        if api_token is None and not ip_address(resolved[0]).is_loopback:
            raise ConfigurationError(f"http: {shown} can be reached by other machines: set {TOKEN_VARIABLE}")
        return socket.create_server(resolved[:2], family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        text = f"http: {shown} cannot be listened on: {reason[:1].lower()}{reason[1:]}"
        raise AddressUnavailable(text) from error


def address_of(listening: socket.socket) -> str:
    """``HOST:PORT`` as it can be connected to."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
