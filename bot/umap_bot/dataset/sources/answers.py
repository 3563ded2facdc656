"""From an answer to the table in it, or to one line that says why there is none, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from umap_bot.dataset.sources.forms import SUFFIXES, Form, form_of
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import Answer, as_utf8
from umap_bot.errors import SourceError, SourceLocked
from umap_bot.http.content import read_json
from umap_bot.redaction import words_of_server
from umap_bot.text import NOTHING, Text, joined, say

_LATER: Final = say("Try again later.")
_NEW_TOKEN: Final = say(
    "Check DATASET_TOKEN: it may be mistyped or expired, or may not be allowed to read this table."
)
_LOGIN_PATH: Final = re.compile(r"log_?-?in|sign_?-?in|/auth|/sso|/cas\b|oauth|saml", re.IGNORECASE)
_PASSWORD_FIELD: Final = re.compile(rb"""type\s*=\s*["']?password""", re.IGNORECASE)
_LOOKED_AT: Final = 200_000
_NOT_PLAIN: Final = re.compile(r"[^\w.-]+")
_LONGEST_NAME: Final = 80
_LONGEST_HEADER: Final = 500
_SERVER_ERRORS: Final = 500
_WORDS: Final = ("error", "message", "detail")
_ENDINGS: Final[dict[Form, str]] = {"text": ".csv", "json": ".geojson", "xlsx": ".xlsx", "ods": ".ods"}

_NAMES: Final[dict[Form, Text]] = {
    "xml": say("an XML document"),
    "json": say("JSON"),
    "xlsx": say("an Excel file (.xlsx)"),
    "ods": say("a LibreOffice file (.ods)"),
    "zip": say("a zip archive that is damaged or no spreadsheet"),
    "xls": say("an old Excel file (.xls)"),
    "pdf": say("a PDF"),
    "gzip": say("a compressed file (.gz)"),
    "binary": say("a file that is not text"),
    "text": say("text"),
}


class Site(msgspec.Struct, frozen=True):
    """Who was asked, for people: `share` says how a table is made readable for the bot, `table` what to paste
    in place of an address that leads to something else. `keyed` tells that DATASET_TOKEN was sent."""

    host: str
    share: Text
    table: Text
    keyed: bool = False


def conditions(seen: Seen | None) -> Mapping[str, str]:
    """Return the headers that ask for a table only if it is not the one that was seen (RFC 9110, 13.1)."""
    if seen is None:
        return {}
    told = {"If-None-Match": seen.etag, "If-Modified-Since": seen.modified}
    return {name: value for name, value in told.items() if value}


def table_in(
    answer: Answer, site: Site, name: str, seen: Seen | None = None, state: str = ""
) -> Fetched | NotModified:
    """Return the table in an answer, or that it is the one that was seen.

    `name` is that of the file, without an ending if its bytes are to tell which one; `state` is kept in what
    was seen. Raise SourceError if the answer is no table, or none of the kind that the name says.
    """
    if answer.status == HTTPStatus.NOT_MODIFIED and seen is not None:
        return NotModified(seen)
    body = content_of(answer, site)
    name = _named(name, body, site)
    headers = answer.headers
    now = Seen(
        etag=_header(headers.get("ETag", "")),
        modified=_header(headers.get("Last-Modified", "")),
        state=state,
        digest=sha256(body).hexdigest(),
    )
    if seen is not None and seen.digest == now.digest:
        return NotModified(now)
    return Fetched(body, name, now, _moment(now.modified))


def name_of(answer: Answer, path: str) -> str:
    """Return the name of the file in an answer to a request for `path`, with an ending if one of address and
    answer has one that can be read; else without."""
    said = Message()
    said["Content-Disposition"] = as_utf8(answer.headers.get("Content-Disposition", ""))
    own, final = (PurePosixPath(unquote(each)) for each in (path, urlsplit(answer.url).path))
    for name in (own.name, said.get_filename() or "", final.name):
        if PurePosixPath(name).suffix.lower() in SUFFIXES:
            return plain_name(name)
    return plain_name(own.stem)


