"""`python -m django_backend.serve FD THREADS`: uMap on a listening socket that the parent has opened."""

# mypy: disable-error-code="import-not-found,import-untyped"

import logging
import socket
import sys

from umap.wsgi import application
from waitress.server import create_server

if __name__ == "__main__":
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is no news in a race test
    listening = socket.socket(fileno=int(sys.argv[1]))
    server = create_server(
        application,
        sockets=[listening],
        threads=int(sys.argv[2]),
        clear_untrusted_proxy_headers=False,  # it is for Django to say whom it believes, as behind gunicorn
    )
    server.run()
