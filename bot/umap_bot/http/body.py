"""The body of an answer: whole, unpacked, and no larger than is allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from umap_bot.errors import UnreachableError
from umap_bot.http.failures import cut_off
from umap_bot.text import say

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_SLICE: Final = 65_536
_GZIP: Final = 31
"""zlib's window bits for gzip and nothing else."""


def read_body(raw: BaseHTTPResponse, host: str, most: int) -> bytes:
    """Return the body of an answer to a request that accepts gzip, and nothing else.

    Raise LostAnswerError if it is cut, also within the gzip stream, which urllib3 lets pass; UnreachableError
    if it has more bytes than `most`, or another coding.
    """
    coding = raw.headers.get("Content-Encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise UnreachableError(
            say("{host} sent a compressed answer that umap-bot did not ask for.", host=host),
            way_out=say("Report this to the site's administrators."),
        )
    slices = _slices(raw)
    body = bytearray()
    for piece in slices if coding in {"", "identity"} else _unpacked(slices, host):
        body += piece
        if len(body) > most:
            raise UnreachableError(
                say("{host} sent more than {limit} MB, which is the limit.", host=host, limit=most // 2**20),
                way_out=say("Split the table, or remove columns that the map does not need."),
            )
    return bytes(body)


def _slices(raw: BaseHTTPResponse) -> Iterator[bytes]:
    while piece := raw.read1(_SLICE, decode_content=False):
        yield piece


def _unpacked(slices: Iterator[bytes], host: str) -> Iterator[bytes]:
    """Return what is in one gzip stream or several, in pieces that are never large."""
    unpacker = None
    try:
        for packed in slices:
            rest = packed
            while rest:
                unpacker = unpacker or zlib.decompressobj(wbits=_GZIP)
                yield unpacker.decompress(rest, _SLICE)
                rest = unpacker.unconsumed_tail or unpacker.unused_data
                unpacker = None if unpacker.eof else unpacker
        while unpacker and (piece := unpacker.decompress(unpacker.unconsumed_tail, _SLICE)):
            yield piece
    except zlib.error:
        raise cut_off(host) from None
    if unpacker and not unpacker.eof:
        raise cut_off(host)
