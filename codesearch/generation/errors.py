"""What can go wrong between here and a server that writes.

Each error carries data; `cli/errors.py` has the sentence.
"""

from __future__ import annotations

from store import CodesearchError


class GeneratorAddressInvalid(CodesearchError):
    """The address of the server cannot be used; `address` is as given, without a password in it."""

    def __init__(self, address: str, detail: str) -> None:
        super().__init__(address, detail)
        self.address = address
        self.detail = detail


class GeneratorUnreachable(CodesearchError):
    """Nobody answers at the address, or the connection was lost."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(host, detail)
        self.host = host
        self.detail = detail


class GeneratorSilent(CodesearchError):
    """The server took the request and then said nothing for too long."""

    def __init__(self, host: str, waited_seconds: float) -> None:
        super().__init__(host, waited_seconds)
        self.host = host
        self.waited_seconds = waited_seconds


class GeneratorUnauthorised(CodesearchError):
    """The server wants a key, or another one (status 401 or 403)."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(host, status)
        self.host = host
        self.status = status


class GeneratorRefused(CodesearchError):
    """The server does not do what it was asked; `detail` is what it says of that."""

    def __init__(self, host: str, status: int, detail: str) -> None:
        super().__init__(host, status, detail)
        self.host = host
        self.status = status
        self.detail = detail


class GeneratorAnswerInvalid(CodesearchError):
    """What the server sends is no answer of an OpenAI-compatible server."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(host, detail)
        self.host = host
        self.detail = detail
