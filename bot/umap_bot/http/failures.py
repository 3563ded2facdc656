"""What went wrong on the way to a site, told apart: was the request sent, does asking again help?"""

from __future__ import annotations

from typing import Final

from requests.exceptions import InvalidProxyURL, InvalidSchema
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from umap_bot.errors import UnreachableError
from umap_bot.text import NOTHING, Text, say

_LATER: Final = say("Try again later.")
_PROXY: Final = say("Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.")


class LostAnswerError(UnreachableError):
    """The request may have been sent, but its answer did not come, or not whole.

    `again` tells that asking again may help: the connection was cut, as after a 413 (protocol 5).
    """

    def __init__(self, message: Text, *, way_out: Text = NOTHING, again: bool = False) -> None:
        super().__init__(message, way_out=way_out)
        self.again = again


def failure(host: str, error: Exception) -> UnreachableError:
    """Return the error to raise, in our words: those of the libraries hold the address.

    It is a LostAnswerError unless it is certain that no request was sent.
    """
    cause = _cause(error)
    if isinstance(
        cause, (InvalidProxyURL, InvalidSchema)
    ):  # of the latter kind is socks5, without its library
        return UnreachableError(
            say("The proxy address for {host} is not valid.", host=host),
            way_out=_PROXY,
        )
    if isinstance(cause, (NewConnectionError, ConnectTimeoutError)):
        return UnreachableError(
            say("{host} can't be reached.", host=host),
            way_out=say("Check the address and the network connection."),
        )
    if isinstance(cause, ProxyError):
        return UnreachableError(
            say("The proxy for {host} can't be reached, or refuses the connection.", host=host),
            way_out=_PROXY,
        )
    if isinstance(cause, ReadTimeoutError):
        return too_slow(host)
    if isinstance(cause, SSLError):
        return LostAnswerError(
            say("This machine does not trust the certificate of {host}.", host=host),
            way_out=say(
                "Check whether the certificate has expired. If the site uses its own certificate "
                "authority, set REQUESTS_CA_BUNDLE or SSL_CERT_FILE to its file."
            ),
        )
    return cut_off(host)


def too_slow(host: str) -> LostAnswerError:
    """Return the error to raise where an answer takes too long."""
    return LostAnswerError(say("{host} did not answer in time.", host=host), way_out=_LATER)


def cut_off(host: str) -> LostAnswerError:
    """Return the error to raise where an answer ends before its end."""
    return LostAnswerError(
        say("{host} closed the connection before its answer was complete.", host=host),
        way_out=_LATER,
        again=True,
    )


def _cause(error: Exception) -> object:
    """Return what urllib3 said, out of the wrapping that requests puts around it."""
    inner = error.args[0] if error.args else error
    if isinstance(inner, MaxRetryError):
        return inner.reason
    return inner if isinstance(inner, HTTPError) else error
