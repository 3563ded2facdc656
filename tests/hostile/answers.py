"""What a hostile server answers, whatever it is asked: one line an answer."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, Final

from tests.umap.loopback import Answer, answer, silence, trickle

DIGITS: Final = "9" * 5000
MEGABYTE: Final = 2**20
OK: Final = b"HTTP/1.1 200 OK\r\n"


def lengthy(body: Callable[[], bytes], *headers: str) -> Answer:
    """Return an answer that is made as it is sent: hundreds of tests name it."""
    return lambda conn: conn.sendall(answer("200 OK", body(), *headers))


def endless(start: bytes, parts: Iterable[bytes]) -> Answer:
    """Return an answer that goes on for as long as somebody listens. (`repeat` can be gone through again.)"""

    def send(conn: socket.socket) -> None:
        conn.sendall(start)
        for part in parts:
            conn.sendall(part)

    return send


def _bomb() -> bytes:
    """1 GB of blanks in 1 MB."""
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * MEGABYTE
    return b"".join([*(packer.compress(block) for _ in range(1024)), packer.flush()])


HTTP: Final[dict[str, Answer]] = {
    "nothing": b"",
    "no HTTP": b"\x00\x01\x02\xff",
    "SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
    "a status that is none": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of -5": b"HTTP/1.1 -5 x\r\n\r\n",
    "a status of 999": b"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n",
    "a status of 5 000 digits": f"HTTP/1.1 {DIGITS} OK\r\n\r\n".encode(),
    "a status line without end": endless(b"HTTP/1.1 200 ", repeat(b"O" * 65_536)),
    "HTTP/9.9": b"HTTP/9.9 200 OK\r\n\r\n{}",
    "a length of -1": OK + b"Content-Length: -1\r\n\r\n{}",
    "a length of 5 000 digits": OK + f"Content-Length: {DIGITS}\r\n\r\n{{}}".encode(),
    "two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a body that is cut": OK + b"Content-Length: 1000\r\n\r\n{",
    "a body longer than said": OK + b"Content-Length: 1\r\n\r\n{}{}{}",
    "200 headers": OK + b"A: b\r\n" * 200 + b"\r\n",
    "headers without end": endless(OK, repeat(b"A: b\r\n")),
    "a header without end": endless(OK + b"A: ", repeat(b"b" * 65_536)),
    "a header of 70 000": OK + b"A: " + b"b" * 70_000 + b"\r\n\r\n",
    "a header that is no text": OK + b"\xff\xfe: \xff\r\nContent-Length: 0\r\n\r\n",
    "a header without a colon": OK + b"nonsense\r\nContent-Length: 0\r\n\r\n",
    "chunks of -5": OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc",
    "chunks of 5 000 digits": OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 5000 + b"\r\nabc",
    "chunks that are none": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    "chunks of one octet without end": endless(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", repeat(b"1\r\n[\r\n" * 10_000)
    ),
    "a chunk's extension without end": endless(
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;", repeat(b"a" * 65_536)
    ),
    "a body without end": endless(OK + b"\r\n", repeat(b" " * MEGABYTE)),
    "gzip that is none": OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "gzip that is cut": lengthy(lambda: gzip.compress(b"{}" * 1000)[:-9], "Content-Encoding: gzip"),
    "gzip of 1 GB": lengthy(_bomb, "Content-Encoding: gzip"),
    "gzip of gzip of 1 GB": lengthy(lambda: gzip.compress(_bomb()), "Content-Encoding: gzip, gzip"),
    "gzip fifty times": OK + b"Content-Encoding: " + b"gzip," * 50 + b"\r\nContent-Length: 3\r\n\r\nabc",
    "deflate of 1 GB": lengthy(
        lambda: zlib.compress(b" " * (512 * MEGABYTE), 1), "Content-Encoding: deflate"
    ),
    "an encoding that nobody knows": OK + b"Content-Encoding: br, zz\r\nContent-Length: 3\r\n\r\nabc",
    "go on, a hundred times": b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
    "go on without end": endless(b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)),
    "another protocol": b"HTTP/1.1 101 Switching\r\n\r\n",
    "an octet now and then": trickle,
    "silence": silence,
}

STATUS: Final[dict[str, Answer]] = {
    **{
        f"HTTP {status}": answer(f"{status} x", b"")
        for status in (
            201,
            204,
            206,
            304,
            400,
            401,
            403,
            404,
            405,
            407,
            410,
            412,
            413,
            418,
            429,
            451,
            500,
            503,
            599,
        )
    },
    "403 in words": answer("403 Forbidden", b"Site in maintenance"),
    "403 in HTML": answer("403 Forbidden", b"<!doctype html><h1>CSRF</h1>"),
    "a redirect to itself": answer("302 Found", b"", "Location: ?"),
    "a redirect without an address": answer("302 Found", b""),
    "a redirect to another host": answer("302 Found", b"", "Location: http://192.0.2.1/"),
    "a redirect to no address": answer("302 Found", b"", "Location: http://[::1"),
    "a redirect to a file": answer("302 Found", b"", "Location: file:///etc/passwd"),
    "a redirect of 60 000 characters": answer("302 Found", b"", f"Location: /{'a' * 60_000}"),
    "a redirect of a thousand steps up": answer("302 Found", b"", f"Location: {'../' * 1000}etc/passwd"),
    "a redirect with a NUL": answer("302 Found", b"", "Location: /\x00/%00"),
    **{
        f"wait {asked[:20]}": answer("503 Service Unavailable", b"", f"Retry-After: {asked}")
        for asked in (
            *("", "-5", "+5", "1.5", "1e5", "NaN", "inf", "0", "1", "\u0663", "soon", "Fri, ", ", , , "),
            *("9" * 400, DIGITS, "0000", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2300"),
            *("Fri, 31 Dec 2026 99:59:59 GMT", f"Fri, 31 Dec {'9' * 20} 23:59:59 GMT", "[1]", "null"),
        )
    },
    "cookies of another domain": answer("200 OK", b"{}", "Set-Cookie: sessionid=1; Domain=example.org"),
    "a cookie until the end of time": answer("200 OK", b"{}", f"Set-Cookie: sessionid=1; Max-Age={DIGITS}"),
    "a cookie of 60 000": answer("200 OK", b"{}", f"Set-Cookie: sessionid={'a' * 60_000}"),
    "a cookie that is none": answer("200 OK", b"{}", "Set-Cookie: =;=;;\x01"),
    "90 cookies": answer("200 OK", b"{}", *(f"Set-Cookie: c{number}={'a' * 4000}" for number in range(90))),
}

TEXTS: Final[dict[str, Callable[[], bytes]]] = {
    "empty": lambda: b"",
    "null": lambda: b"null",
    "true": lambda: b"true",
    "a number": lambda: b"1e999",
    "a text": lambda: b'"map"',
    "a list": lambda: b"[]",
    "an object": lambda: b"{}",
    "NaN": lambda: b'{"properties":NaN,"versions":NaN,"features":NaN}',
    "5 000 digits": f'{{"properties":{DIGITS},"versions":{DIGITS},"features":{DIGITS}}}'.encode,
    "half a character": lambda: b'{"properties":{"id":"\\ud800"},"versions":["\\ud800"]}',
    "no UTF-8": lambda: b'{"properties":"\xff\xfe"}',
    "UTF-16": lambda: '{"properties":{}}'.encode("utf-16"),
    "a mark of byte order": lambda: b'\xef\xbb\xbf{"properties":{}}',
    "NUL": lambda: b"\x00" * MEGABYTE,
    "lists in one another": lambda: b"[" * 100_000 + b"]" * 100_000,
    "objects in one another": lambda: b'{"properties":' * 100_000 + b"1" + b"}" * 100_000,
    "lists without end": lambda: b"[" * (7 * MEGABYTE),
    "2 million lists": lambda: b'{"properties":[' + b"[]," * 2_000_000 + b"[]]}",
    "2 million objects": lambda: b'{"versions":[' + b"{}," * 2_000_000 + b"{}]}",
    "8 million features": lambda: b'{"type":"FeatureCollection","features":[' + b"{}," * 8_000_000 + b"{}]}",
    "a name of 7 MB": lambda: b'{"properties":{"id":7,"name":"' + b"x" * (7 * MEGABYTE) + b'"}}',
    "a million names": lambda: (
        b'{"properties":{' + b",".join(b'"%d":1' % number for number in range(500_000)) + b"}}"
    ),
    "half a million layers": lambda: (
        b'{"properties":{"id":7,"datalayers":[' + b'{"id":"1"},' * 500_000 + b'{"id":"1"}]}}'
    ),
    "groups in groups": lambda: (
        b'{"properties":{"id":7,"datalayers":' + b'[{"id":"1","layers":' * 60 + b"[]" + b"}]" * 60 + b"}}"
    ),
    "steering a terminal": lambda: (
        b'{"properties":{"id":"\\u001b[2J\\u202e7"},"error":"\\u001b[2J\\r\\nX: y"}'
    ),
    "words without end": lambda: json.dumps({"error": "very " * 100_000 + "bad"}).encode(),
    "errors that are none": lambda: b'{"errors":{"name":[[["x"]],{"a":1},null]},"login_required":[]}',
    "a login page": lambda: b'<html><form action="/login"><input type="password"></form></html>',
    "a page without end of <a>": lambda: b"<a>" * 20_000_000,
    "7 MB of <a>": lambda: b"<a>" * 2_400_000,
    "1 MB of <!--": lambda: b"<!--" * 300_000,
    "7 MB of <!--": lambda: b"<!--" * 1_800_000,
    "7 MB of <![": lambda: b"<![" * 2_400_000,
    "7 MB of attributes": lambda: b"<ul class=errorlist" + b" a" * 3_600_000 + b">",
    "7 MB of quotes": lambda: b"<p " + b"a='" * 2_400_000,
    "7 MB of settings": lambda: b"<p data-settings='" * 400_000,
    "settings that begin again and again": lambda: b"<script>" + b'new U.Map("map", {' * 400_000,
    "settings of half a page": lambda: b'<p data-settings="{&quot;properties&quot;:{&quot;id&quot;:7',
    "7 MB of characters by number": lambda: b"<p data-settings='" + b"&#65;" * 1_400_000 + b"'>",
    "7 MB of characters by name": lambda: (
        b"<p data-settings='" + b"&abcdefghijklmnopqrstuvwxyzabcd" * 230_000 + b"'>"
    ),
    "a character of 5 000 digits": f"<p data-settings='&#{DIGITS};'></p>".encode,
    "7 MB of complaints": lambda: b'<ul class="errorlist">' + b"<li>no" * 1_200_000,
    "a complaint that steers a terminal": lambda: (
        b'<ul class="errorlist"><li>\x1b[2J&#27;[2J\r\n&#x202e;no</ul>'
    ),
    "XML that grows": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
    ),
}

ANSWERS: Final[dict[str, Answer]] = {
    **HTTP,
    **STATUS,
    **{name: lengthy(body) for name, body in TEXTS.items()},
}


VALUES: Final[dict[str, Any]] = {
    "nothing": None,
    "a number": 10**30,
    "a list": [[], {"a": 1}],
    "an object": {"id": [], "url": "http://[", "format": 1, "properties": []},
    "5 000 digits": DIGITS,
    "1 MB": "a" * MEGABYTE,
    "what steers a terminal": "\x1b[2J\x1b]0;x\x07\r\n\u202ecode 0: done\n::set-output name=x::y",
    "a path": "//evil.example/../../{pk}?\x00#",
}
"""What may stand in the place of any other value."""

_POINT: Final = (
    b'{"type":"Feature","id":"abcde","properties":{"id":"1","name":"x","note":"as long as notes often are"},'
    b'"geometry":{"type":"Point","coordinates":[4.123456,45.123456]}}'
)
LARGE: Final[dict[str, Callable[[], bytes]]] = {
    "half a million features of nothing": lambda: b",".join([b"{}"] * 500_000),
    "200 000 points": lambda: b",".join([_POINT] * 200_000),
    "five million numbers": lambda: b'{"properties":{"a":[%b]}}' % b",".join([b"1.5"] * 5_000_000),
    "three million lists": lambda: b'{"properties":{"a":[%b]}}' % b",".join([b"[]"] * 3_000_000),
    "a name of 60 MB": lambda: b'{"properties":{"name":"%b"}}' % (b"x" * 60_000_000),
    "a name of 15 million emoji": lambda: b'{"properties":{"name":"%b"}}' % ("😀".encode() * 15_000_000),
    "a million halves of characters": lambda: b'{"properties":{"a":"%b"}}' % (b"\\ud83d" * 900_000),
}
"""The features of layers that are large, and read: there is no more memory and time than for small ones."""

PLACES: Final[tuple[tuple[str, ...], ...]] = (
    *(
        (name,)
        for name in ("id", "name", "umap_version", "editMode", "permissions", "urls", "user", "datalayers")
    ),
    *(("permissions", name) for name in ("owner", "share_status", "edit_status", "anonymous_edit_url")),
    *(("urls", name) for name in ("datalayer_view", "datalayer_versions", "datalayer_update")),
    *(("user", name) for name in ("id", "name", "is_owner")),
    *(
        ("layer", name)
        for name in ("id", "rank", "referenceVersion", "editMode", "permissions", "properties")
    ),
    *(("layer", name) for name in ("parent", "layers", "group", "old_id")),
    *(("layer", "properties", name) for name in ("name", "displayOnLoad", "remoteData", "color", "rules")),
)
"""Where in the settings of a map it does."""

LISTED: Final[dict[str, Any]] = {
    "not a list": 7,
    "an object": {"ref": "1"},
    "no versions": [],
    "no objects": [1, None, "x", []],
    "lists in one another": json.loads("[" * 300 + "]" * 300),
    "100 000 versions": [{"ref": str(number), "at": "1764000000000"} for number in range(100_000)],
    **{
        f"a {name} that is {what}": [{"ref": "1764000000000", name: value}]
        for name in ("ref", "name", "at", "size")
        for what, value in VALUES.items()
    },
}
"""What may stand in a version list."""
