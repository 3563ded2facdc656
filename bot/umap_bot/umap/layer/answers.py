"""What uMap answered to a layer that was sent: 200 is not success, and not every failure is a refusal.

The table is that of protocol 5. No answer decides whether the content stands: the next read does.
"""

from __future__ import annotations

import enum
from http import HTTPStatus
from typing import Any, Final

from umap_bot.errors import RefusedError
from umap_bot.redaction import words_of_server
from umap_bot.text import say
from umap_bot.umap.http.content import read_json
from umap_bot.umap.http.wire import Reply

_REDIRECTS: Final = range(300, 400)
_CLIENT: Final = range(400, 500)
_SERVER: Final = range(500, 600)
_PASSING: Final = frozenset({408, 429})
_MEGABYTE: Final = 1_000_000
_CHECK: Final = say("Check the way in: umap-bot check")


class Answer(enum.Enum):
    """What is known after a push that was not refused."""

    STORED = "stored"
    MERGED = "merged"  # with what somebody stored meanwhile: other content than was sent
    CONFLICT = "conflict"
    CSRF = "csrf"  # the token is of another session: a new page gives a new one
    SHUT = "shut"  # no right to edit, or none any more: the session may have ended
    LOST = "lost"  # may be stored, or be stored yet


NOT_KNOWN: Final = frozenset({Answer.CSRF, Answer.SHUT})
"""Nothing was stored, and it may be if the way in is taken anew."""


class TooLargeError(RefusedError):
    """The site takes no body of this size."""


def judge(reply: Reply, version: str, size: int) -> Answer:
    """Tell the answers apart. `version` is the one that was pushed on, `size` the bytes of the file.

    Raise RefusedError if uMap refuses; then nothing was stored.
    """
    status = reply.status
    if status == HTTPStatus.OK:
        return _accepted(reply, version)
    if status == HTTPStatus.PRECONDITION_FAILED:
        return Answer.CONFLICT
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(reply)
    if status in _PASSING or status in _SERVER:  # a worker may die after storing
        return Answer.LOST
    raise _refusal(status, size)


def _accepted(reply: Reply, version: str) -> Answer:
    said = read_json(reply.body, dict[str, Any])
    if said is None:
        return Answer.LOST  # 200 by something between us and uMap
    if said.get("login_required"):
        return Answer.SHUT
    if said.get("errors") or said.get("error"):
        why = words_of_server(_form_errors(said))
        raise RefusedError(say("uMap refuses the form of the layer: {why}.", why=why))
    if reply.headers.get("X-Datalayer-Version") == version:
        raise RefusedError(say("uMap took the form, but not the file in it: the layer is as before."))
    return Answer.MERGED if "geojson" in said else Answer.STORED


def _form_errors(said: dict[str, Any]) -> str:
    errors = said.get("errors")
    if not isinstance(errors, dict) or not errors:
        return str(said.get("error"))
    texts = {field: text if isinstance(text, list) else [text] for field, text in errors.items()}
    return "; ".join(f"{field}: {' '.join(map(str, text))}" for field, text in texts.items())


def _forbidden(reply: Reply) -> Answer:
    """A 403 is told by its body: none, HTML, or one line of text."""
    body = reply.body.strip()
    if body.startswith(b"<"):
        return Answer.CSRF
    if body:
        raise maintenance()
    return Answer.SHUT


def _refusal(status: int, size: int) -> RefusedError:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLargeError(
            say("The site takes no layer of {megabytes:.1f} MB.", megabytes=size / _MEGABYTE),
            way_out=say(
                "Ask its administrators for a higher limit (nginx: client_max_body_size), or use several "
                "layers."
            ),
        )
    if status in _REDIRECTS:
        return RefusedError(
            say("The site sends a change to another address."),
            way_out=say("Is UMAP_MAP_URL its present address?"),
        )
    if status == HTTPStatus.NOT_FOUND:
        return RefusedError(
            say("uMap has no such layer (any more)."), way_out=say("Was it, or the map, deleted?")
        )
    if status in _CLIENT:
        return RefusedError(say("uMap refuses the layer (HTTP {status}).", status=status), way_out=_CHECK)
    return RefusedError(
        say("uMap answers to the layer in an unknown way (HTTP {status}).", status=status), way_out=_CHECK
    )


def maintenance() -> RefusedError:
    """Return the error for a site that answers every POST, a log-in too, with a line of text (protocol 3)."""
    return RefusedError(
        say("uMap takes no changes at the moment: the site is in maintenance."),
        way_out=say("Try again later."),
    )


def refuse(answer: Answer | None) -> RefusedError:
    """Return the error for an answer of NOT_KNOWN that came again after the way in was taken anew."""
    if answer is Answer.CSRF:
        return refuse_csrf()
    return RefusedError(  # although the page says that we may edit
        say("uMap says that this way in may not edit the layer."),
        way_out=say("Check the way in, and the permissions of map and layer: umap-bot check"),
    )


def refuse_csrf() -> RefusedError:
    """Return the error for a second 403 with HTML: it was not the token."""
    return RefusedError(
        say("uMap takes the request for a forged one, twice (CSRF), or something before it refuses."),
        way_out=say("Is there a proxy or a firewall between this machine and the site?"),
    )


def too_large(size: int, limit: int) -> TooLargeError:
    """Return the error for a layer that need not be sent: a smaller one was refused, or the limit is
    known."""
    return TooLargeError(
        say(
            "The layer is {megabytes:.1f} MB; the site takes less than {limit:.1f} MB.",
            megabytes=size / _MEGABYTE,
            limit=limit / _MEGABYTE,
        ),
        way_out=say("Ask its administrators for a higher limit, or use several layers."),
    )