def plain_name(name: str) -> str:
    """Return a name that any system takes for a file, of letters, digits and the end of what was said."""
    return _NOT_PLAIN.sub("-", PurePosixPath(name).name).strip("-.")[-_LONGEST_NAME:] or "table"


def content_of(answer: Answer, site: Site) -> bytes:
    """Return the body of an answer. Raise SourceError if it is a refusal, empty, or a page for people."""
    if answer.status != HTTPStatus.OK:
        raise _refused(answer, site)
    form = form_of(answer.body)
    if form == "html":
        raise _page(answer, site)
    if form == "empty":
        raise SourceError(
            say("{host} sent an empty file.", host=site.host),
            way_out=say("Check the table at its source: it may have been emptied, or be saved right now."),
        )
    return answer.body


def _refused(answer: Answer, site: Site) -> SourceError:
    status, host = answer.status, site.host
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        if site.keyed:
            return SourceLocked(
                say("{host} does not accept DATASET_TOKEN ({status}).", host=host, status=status),
                way_out=_NEW_TOKEN,
            )
        return SourceLocked(
            say("{host} does not show this table without a login ({status}).", host=host, status=status),
            way_out=site.share,
        )
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return SourceError(
            say("{host} has no table at this address ({status}).", host=host, status=status),
            way_out=joined((say("It may have been moved, deleted or unshared."), site.table)),
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return SourceError(say("{host} received too many requests (429).", host=host), way_out=_LATER)
    if status >= _SERVER_ERRORS:
        return SourceError(
            say("{host} has a server error ({status}).", host=host, status=status), way_out=_LATER
        )
    return SourceError(
        joined((say("{host} answers with status {status}.", host=host, status=status), said_in(answer.body))),
        way_out=site.table,
    )


def _page(answer: Answer, site: Site) -> SourceError:
    path = urlsplit(answer.url)
    wants_login = _LOGIN_PATH.search(path.path) or _PASSWORD_FIELD.search(answer.body, 0, _LOOKED_AT)
    if wants_login:
        return SourceLocked(
            say("{host} shows a login page instead of the table.", host=site.host),
            way_out=_NEW_TOKEN if site.keyed else site.share,
        )
    return SourceError(say("{host} shows a web page, not a table.", host=site.host), way_out=site.table)


def said_in(body: bytes) -> Text:
    """Return what an API says about its refusal, in its own words; nothing if it says nothing."""
    reply = read_json(body[:_LOOKED_AT], dict[str, object]) or {}
    words = next((words for key in _WORDS if isinstance(words := reply.get(key), str)), "")
    return say("It says: {words}", words=words_of_server(words)) if words else NOTHING


def _named(name: str, body: bytes, site: Site) -> str:
    """Return the name with its ending. Raise SourceError if the bytes are not what it says, or no table."""
    form = form_of(body)
    suffix = PurePosixPath(name).suffix.lower()
    is_said = suffix in SUFFIXES
    if not is_said and form in _ENDINGS and (form != "json" or read_json(body, _GeoJson) is not None):
        return name + _ENDINGS[form]
    if not is_said:
        wrong = say("{host} sent {form}, which can't be read as a table.", host=site.host, form=_NAMES[form])
        raise SourceError(joined((wrong, said_in(body))), way_out=site.table)
    if SUFFIXES[suffix] != form:
        wrong = say(
            "{host} sent {form} where {suffix} is expected.", host=site.host, form=_NAMES[form], suffix=suffix
        )
        raise SourceError(
            joined((wrong, said_in(body))), way_out=say("Check the table at its source. Nothing was changed.")
        )
    return name


class _GeoJson(msgspec.Struct):
    type: Literal["FeatureCollection", "Feature"]


def _header(value: str) -> str:
    """Return a header that may be sent back: a server may send anything."""
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST_HEADER else ""


def _moment(modified: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(modified)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
