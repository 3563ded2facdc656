"""The addresses of the desk: what is shown by GET, and what is done by POST."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from secrets import token_hex
from typing import Final, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from umap_bot.desk import acts, captions, files, pages, showing
from umap_bot.desk.desk import Desk, Kept
from umap_bot.desk.doors import LONGEST, Doors, Visitor
from umap_bot.desk.jobs import Job, Jobs
from umap_bot.desk.pages import LANGUAGE, Pages
from umap_bot.errors import BotError, UsageError
from umap_bot.model.access import Role
from umap_bot.model.run import Run
from umap_bot.redaction import redact
from umap_bot.report.hide import without_columns
from umap_bot.report.history import history_story
from umap_bot.report.language import CODES
from umap_bot.report.settling import settlers
from umap_bot.report.site import captions as site_captions
from umap_bot.report.story.acts import Answer
from umap_bot.report.story.deciding import decided
from umap_bot.report.story.decisions import Question
from umap_bot.report.story.sections import asked_for
from umap_bot.report.story.sentences import run_story, why
from umap_bot.report.story.story import Story
from umap_bot.text import NOTHING, Text, lines_of, say

log = logging.getLogger(__name__)

Form: TypeAlias = FormData
Shown: TypeAlias = Callable[[Request, Visitor], Response]
Done: TypeAlias = Callable[[Request, Visitor, FormData], Response]
Answered = TypeVar("Answered")

FIELDS: Final = 1_000
"""Of a form: a name or an id each."""

AT_ONCE: Final = 50
"""Runs of a page of the log."""

FEW: Final = 10
"""Runs on the page of a layer."""

YEAR: Final = "public, max-age=31536000, immutable"
"""For what has another name once it holds something else."""


class NotThereError(Exception):
    """There is no such page."""


class Routes:
    """What a request is answered. Who is not signed in comes to the door, whatever they ask for."""

    def __init__(self, desk: Desk, doors: Doors, jobs: Jobs, rendered: Pages) -> None:
        self._desk = desk
        self._doors = doors
        self._jobs = jobs
        self._pages = rendered

    def routes(self) -> list[Route]:
        return [
            Route("/assets/{name}", _asset),
            Route("/healthz", lambda _: Response("ok", media_type="text/plain")),
            _open_post("/language", self._language),
            Route("/door/{secret}", self._door),
            _open_post("/door/{secret}", self._open),
            self._get("/", self._layers),
            self._get("/layers/{layer}", self._layer),
            self._get("/layers/{layer}/feature", self._feature),
            self._get("/runs/{run:int}", self._run),
            self._get("/jobs/{job}", self._job),
            self._get("/log", self._log),
            self._get("/settings", self._settings),
            self._get("/people", self._people, keeper=True),
            self._post("/leave", self._leave, keeper=False),
            self._post("/layers/{layer}/plan", self._plan, keeper=False),
            self._post("/layers/{layer}/sync", self._sync),
            self._post("/layers/{layer}/answer", self._answer),
            self._post("/layers/{layer}/file", self._file, most_files=1),
            self._post("/layers/{layer}/publish", self._publish),
            self._post("/layers/{layer}/take-back", self._take_back),
            self._post("/runs/{run:int}/look", self._look),
            self._post("/runs/{run:int}/undo", self._undo),
            self._post("/people", self._invite),
            self._post("/people/{access:int}/end", self._end),
            self._get("/{path:path}", _nowhere),
        ]

    def _get(self, path: str, show: Shown, *, keeper: bool = False) -> Route:
        def answered(request: Request) -> Response:
            if refused := self._refusal(request, keeper=keeper):
                return refused
            return self._told(request, lambda: show(request, request.state.visitor))

        return Route(path, answered, methods=["GET"])

    def _post(self, path: str, do: Done, *, keeper: bool = True, most_files: int = 0) -> Route:
        async def answered(request: Request) -> Response:
            refused = await run_in_threadpool(self._refusal, request, keeper=keeper)
            if refused:  # before what strangers send is read
                return refused
            async with request.form(max_files=most_files, max_fields=FIELDS) as form:
                work = partial(do, request, request.state.visitor, form)
                return await run_in_threadpool(self._told, request, work)

        return Route(path, answered, methods=["POST"])

    def _refusal(self, request: Request, *, keeper: bool) -> Response | None:
        """Return the answer to somebody who may not; None if they may."""
        request.state.visitor = None

        def seen() -> Response | None:
            visitor = request.state.visitor = self._doors.visitor(request)
            if visitor is None:
                return self._at_the_door(request, "signed_out", 401)
            if keeper and not visitor.keeps:
                return self._problem(request, visitor, captions.CAPTIONS["not_allowed"], 403)
            return None

        return self._told(request, seen)

    def _told(self, request: Request, work: Callable[[], Answered]) -> Answered | Response:
        """Return what `work` gives, or what went wrong as a page."""
        visitor = request.state.visitor
        try:
            return work()
        except NotThereError:
            return self._problem(request, visitor, captions.CAPTIONS["not_found"], 404)
        except UsageError as error:  # answered, undone or changed meanwhile
            return self._problem(request, visitor, error.message, 409, error.way_out)
        except BotError as error:
            return self._problem(request, visitor, error.message, 503, error.way_out)

    # --- The doors -----------------------------------------------------------------------------------------

    def _door(self, request: Request) -> Response:
        """Show the button that opens an invitation. Programs that follow the links of mails open nothing."""
        if not self._doors.may_try(request):
            return self._at_the_door(request, "too_many", 429)
        secret = request.path_params["secret"]
        try:
            found = self._desk.journal.accesses.invited(secret, self._desk.now())
        except BotError as error:
            return self._problem(request, None, error.message, 503, error.way_out)
        if found is None:
            self._doors.note_failure(request)
            return self._at_the_door(request, "door_closed", 404)
        return self._at_the_door(request, "", 200, secret=secret, name=found.name)

    def _open(self, request: Request, form: Form) -> Response:  # noqa: ARG002
        if not self._doors.may_try(request):
            return self._at_the_door(request, "too_many", 429)
        secret = request.path_params["secret"]
        response = _to("/")
        try:
            found = self._desk.journal.accesses.invited(secret, self._desk.now())
            opened = self._doors.open(secret, response)
        except BotError as error:
            return self._problem(request, None, error.message, 503, error.way_out)
        if not opened or found is None:
            self._doors.note_failure(request)
            return self._at_the_door(request, "door_closed", 404)
        self._audit(request, found.name, say("Opened the invitation"))
        return response

    def _at_the_door(
        self, request: Request, reason: str, status: int, secret: str = "", name: str = ""
    ) -> Response:
        title = captions.CAPTIONS["door_title"]
        return self._pages.page(
            request, None, "door.html", title, status=status, reason=reason, secret=secret, name=name
        )

    def _leave(self, request: Request, visitor: Visitor, form: Form) -> Response:  # noqa: ARG002
        response = _to("/")
        self._doors.leave(visitor, response)
        self._audit(request, visitor.name, say("Signed out"))
        return response

    def _language(self, request: Request, form: Form) -> Response:  # noqa: ARG002
        back, code = _word(form, "back"), _word(form, "code")
        response = _to(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
        if code in CODES:
            response.set_cookie(LANGUAGE, code, max_age=31_536_000, samesite="lax", httponly=True)
        return response

    # --- What is shown -------------------------------------------------------------------------------------

    def _layers(self, request: Request, visitor: Visitor) -> Response:
        title = captions.CAPTIONS["desk"]
        return self._pages.page(request, visitor, "layers.html", title, layers=self._desk.layers())

    def _layer(self, request: Request, visitor: Visitor) -> Response:
        desk, layer = self._desk, self._named(request)
        question = desk.told_question(layer)
        decisions = [without_columns(each, layer.hidden) for each in desk.reader.decisions(layer.name)]
        approvals = desk.reader.approvals(layer.name, desk.now())
        runs = showing.newest(desk, [layer], FEW)
        return self._pages.page(
            request,
            visitor,
            "layer.html",
            layer.state.shown,
            told=_asking(question) if question else None,
            layer=layer,
            question=question,
            acts=acts.offered(desk, layer, question) if question else (),
            approvals=[(captions.approved(each), each.code) for each in approvals],
            decisions=[(decided(each, layer.settings.headers), str(each.number)) for each in decisions],
            lines=showing.run_lines(desk, [layer], runs),
            deeds=desk.journal.deeds.newest(layer.name),
        )

    def _run(self, request: Request, visitor: Visitor) -> Response:
        desk = self._desk
        run, layer = self._run_of(request)
        told = without_columns(run, layer.hidden)
        settler = settlers((run, *desk.reader.runs_after(run))).get(run.number)
        undone_by = desk.reader.undone_by(run)
        story = run_story(told, desk.reader.success_before(run), settler=settler)
        return self._pages.page(
            request,
            visitor,
            "run.html",
            site_captions.number(run.number),
            told=story,
            map_url=run.plan.context.map_url if run.plan else "",
            run=run,
            layer=layer,
            settled=settler is not None,
            notes=[say("Undone by run {number}.", number=undone_by)] if undone_by else [],
            deeds=desk.journal.deeds.of_run(run.number),
            can_undo=bool(run.applied) and not undone_by,
        )

    def _feature(self, request: Request, visitor: Visitor) -> Response:
        layer, key = self._named(request), request.query_params.get("key", "")
        runs = [
            without_columns(run, layer.hidden)
            for run in self._desk.reader.history(key, layer.name, limit=None)
        ]
        if not runs:
            raise NotThereError
        title = captions.CAPTIONS["feature_of"]
        story = history_story(key, runs)
        return self._pages.page(request, visitor, "feature.html", title, told=story, layer=layer)

    def _log(self, request: Request, visitor: Visitor) -> Response:
        desk, asked = self._desk, request.query_params
        layers = [each for each in desk.layers() if asked.get("layer", each.id) == each.id]
        query = asked.get("q", "").strip()[:200]
        runs = showing.newest(desk, layers, AT_ONCE, _number(asked.get("before", "")))
        older = {**asked, "before": str(runs[-1].number)} if len(runs) == AT_ONCE else {}
        return self._pages.page(
            request,
            visitor,
            "log.html",
            captions.CAPTIONS["log"],
            query=query,
            several=len(layers) > 1,
            found=showing.features(desk, layers, query) if query else (),
            lines=showing.run_lines(desk, layers, runs),
            older=f"/log?{urlencode(older)}" if older else "",
        )

    def _job(self, request: Request, visitor: Visitor) -> Response:
        job = self._jobs.get(request.path_params["job"])
        if job is None:
            raise NotThereError
        told = job.wait()
        return self._pages.page(
            request,
            visitor,
            "job.html",
            captions.JOBS[job.kind],
            told=told.story if told else None,
            map_url=told.map_url if told else "",
            job=job,
            is_done=told is not None,
            error=told.error if told else None,
            problems=lines_of(told.error.message) if told and told.error else (),
            lines=told.lines if told else (),
            run=told.run if told else None,
            undoing=told.undoing if told else None,
            publishing=told is not None and told.publishing is not None,
            refresh=0 if told else 2,
        )

    def _settings(self, request: Request, visitor: Visitor) -> Response:
        tables = [(each, [*showing.told_settings(each.settings)]) for each in self._desk.layers()]
        title = captions.CAPTIONS["settings"]
        return self._pages.page(request, visitor, "settings.html", title, tables=tables)

    def _people(self, request: Request, visitor: Visitor, link: str = "") -> Response:
        now = self._desk.now()
        found = showing.people(self._desk.journal.accesses.all(), now)
        title = captions.CAPTIONS["people"]
        return self._pages.page(request, visitor, "people.html", title, people=found, link=link)

    # --- What is done --------------------------------------------------------------------------------------

    def _plan(self, request: Request, visitor: Visitor, form: Form) -> Response:  # noqa: ARG002
        layer = self._named(request)
        return _follow(
            self._jobs.begin("plan", layer.id, visitor.name, partial(acts.plan, self._desk, layer))
        )

    def _sync(self, request: Request, visitor: Visitor, form: Form) -> Response:  # noqa: ARG002
        layer = self._named(request)
        self._audit(request, visitor.name, say("Sync now"), layer)
        work = partial(acts.sync, self._desk, layer, visitor.name)
        return _follow(self._jobs.begin("sync", layer.id, visitor.name, work))

    def _answer(self, request: Request, visitor: Visitor, form: Form) -> Response:
        desk, layer, code = self._desk, self._named(request), _word(form, "code")
        keys = tuple(str(key) for key in form.getlist("key"))
        side = _word(form, "side")
        if side not in {"approve", "keep"}:
            raise NotThereError
        self._audit(request, visitor.name, say("Answer: {side} {code}", side=side, code=code[:40]), layer)
        if side == "keep":
            answer = Answer("keep", keys, _word(form, "field"))
            acts.refuse_stale(desk, layer, code, answer)  # at once, if it is known at once
            return _follow(
                self._jobs.begin(
                    "keep",
                    layer.id,
                    visitor.name,
                    partial(acts.keep_now, desk, layer, visitor.name, code, answer),
                    (code, answer),
                )
            )
        answer = Answer("approve", keys)
        acts.approve_now(desk, layer, visitor.name, code, answer)
        return _follow(
            self._jobs.begin(
                "sync",
                layer.id,
                visitor.name,
                partial(acts.sync, desk, layer, visitor.name, acts.AFTER_APPROVAL),
                (code, answer),
            )
        )

    def _file(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """Try a new version of the file: nothing of it is published."""
        layer, sent = self._named(request), form.get("file")
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise UsageError(say("No file was chosen."))
        files.refuse_kind(layer, sent.filename)
        data, message = sent.file.read(), _word(form, "message")
        self._audit(request, visitor.name, say("Uploaded a file of {size} bytes", size=len(data)), layer)
        work = partial(files.try_file, self._desk, layer, visitor.name, data, message)
        return _follow(self._jobs.begin("file", layer.id, visitor.name, work, token_hex()))

    def _publish(self, request: Request, visitor: Visitor, form: Form) -> Response:
        """Publish the version that a job has tried."""
        layer, job = self._named(request), self._jobs.get(_word(form, "job"))
        version = job.told.publishing if job and job.told and job.layer == layer.id else None
        if version is None:
            raise UsageError(say("This upload is not known any more."), way_out=say("Upload the file again."))
        self._audit(request, visitor.name, say("Published the file"), layer)
        work = partial(files.publish, self._desk, layer, visitor.name, version)
        return _follow(self._jobs.begin("publish", layer.id, visitor.name, work, version.sha))

    def _take_back(self, request: Request, visitor: Visitor, form: Form) -> Response:
        layer, word = self._named(request), _word(form, "word")
        self._audit(request, visitor.name, say("Take back {word}", word=word[:40]), layer)
        acts.take_back_now(self._desk, layer, visitor.name, word)
        return _to(f"/layers/{layer.id}")

    def _look(self, request: Request, visitor: Visitor, form: Form) -> Response:  # noqa: ARG002
        run, layer = self._run_of(request)
        work = partial(acts.look_at_undo, self._desk, layer, run.number)
        return _follow(self._jobs.begin("look", layer.id, visitor.name, work, run.number))

    def _undo(self, request: Request, visitor: Visitor, form: Form) -> Response:
        run, layer = self._run_of(request)
        acts.refuse_undone(self._desk, run.number)
        self._audit(request, visitor.name, say("Undo run {number}", number=run.number), layer)
        code = _word(form, "code")
        work = partial(acts.undo, self._desk, layer, visitor.name, run.number, code)
        return _follow(self._jobs.begin("undo", layer.id, visitor.name, work, run.number))

    def _invite(self, request: Request, visitor: Visitor, form: Form) -> Response:
        name, role = _word(form, "name").strip(), _word(form, "role")
        if not is_name(name) or role not in {"reader", "keeper"}:
            raise UsageError(
                say("A name has at most {count} characters, and no control characters.", count=LONGEST)
            )
        accesses = self._desk.journal.accesses
        secret = accesses.invite(name, cast("Role", role), visitor.name, self._desk.now())
        self._audit(request, visitor.name, say("Invited {name} ({role})", name=name, role=role))
        return self._people(request, visitor, link=link_of(self._desk.place.origin, secret))

    def _end(self, request: Request, visitor: Visitor, form: Form) -> Response:  # noqa: ARG002
        ended = self._desk.journal.accesses.end(request.path_params["access"], self._desk.now())
        if ended is None:
            raise UsageError(say("This access has ended already."))
        self._audit(request, visitor.name, say("Ended the access of {name}", name=ended.name))
        return _to("/people")

    # --- Together ------------------------------------------------------------------------------------------

    def _named(self, request: Request) -> Kept:
        layer = self._desk.layer(request.path_params["layer"])
        if layer is None:
            raise NotThereError
        return layer

    def _run_of(self, request: Request) -> tuple[Run, Kept]:
        run = self._desk.reader.run(request.path_params["run"])
        layer = self._desk.layer_of(run) if run else None
        if run is None or layer is None:
            raise NotThereError
        return run, layer

    def _problem(
        self, request: Request, visitor: Visitor | None, title: Text, status: int, way_out: Text = NOTHING
    ) -> Response:
        layer = request.path_params.get("layer")
        back = f"/layers/{layer}" if layer and status != 404 else "/"  # noqa: PLR2004  not found
        return self._pages.page(
            request, visitor, "problem.html", title, status=status, way_out=way_out, back=back
        )

    def _audit(self, request: Request, by: str, did: Text, layer: Kept | None = None) -> None:
        """Log who did what, and from where."""
        said = say(
            "desk: {name} from {address}: {what}", name=by, address=self._doors.address(request), what=did
        )
        about = {"layer": layer.name} if layer else {}
        log.info("%s", redact(self._desk.tongue.say(said)), extra=about)


def _open_post(path: str, do: Callable[[Request, Form], Response]) -> Route:
    """Return what anybody may send who has a page of ours."""

    async def answered(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=FIELDS) as form:
            return await run_in_threadpool(do, request, form)

    return Route(path, answered, methods=["POST"])


def is_name(name: str) -> bool:
    return bool(name) and len(name) <= LONGEST and name.isprintable()


def link_of(origin: str, secret: str) -> str:
    """Return the link that opens an invitation."""
    return f"{origin}/door/{secret}"


def _asking(question: Question) -> Story:
    return Story(sentence=NOTHING, sections=(*why(question.plan), *asked_for(question.plan)))


def _nowhere(_request: Request, _visitor: Visitor) -> Response:
    raise NotThereError


def _asset(request: Request) -> Response:
    content = pages.asset(request.path_params["name"])
    if content is None:
        return Response(status_code=404)
    ending = str(request.path_params["name"]).rpartition(".")[2]
    kinds = {"css": "text/css", "js": "text/javascript", "txt": "text/plain"}
    return Response(content, media_type=kinds.get(ending), headers={"Cache-Control": YEAR})


def _follow(job: Job) -> Response:
    return _to(f"/jobs/{job.id}")


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303)


def _word(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**31)) else None
