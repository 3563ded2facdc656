"""The desk as an application that a web server runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from umap_bot.desk.desk import Desk
from umap_bot.desk.doors import Doors
from umap_bot.desk.gate import Gate
from umap_bot.desk.jobs import Jobs
from umap_bot.desk.pages import Pages
from umap_bot.desk.routes import Routes


def app(desk: Desk, jobs: Jobs) -> ASGIApp:
    """Return the application. `jobs` are those that are begun at this desk."""
    doors = Doors(desk.place, desk.journal.accesses, desk.now)
    routes = Routes(desk, doors, jobs, Pages(desk.places, desk.tongue.code))
    inner = Starlette(routes=routes.routes(), exception_handlers={500: _broken(desk)})
    return Gate(inner, desk.place)


def _broken(desk: Desk) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def broken(_request: Request, error: Exception) -> Response:
        """Keep the trace of an error that nobody foresaw. The page tells nothing of it."""
        desk.journal.unforeseen(error)
        return PlainTextResponse("An error of umap-bot. Its trace was kept where the bot runs.", 500)

    return broken
