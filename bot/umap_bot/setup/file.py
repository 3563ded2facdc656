"""The second half of the questions: which file, what of it is published, its key, its names, its area."""

from __future__ import annotations

from collections.abc import Mapping

from umap_bot.dataset.git.url import parse_url
from umap_bot.dataset.made_keys import counted_keys
from umap_bot.dataset.personal import PersonalColumn, personal_columns
from umap_bot.dataset.sources.source import Fetched
from umap_bot.dataset.table import Table
from umap_bot.errors import SettingsError, SourceError, SourceLocked
from umap_bot.model.hidden import EVERY
from umap_bot.model.layer import Layer
from umap_bot.report.story.words import rows, with_coordinates
from umap_bot.setup import trial
from umap_bot.setup.area import proposed_area
from umap_bot.setup.asker import Asker, settle
from umap_bot.setup.columns import key_candidates, name_candidates
from umap_bot.setup.questions import (
    LEAVE_OUT,
    PATH,
    PUBLISH,
    REF,
    REPO,
    TOKEN,
    Question,
    area_question,
    key_question,
    name_question,
    one_of,
    personal_question,
)
from umap_bot.text import joined, say

Answers = dict[str, str]


class FileQuestions:
    """Asks for the file. `answers` are those so far, the map's among them; each question adds its own.

    Every attempt asks git anew: what a person commits in between counts.
    """

    def __init__(self, asker: Asker, given: Mapping[str, str | None], answers: Answers) -> None:
        self._asker = asker
        self._given = given
        self._answers = answers
        self._came: Fetched | None = None

    def ask(self) -> Answers:
        """Return all answers."""
        self._place()
        table = self._columns(self._shown() if self._came else self._path())
        layer = self._key(table)
        self._name(table, layer)
        self._area(layer)
        return self._answers

    def _place(self) -> None:
        """Ask where the data is: on the web, or in a repository, of which more is asked."""
        address = self._given.get("DATASET_URL")
        if address is not None:
            settle(self._asker, REPO, address, self._fetch)
            return

        def attempt(text: str) -> None:
            if self._given.get("DATASET_REPO") is None and trial.is_table(text):
                self._fetch(text)
                return
            address = parse_url(text, with_token="DATASET_TOKEN" in self._answers).url
            head = trial.newest(self._with(DATASET_REPO=address, DATASET_REF=self._given.get("DATASET_REF")))
            self._answers["DATASET_REPO"] = address
            self._asker.say(say("✓ The newest version is {version}.", version=head.short))

        settle(self._asker, REPO, self._given.get("DATASET_REPO"), attempt)
        if self._came is None:
            self._ref()

    def _fetch(self, address: str) -> None:
        """Fetch the table, with a key if it wants one. Raise SourceError."""
        told = {"DATASET_URL": address, **self._token()}
        try:
            self._came = trial.fetch(self._with(**told))
        except SourceLocked as locked:
            if self._with(**told).get("DATASET_TOKEN") or not self._asker.patient:
                raise
            self._asker.say(joined(("✗", locked.text)))
            told["DATASET_TOKEN"] = settle(self._asker, TOKEN, None, lambda token: self._unlock(token, told))
        if self._came is None:
            raise SourceError(say("It can't be read without a key."), way_out=say("Name other data?"))
        self._answers |= told

    def _token(self) -> Answers:
        token = self._given.get("DATASET_TOKEN")
        return {"DATASET_TOKEN": token} if token else {}

    def _unlock(self, token: str, told: Answers) -> str:
        if token:
            self._came = trial.fetch(self._with(**{**told, "DATASET_TOKEN": token}))
        return token

    def _ref(self) -> None:
        def attempt(ref: str) -> None:
            trial.newest(self._with(DATASET_REF=ref))
            self._answers["DATASET_REF"] = ref

        settle(self._asker, REF, self._given.get("DATASET_REF"), attempt)

    def _path(self) -> Table:
        def attempt(path: str) -> Table:
            if not path:
                raise SettingsError(
                    say("Enter the path of the file in the repository, such as data/places.csv.")
                )
            table = trial.read_table(self._with(DATASET_PATH=path))
            self._answers["DATASET_PATH"] = path
            return table

        return self._told(settle(self._asker, PATH, self._given.get("DATASET_PATH"), attempt))

    def _shown(self) -> Table:
        return self._told(trial.read_table(self._answers, self._came))

    def _told(self, table: Table) -> Table:
        told = say("✓ {rows}, columns {columns:, }", rows=rows(len(table.records)), columns=table.columns)
        self._asker.say(told)
        return table

    def _columns(self, table: Table) -> Table:
        """Ask about columns that look personal, unless the options say it; return the table without those
        that are kept off the map."""
        columns, leave_out = (self._given.get(name) for name in ("DATASET_COLUMNS", "DATASET_LEAVE_OUT"))
        if columns is None and leave_out is None:
            asked = {each.column: self._personal(each) for each in personal_columns(table)}
            leave_out = ",".join(column for column, answer in asked.items() if answer == LEAVE_OUT)
            columns = EVERY if PUBLISH in asked.values() else ""
        chosen = {"DATASET_COLUMNS": columns or "", "DATASET_LEAVE_OUT": leave_out or ""}
        trial.read_table(self._with(**chosen), self._came)  # which tells of a column that is not there
        self._answers |= {name: answer for name, answer in chosen.items() if answer}
        gone = trial.settings_of(self._with(**chosen)).dataset_leave_out
        if gone:
            self._asker.say(say("✓ Kept off the map: {columns:, }", columns=gone))
        return Table(
            tuple(column for column in table.columns if column not in gone),
            table.records,
            table.places,
            table.has_header,
        )

    def _personal(self, found: PersonalColumn) -> str:
        question = personal_question(found.column, found.example)

        def attempt(answer: str) -> str:
            if answer == LEAVE_OUT and "," in found.column:
                raise SettingsError(
                    say("The name {column} contains a comma. Change it in the file.", column=found.column)
                )
            return one_of(question, answer)

        return settle(self._asker, question, None, attempt)

    def _key(self, table: Table) -> Layer:
        """Ask for the key, and read the file with it as a sync does."""

        def attempt(key: str) -> Layer:
            if not key:
                raise SettingsError(say("Choose a column. Without ids, rows can't be told apart."))
            if self._came:  # ids may have been written there meanwhile
                self._came = trial.fetch(self._answers)
            layer = trial.read_layer(self._with(DATASET_KEY=key), self._came)
            self._answers["DATASET_KEY"] = key
            return layer

        question = key_question(key_candidates(table), self._answers.get("DATASET_PATH", ""))
        layer = settle(self._asker, question, self._given.get("DATASET_KEY"), attempt)
        places = (
            with_coordinates(layer)
            if layer.places
            else say("no coordinates: it can change points but not add any")
        )
        self._asker.say(joined((joined(("✓", rows(len(layer.rows)))), places), ", "))
        for warning in (*layer.warnings, *counted_keys(layer)):
            self._asker.say(joined(("  ·", warning)))
        return layer

    def _name(self, table: Table, layer: Layer) -> None:
        """Ask which column is the name, unless there is one, or the options say it."""
        given = self._given.get("DATASET_RENAME")
        if given is None and "name" in layer.columns:
            return
        question = name_question(*name_candidates(table, self._answers["DATASET_KEY"]))
        settle(self._asker, question, given, lambda answer: self._rename(answer, question, given))

    def _rename(self, answer: str, question: Question, given: str | None) -> None:
        rename = answer if given is not None or not answer else _as_name(answer, question)
        trial.read_layer(self._with(DATASET_RENAME=rename), self._came)
        self._answers["DATASET_RENAME"] = rename

    def _area(self, layer: Layer) -> None:
        """Ask where points may lie. If nobody can be asked, none is set: nobody has looked at it."""
        given, proposed = self._given.get("SYNC_AREA"), proposed_area(layer)
        if given is None and not (proposed and self._asker.patient):
            return

        def attempt(area: str) -> None:
            trial.settings_of(self._with(SYNC_AREA=area))
            self._answers["SYNC_AREA"] = area

        settle(self._asker, area_question(proposed), given, attempt)

    def _with(self, **more: str | None) -> Answers:
        return {**self._answers, **{name: value or "" for name, value in more.items()}}


def _as_name(column: str, question: Question) -> str:
    """Return DATASET_RENAME for one column. Raise SettingsError if it can't name that."""
    columns = [choice.value for choice in question.choices if choice.value]
    if column not in columns:
        raise SettingsError(
            say("There is no column {column}.", column=column),
            way_out=say("Choose one of: {columns:, }.", columns=tuple(columns)),
        )
    if set(column) & {",", "="}:
        raise SettingsError(
            say("The name {column} contains a comma or an equals sign. Change it in the file.", column=column)
        )
    return f"{column}=name"
