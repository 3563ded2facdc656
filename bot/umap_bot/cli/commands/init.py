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
@click.option("--edit-link-env", metavar="VARIABLE", help=say("The environment variable with the edit link."))
@click.option("--edit-link-file", type=click.Path(path_type=Path), help=say("The file with the edit link."))
@click.option(
    "--username", "umap_username", metavar="NAME", help=say("The bot's account, for a map that has an owner.")
)
@click.option("--password-env", metavar="VARIABLE", help=say("The environment variable with its password."))
@click.option(
    "--session-cookie-env",
    metavar="VARIABLE",
    help=say("The environment variable with the cookie of a browser's session, instead of an account."),
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
    help=say("The environment variable with the key or password that lets the bot read it."),
)
@click.option(
    "--repo", "dataset_repo", metavar="REPO", help=say("The git repository: an address, or a folder here.")
)
@click.option(
    "--ref", "dataset_ref", metavar="REF", help=say("A branch or tag. Empty: the repository's default.")
)
@click.option("--path", "dataset_path", metavar="PATH", help=say("The file's path in the repository."))
@click.option("--key", "dataset_key", metavar="COLUMN", help=say("The column with each row's id."))
@click.option(
    "--rename", "dataset_rename", metavar="PAIRS", help=say("Columns that get another name: nom=name,…")
)
@click.option(
    "--columns", "dataset_columns", metavar="COLUMNS", help=say("Only these columns are published; *: all.")
)
@click.option("--leave-out", "dataset_leave_out", metavar="COLUMNS", help=say("Columns kept off the map."))
@click.option(
    "--area", "sync_area", metavar="DEGREES", help=say("Where points may lie: west,south,east,north.")
)
@click.option(
    "--drift",
    "sync_drift",
    type=click.Choice([choice.value for choice in DRIFT.choices]),
    help=say("Somebody changes on the map what stands in the file."),
)
@click.option(
    "--deleted",
    "sync_deleted",
    type=click.Choice([choice.value for choice in DELETED.choices]),
    help=say("Somebody deletes on the map what stands in the file."),
)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path(".env"), help=say("The file to write: .env")
)
@click.option("--force", is_flag=True, help=say("Write over a file that is there."))
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
    """Set it up: asks for map, file and rules, tries each answer at once, and writes the settings.

    What an option answers is not asked. Secrets are no options: others would see them among the running
    programs. They are asked for, or come from a variable or a file.
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
    text = say("{file} is there already. Write it anew? (yes or no)", file=str(output))
    if asker.ask(Question("--force", text, usual="no", guess=True)).strip().lower() not in YES:
        raise UsageError(
            say("{file} stays as it is.", file=str(output)), way_out=say("--output names another file.")
        )
    return True


def given_link(variable: str | None, file: Path | None) -> str | None:
    """Return the edit link from where the options say. Raise UsageError, SettingsError; neither holds it."""
    if variable is not None and file is not None:
        raise UsageError(say("--edit-link-env and --edit-link-file: give one of them."))
    if variable is not None:
        return given_secret("--edit-link-env", variable)
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(say("The file that --edit-link-file names can't be read.")) from None


def given_secret(option: str, variable: str | None) -> str | None:
    """Return the secret in the variable that an option names. Raise UsageError, which does not hold it."""
    if variable is None:
        return None
    secret = os.environ.get(variable, "").strip()
    if not secret:
        raise UsageError(
            say("The variable that {option} names is not set.", option=option),
            way_out=say("It takes the name of a variable, not the secret itself."),
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
    done = [say("Written: {file}, which only you can read.", file=str(output))]
    if "UMAP_EDIT_LINK" in answers:
        done.append(say("It holds the secret edit link: never commit it."))
    elif answers.keys() & set(SECRETS):
        done.append(say("It holds a secret: never commit it."))
    if out_of_git:
        done.append(out_of_git)
    check, plan, adopt = (shlex.join(["umap-bot", name, *named]) for name in ("check", "plan", "adopt"))
    lines = (
        joined(done),
        say("Next:  {command}", command=check),
        say("then:  {command}", command=plan),
        say("Does the layer hold some of the points already? First: {command}", command=adopt),
    )
    return joined(lines, "\n")
