"""Letters on their way: by Apprise, to each address by itself, in time, and without a word in the log."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from umap_bot.encryption import refuse_plain
from umap_bot.errors import SettingsError
from umap_bot.notify.message import Letter
from umap_bot.text import Text, joined, say

if TYPE_CHECKING:
    from apprise import NotifyBase

T = TypeVar("T")

SOCKET: Final = 10.0
"""Seconds that a connection and a part of an answer may take."""

DEADLINE: Final = 30.0
"""Seconds that one message to one address may take: some services are asked slowly on purpose."""

SILENT: Final = ("apprise", "oauthlib", "requests_oauthlib", "paho", "slixmpp")
"""Only we use them, through Apprise; it logs whole addresses, headers and answers, which hold keys."""

SHARED: Final = (
    "urllib3.connectionpool",
    "urllib3.connection",
    "urllib3.poolmanager",
    "urllib3.util.retry",
    "charset_normalizer",
    "asyncio",
)
"""Others use them too, and may log; not what they do for us."""

_sending: Final[ContextVar[bool]] = ContextVar("sending", default=False)

_log = logging.getLogger(__name__)


PLAIN: Final = frozenset(
    f"{schema}{secure}"
    for schema in ("mailto", "json", "xml", "form", "ntfy", "gotify")
    for secure in ("", "s")
)
"""What shows a text, or hands it on, as it is, unless Markdown is asked for (`?format=markdown`). All else
may be a chat, which makes links and mentions of a text whatever Apprise calls it."""

SPELLED: Final = say(
    "In a password, write % as %25, # as %23, ; as %3B, / as %2F, ? as %3F, @ as %40 and a blank as %20."
)
"""How Apprise reads signs that mean something in an address."""

_STATUS: Final = re.compile(r"\berror=([1-5]\d\d)\b")
"""What Apprise logs of a refusal, and nothing else of it: the rest may hold keys."""

_MARKDOWN: Final = re.compile(r"[?&]format=markdown", re.IGNORECASE)


class Box(msgspec.Struct, frozen=True):
    """One address: what it is called in our own log, the way to put a letter into it, and whether who reads
    there reads in a chat."""

    name: str
    put: Callable[[Letter], bool]
    chat: bool


class Delivery(msgspec.Struct, frozen=True):
    """What came back of a letter: from which address, as our own log calls it, in words, and whether it was
    taken."""

    box: str
    said: Text
    arrived: bool


class Post:
    """The addresses of NOTIFY_URLS, blanks between; `plain` are hosts that they may go to without encryption.

    Raise SettingsError if Apprise is not installed, or can't understand one of them; it is not quoted.
    """

    def __init__(self, addresses: str, deadline: float = DEADLINE, *, plain: Collection[str] = ()) -> None:
        self._boxes = tuple(_box(number, url, plain) for number, url in enumerate(addresses.split(), 1))
        self._deadline = deadline
        self._down: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._boxes)

    def open(self) -> None:
        """Begin a pass: what was down may be up again."""
        self._down.clear()

    def send(self, letter: Letter, chat: Letter | None = None) -> bool:
        """Tell whether a letter arrived somewhere. An address that failed is left alone for this pass.

        `chat` is the letter for chats, if they get another one.
        """
        arrived = [
            self._put(box, chat if chat and box.chat else letter)
            for box in self._boxes
            if box.name not in self._down
        ]
        return any(arrived)

    def trial(self, letter: Letter, chat: Letter) -> Iterator[Delivery]:
        """Send a letter to each address, and return what came back of each."""
        for box in self._boxes:
            yield self._tried(box, chat if box.chat else letter)

    def _tried(self, box: Box, letter: Letter) -> Delivery:
        with _answers() as statuses:
            try:
                arrived = in_time(self._deadline, lambda: _overheard(box, letter))
            except TimeoutError:
                why = say("no answer within {seconds:.0f} s", seconds=self._deadline)
                return Delivery(box.name, why, arrived=False)
            except Exception as error:  # noqa: BLE001  as in _put: it is told, by its kind alone
                return Delivery(
                    box.name, say("not delivered ({error})", error=type(error).__name__), arrived=False
                )
        if arrived:
            return Delivery(box.name, say("accepted; now look whether it arrived"), arrived=True)
        if statuses:
            return Delivery(box.name, say("refused: HTTP {status}", status=statuses[-1]), arrived=False)
        return Delivery(box.name, say("refused, or not reachable"), arrived=False)

    def _put(self, box: Box, letter: Letter) -> bool:
        try:
            arrived = in_time(self._deadline, lambda: box.put(letter))
        except Exception as error:  # noqa: BLE001  what a service's plugin raises is its own; never fails a run
            _log.warning("%s: the message could not be delivered (%s).", box.name, type(error).__name__)
            arrived = False
        else:
            if not arrived:
                _log.warning("%s: the message could not be delivered.", box.name)
        if not arrived:
            self._down.add(box.name)
        return arrived


def _box(number: int, url: str, plain: Collection[str]) -> Box:
    try:
        with warnings.catch_warnings(), _hushed():
            warnings.simplefilter("ignore", DeprecationWarning)  # of what Apprise itself imports
            return _open(number, url, plain)
    except ImportError as error:
        raise SettingsError(
            say("NOTIFY_URLS needs Apprise, which is not installed."),
            way_out=say("Install it: {command}", command="pip install apprise"),
        ) from error


def _open(number: int, url: str, plain: Collection[str]) -> Box:
    from apprise import Apprise, AppriseAsset, NotifyFormat  # noqa: PLC0415  slow, an extra, seldom needed

    # In this thread, without a limit of its own: it would leave behind threads that a process waits for.
    asset = AppriseAsset(async_mode=False, service_timeout=0, app_id="umap-bot", app_desc="umap-bot")
    service = Apprise.instantiate(url, asset=asset)
    if service is None:
        raise _not_understood(number, url)
    if _is_plain(service, url):
        refuse_plain(f"NOTIFY_URLS, {_schema(url)}", service.host, plain)
    _limit(service)
    sender = Apprise(asset=asset)
    sender.add(service)

    def put(letter: Letter) -> bool:
        return bool(sender.notify(body=letter.body, title=letter.subject, body_format=NotifyFormat.TEXT))

    return Box(f"NOTIFY_URLS, address {number} ({_schema(url)})", put, chat=_is_chat(url))


def _is_chat(url: str) -> bool:
    return url.partition(":")[0].lower() not in PLAIN or _MARKDOWN.search(url) is not None


def _is_plain(service: NotifyBase, url: str) -> bool:
    """Tell whether a service takes a secret without encryption. The address of mail without one is none."""
    protocol: object = service.protocol  # one, or several, or none
    of_plain = protocol if isinstance(protocol, tuple) else (protocol,)
    schema = _schema(url).removesuffix("://")
    secret = bool(service.password) or not schema.startswith("mail")
    return schema in of_plain and not service.secure and bool(service.host) and secret


def _limit(service: NotifyBase) -> None:
    """Keep the service from taking its time, and from calling a failure a success."""
    service.socket_connect_timeout = min(service.socket_connect_timeout, SOCKET)
    service.socket_read_timeout = min(service.socket_read_timeout, SOCKET)
    service.optional = False


def _not_understood(number: int, url: str) -> SettingsError:
    """Of the address only the kind of service is told, and that only if it is one: all else may be secret."""
    return SettingsError(
        say(
            "NOTIFY_URLS: Apprise can't understand address {number} ({schema}).",
            number=number,
            schema=_schema(url),
        ),
        way_out=joined(
            (
                say(
                    "How to write the address of each service: {page}",
                    page="https://github.com/caronc/apprise/wiki",
                ),
                SPELLED,
            )
        ),
    )


def _schema(url: str) -> str:
    from apprise.plugins import N_MGR  # noqa: PLC0415  as above

    found = re.match(r"([a-z0-9]+)://", url.lower())
    return f"{found[1]}://" if found and found[1] in N_MGR else "?"


def in_time(seconds: float, call: Callable[[], T]) -> T:
    """Return what the call gives, or raise what it raises. Raise TimeoutError if it is not done by then.

    A socket's own timeout starts anew with every byte, and there is none on the look-up of a name. A late
    call is left alone; it ends by itself, at the latest with the process.
    """
    future: Future[T] = Future()
    Thread(target=_work, args=(future, call), daemon=True).start()
    return future.result(seconds)


def _work(future: Future[T], call: Callable[[], T]) -> None:
    try:
        with _hushed():
            result = call()
    except BaseException as error:  # noqa: BLE001  not swallowed: raised where it is waited for
        future.set_exception(error)
    else:
        future.set_result(result)


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep libraries quiet about what is done within, in this thread."""
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for name in SHARED:
        logging.getLogger(name).addFilter(_not_ours)  # once, however often it is added
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)


class _Statuses(logging.Handler):
    """Takes the status of a refusal out of what Apprise logs."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        self._found += _STATUS.findall(record.getMessage())


@contextmanager
def _answers() -> Iterator[list[str]]:
    """Return the statuses that Apprise logs within; nothing else of it goes anywhere."""
    found: list[str] = []
    logger = logging.getLogger("apprise")
    handler, propagate = _Statuses(found), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


def _overheard(box: Box, letter: Letter) -> bool:
    """Put a letter into a box, in the thread of `in_time`, and let Apprise log why it failed."""
    logging.getLogger("apprise").setLevel(logging.WARNING)
    try:
        return box.put(letter)
    finally:
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


def _not_ours(record: logging.LogRecord) -> bool:  # noqa: ARG001  a filter is given it
    return not _sending.get()
