"""The certificate authorities that the environment names, for sites with one of their own."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Final

from umap_bot.errors import SettingsError
from umap_bot.text import say

NAMES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""The first that is set counts. Requests itself reads but the first two."""


def authorities() -> str | None:
    """Return the file or folder of certificate authorities, None if none is named.

    Raise SettingsError if it can't be used: requests would say so as if the site's certificate were wrong.
    """
    name = next((name for name in NAMES if os.environ.get(name)), None)
    if name is None:
        return None
    place = os.environ[name]
    if Path(place).is_dir():
        return place
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(place)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            say("{name} is set to {file}, which is not a certificate file.", name=name, file=place),
            way_out=say("Set it to a PEM file with the certificates of all trusted authorities."),
        ) from error
    return place
