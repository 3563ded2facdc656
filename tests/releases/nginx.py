"""An nginx of the tests: unprivileged, in a folder and on a port of its own, ended with them.

Its configuration is that of uMap's documentation (Administration, nginx), without caching of tiles.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from umap_bot.sandbox import processes

TLS: Final = Path(__file__).parents[1] / "dataset" / "tls"
PATIENCE: Final = 30.0
XSENDFILE: Final = {"UMAP_XSENDFILE_HEADER": "X-Accel-Redirect"}
VERSION_LINE: Final = "add_header X-DataLayer-Version $upstream_http_x_datalayer_version;"

CONFIGURATION: Final = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 2;
events {{ worker_connections 256; }}
http {{
  types {{ application/json json geojson; text/html html; }}
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  gzip on;
  gzip_vary on;
  gzip_proxied any;
  gzip_comp_level 6;
  gzip_min_length 50;
  gzip_types text/plain application/json application/geo+json;
  server {{
    listen 127.0.0.1:{port}{secure};
    server_name localhost 127.0.0.1;
    {certificate}
    location / {{
      proxy_pass {upstream};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
    location /internal/ {{
      internal;
      gzip_vary on;
      gzip_static on;
      {version_line}
      alias {uploads}/;
    }}
  }}
}}
"""


def program() -> str:
    """Where nginx is; without one the tests end and say so."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.exit("No nginx: install it (Debian and Ubuntu: apt install nginx-light).", 1)
    return found


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def write(
    folder: Path, port: int, upstream: str, uploads: Path, *, secure: bool, tells_version: bool
) -> Path:
    """The configuration in FOLDER for an nginx on PORT before the uMap at UPSTREAM."""
    certificate = f"ssl_certificate {TLS}/server.pem; ssl_certificate_key {TLS}/server.key;"
    text = CONFIGURATION.format(
        folder=folder,
        port=port,
        upstream=upstream,
        uploads=uploads,
        secure=" ssl" if secure else "",
        certificate=certificate if secure else "",
        version_line=VERSION_LINE if tells_version else "",
    )
    file = folder / "nginx.conf"
    file.write_text(text, "utf-8")
    return file


@contextmanager
def running(file: Path, port: int) -> Iterator[None]:
    """Run nginx with the configuration FILE, until the end of the `with` block, or of this process."""
    folder, log = file.parent, file.with_name("said.log")
    command: list[str | Path] = [program(), "-p", folder, "-e", folder / "error.log", "-c", file]
    with ExitStack() as undo:
        environment = processes.plain_environment()
        process = processes.spawn(command, undo=undo, log=log, env=environment, cwd=folder)
        _await(process, port, log)
        yield


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until somebody listens on the port: nginx tells nobody when it is ready."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as opened:
            if opened.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.exit(f"nginx does not start: {log.read_text('utf-8', 'replace')}", 1)
