"""`umap-bot init`: asks, tries each answer, writes the settings."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.dataset.git.ignored import ignore
from umap_bot.errors import SettingsError, UsageError
from umap_bot.redaction import add_secret
from umap_bot.settings import SECRETS
from umap_bot.setup.asker import Asker, Nobody
from umap_bot.setup.env import env_text, write_env
from umap_bot.setup.interview import interview
from umap_bot.setup.questions import DELETED, DRIFT, Question
from umap_bot.text import Text, joined, say

YES: Final = frozenset({"y", "yes", "o", "oui"})


class Terminal:
    """A person at a terminal. Questions go to stderr, as everything that is no answer of ours."""

    patient = True

    def say(self, text: str) -> None:
        tell(text)

    def ask(self, question: Question) -> str:
        tell("")
        if question.choices:
            tell(question.spoken)
        typed: str = click.prompt(
            speech.spoken(say("Number") if question.choices else question.text),
            default=question.offered,
            show_default=bool(question.offered),
            hide_input=question.hidden,
            prompt_suffix=speech.tongue().listed(("", ""), ": "),
            err=True,
        )
        return typed


@click.command(name="init")
@click.option("--map-url", "umap_map_url", metavar="URL", help=say("The map's address."))
@click.option("--layer", "umap_layer", metavar="LAYER", help=say("The layer's name or id."))
@click.option(
    "--edit-link-env", metavar="VARIABLE", help=say("The environment variable that holds the edit link.")
)
@click.option(
    "--edit-link-file", type=click.Path(path_type=Path), help=say("The file that holds the edit link.")
)
@click.option(
    "--username", "umap_username", metavar="NAME", help=say("The bot's account, for a map that has an owner.")
)
@click.option(
    "--password-env", metavar="VARIABLE", help=say("The environment variable that holds its password.")
)
@click.option(
    "--session-cookie-env",
    metavar="VARIABLE",
    help=say("The environment variable that holds the cookie of a browser session, instead of an account."),
)
@click.option(
    "--url",
    "dataset_url",
    metavar="URL",
    help=say("The address of a table on the web, if the data is not in git."),
)
@click.option(
    "--token-env",
    metavar="VARIABLE",
    help=say("The environment variable that holds the key or password needed to read it."),
)
@click.option(
    "--repo",
    "dataset_repo",
    metavar="REPO",
    help=say("The git repository: an address, or a folder on this machine."),
)
@click.option("--ref", "dataset_ref", metavar="REF", help=say("A branch or tag. Empty: the default branch."))
@click.option("--path", "dataset_path", metavar="PATH", help=say("The file's path in the repository."))
@click.option("--key", "dataset_key", metavar="COLUMN", help=say("The column with each row's id."))
@click.option(
    "--rename", "dataset_rename", metavar="PAIRS", help=say("Columns to rename on the map: nom=name,…")
)
@click.option(
    "--columns", "dataset_columns", metavar="COLUMNS", help=say("Publish only these columns. *: all.")
)
@click.option("--leave-out", "dataset_leave_out", metavar="COLUMNS", help=say("Columns to keep off the map."))
@click.option(
    "--area", "sync_area", metavar="DEGREES", help=say("The area where points may be: west,south,east,north.")
)
@click.option(
    "--drift",
    "sync_drift",
    type=click.Choice([choice.value for choice in DRIFT.choices]),
    help=say("What to do when a value from the file is edited on the map."),
)
@click.option(
    "--deleted",
    "sync_deleted",
    type=click.Choice([choice.value for choice in DELETED.choices]),
    help=say("What to do when a feature from the file is removed on the map."),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path(".env"),
    help=say("The file to write. Default: .env"),
)
@click.option("--force", is_flag=True, help=say("Overwrite an existing file."))
def command(
    edit_link_env: str | None,
    edit_link_file: Path | None,
    password_env: str | None,
    session_cookie_env: str | None,
    token_env: str | None,
    output: Path,
    force: bool,
    **options: str | None,
) -> int:
    """Create the settings file. Asks for the map, the file and the rules, and tests each answer at once.

    Questions that an option answers are skipped. Secrets are never passed as options: other users could read
    them in the process list. You are asked for them, or they come from an environment variable or a file.
    """
    asker = asker_here()
    replace = may_write(output, asker, force=force)
    given = {
        **{name.upper(): answer for name, answer in options.items()},  # options that are named as settings
        "UMAP_EDIT_LINK": given_link(edit_link_env, edit_link_file),
        "UMAP_PASSWORD": given_secret("--password-env", password_env),
        "UMAP_SESSION_COOKIE": given_secret("--session-cookie-env", session_cookie_env),
        "DATASET_TOKEN": given_secret("--token-env", token_env),
    }
    add_secret(os.environ.get("DATASET_TOKEN", ""))
    answers = interview(asker, given, os.environ)
    out_of_git = kept_out_of_git(output)  # before it holds a secret
    write_env(output, env_text(answers, speech.tongue()), replace=replace)
    speech.tell(written(output, answers, out_of_git))
    return 0


def asker_here() -> Asker:
    """Return the person at the terminal, or nobody."""
    return Terminal() if sys.stdin.isatty() else Nobody(tell)


def tell(text: str) -> None:
    speech.tell(text, err=True)


def may_write(output: Path, asker: Asker, *, force: bool) -> bool:
    """Return whether a file that is there may be replaced; that is asked first, not after all questions.

    Raise UsageError if it may not.
    """
    if not output.exists() or force:
        return force
    text = say("{file} already exists. Overwrite it? (yes or no)", file=str(output))
    if asker.ask(Question("--force", text, usual="no", guess=True)).strip().lower() not in YES:
        raise UsageError(
            say("{file} was not changed.", file=str(output)),
            way_out=say("To write another file: --output FILE"),
        )
    return True


def given_link(variable: str | None, file: Path | None) -> str | None:
    """Return the edit link from where the options say. Raise UsageError, SettingsError; neither holds it."""
    if variable is not None and file is not None:
        raise UsageError(say("Give either --edit-link-env or --edit-link-file, not both."))
    if variable is not None:
        return given_secret("--edit-link-env", variable)
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            say("The file given with --edit-link-file can't be read."),
            way_out=say("Check its path, and that you are allowed to read it."),
        ) from None


def given_secret(option: str, variable: str | None) -> str | None:
    """Return the secret in the variable that an option names. Raise UsageError, which does not hold it."""
    if variable is None:
        return None
    secret = os.environ.get(variable, "").strip()
    if not secret:
        raise UsageError(
            say("The environment variable given with {option} is not set.", option=option),
            way_out=say("Give the name of a variable, not the secret itself."),
        )
    return secret


def kept_out_of_git(output: Path) -> Text | None:
    """Have git ignore the file if it lies in a work tree; return what to say of it."""
    try:
        exclude = ignore(output)
    except OSError as error:
        return say(
            "Git does not ignore it ({file}: {reason}): add it to .gitignore.",
            file=str(error.filename),
            reason=error.strerror or "",
        )
    return say("Git ignores it: it was added to {file}.", file=os.path.relpath(exclude)) if exclude else None


def written(output: Path, answers: Mapping[str, str], out_of_git: Text | None) -> Text:
    named = [] if output == Path(".env") else ["--env-file", str(output)]
    done = [say("Wrote {file}. Only you can read it.", file=str(output))]
    if "UMAP_EDIT_LINK" in answers:
        done.append(say("It contains the secret edit link: never commit it."))
    elif answers.keys() & set(SECRETS):
        done.append(say("It contains a secret: never commit it."))
    if out_of_git:
        done.append(out_of_git)
    check, plan, adopt = (shlex.join(["umap-bot", name, *named]) for name in ("check", "plan", "adopt"))
    lines = (
        joined(done),
        say("Next:  {command}", command=check),
        say("then:  {command}", command=plan),
        say("If the layer already has some of the points, run first:  {command}", command=adopt),
    )
    return joined(lines, "\n")
