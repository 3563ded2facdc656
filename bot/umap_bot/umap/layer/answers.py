"""What uMap answered to a layer that was sent: 200 is not success, and not every failure is a refusal.

The table is that of protocol 5. No answer decides whether the content stands: the next read does.
"""

from __future__ import annotations

import enum
from http import HTTPStatus
from typing import Any, Final

from umap_bot.errors import RefusedError
from umap_bot.http.content import read_json
from umap_bot.redaction import words_of_server
from umap_bot.text import say
from umap_bot.umap.wire import Reply

_REDIRECTS: Final = range(300, 400)
_CLIENT: Final = range(400, 500)
_SERVER: Final = range(500, 600)
_PASSING: Final = frozenset({408, 429})
_MEGABYTE: Final = 1_000_000
_CHECK: Final = say("Check the sign-in method: umap-bot check")


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
        raise RefusedError(
            say("uMap rejected the layer: {why}.", why=why),
            way_out=say(
                "Check the layer's settings in uMap. If they are right, report this message to the authors "
                "of umap-bot."
            ),
        )
    if reply.headers.get("X-Datalayer-Version") == version:
        raise RefusedError(
            say("uMap accepted the request but did not save the data, so the layer is unchanged."),
            way_out=say("Try again later. If the problem persists, ask the site's administrators."),
        )
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
            say("The site does not accept a layer of {megabytes:.1f} MB.", megabytes=size / _MEGABYTE),
            way_out=say(
                "Ask the site's administrators for a higher limit (nginx: client_max_body_size), or "
                "split the data into several layers."
            ),
        )
    if status in _REDIRECTS:
        return RefusedError(
            say("The site redirects the save to another address."),
            way_out=say("Check that UMAP_MAP_URL is the site's current address."),
        )
    if status == HTTPStatus.NOT_FOUND:
        return RefusedError(
            say("uMap does not have this layer, or no longer has it."),
            way_out=say(
                "The layer or the map may have been deleted. Check the map in uMap, and "
                "UMAP_MAP_URL and UMAP_LAYER."
            ),
        )
    if status in _CLIENT:
        return RefusedError(say("uMap rejected the layer (HTTP {status}).", status=status), way_out=_CHECK)
    return RefusedError(
        say("uMap gave an unexpected answer when the layer was saved (HTTP {status}).", status=status),
        way_out=_CHECK,
    )


def maintenance() -> RefusedError:
    """Return the error for a site that answers every POST, a log-in too, with a line of text (protocol 3)."""
    return RefusedError(
        say("uMap accepts no changes at the moment, because the site is under maintenance."),
        way_out=say("Try again later."),
    )


def refuse(answer: Answer | None) -> RefusedError:
    """Return the error for an answer of NOT_KNOWN that came again after the way in was taken anew."""
    if answer is Answer.CSRF:
        return refuse_csrf()
    return RefusedError(  # although the page says that we may edit
        say("uMap does not allow this sign-in method to edit the layer."),
        way_out=say("Check the sign-in method, and the permissions of the map and layer: umap-bot check"),
    )


def refuse_csrf() -> RefusedError:
    """Return the error for a second 403 with HTML: it was not the token."""
    return RefusedError(
        say(
            "uMap rejected the request twice as forged (CSRF), or a server in front of it "
            "refused the request."
        ),
        way_out=say("Check for a proxy or firewall between this machine and the site."),
    )


def too_large(size: int, limit: int) -> TooLargeError:
    """Return the error for a layer that need not be sent: a smaller one was refused, or the limit is
    known."""
    return TooLargeError(
        say(
            "The layer is {megabytes:.1f} MB, but the site accepts less than {limit:.1f} MB.",
            megabytes=size / _MEGABYTE,
            limit=limit / _MEGABYTE,
        ),
        way_out=say(
            "Ask the site's administrators for a higher limit, or split the data into several layers."
        ),
    )
