"""From an address as people paste it to the source that it is one of."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from umap_bot.dataset.sources.data_gouv import data_gouv_resource
from umap_bot.dataset.sources.google_sheets import google_sheet
from umap_bot.dataset.sources.grist import grist_table
from umap_bot.dataset.sources.https_file import HttpsFile
from umap_bot.dataset.sources.nextcloud import nextcloud_share
from umap_bot.dataset.sources.opendatasoft import opendatasoft_dataset
from umap_bot.dataset.sources.pasted import Pasted, read_pasted
from umap_bot.dataset.sources.source import Source
from umap_bot.dataset.sources.web import Manners, Web
from umap_bot.encryption import refuse_plain

_KINDS: Final[tuple[Callable[[Pasted, str, Web], Source | None], ...]] = (
    google_sheet,
    data_gouv_resource,
    grist_table,
    opendatasoft_dataset,
    nextcloud_share,
)
"""Each returns a source if the address is one of its kind."""


def recognise(
    address: str, token: str = "", *, manners: Manners | None = None, plain: Collection[str] = ()
) -> Source:
    """Return the source at an address, as people copy it from the browser. Nothing is asked of it yet.

    `token` lets the bot read what not everybody may: a key, or the password of a share. `manners` say how
    sites are asked, `plain` are the hosts of SECRETS_OVER_HTTP. Raise SourceError for what is no address of a
    table; SettingsError for a token that would go over http, or is none.
    """
    pasted = read_pasted(address)
    token = token.strip()
    if token and not pasted.encrypted:
        refuse_plain("DATASET_TOKEN", pasted.host, plain)
    web = Web(manners or Manners())
    found = (kind(pasted, token, web) for kind in _KINDS)
    return next((source for source in found if source is not None), None) or HttpsFile(pasted, token, web)
