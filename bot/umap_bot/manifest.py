"""Many layers: the manifest `umap-bot.toml`, and the one layer of a `.env`, as settings of each layer.

dataset_repo = "https://github.com/labo/cartes"       # for every layer: settings' names in lower case
[map.cites] umap_map_url = "https://umap.openstreetmap.fr/fr/map/cites_484645" umap_edit_link =
"env:CITES_EDIT_LINK"                # secrets stay in .env or the environment [[layer]] map = "cites"
umap_layer = "Cités éducatives" dataset_path = "cites.csv" dataset_filter = { annee = "2022" }
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from unicodedata import category

from umap_bot.dataset.git.command import is_committed
from umap_bot.errors import SettingsError
from umap_bot.settings import (
    KNOWN,
    NOT_NEEDED,
    SECRETS,
    Lent,
    Settings,
    given,
    hide_secrets,
    load,
    merged,
    nearest,
    validated,
    with_assumed,
    written,
)
from umap_bot.text import Text, say

NAME: Final = "umap-bot.toml"
NO_FILE: Final = {"DATASET_REPO": ".", "DATASET_PATH": NOT_NEEDED}
"""What stands for the file of a map that is only watched."""
_ENV: Final = "env:"
_OF_ALL: Final = ("STATE_", "REPORT_", "NOTIFY_", "DESK_", "LOG_", "SECRETS_")
"""Settings of the whole program: in one place, so that no two layers differ in them."""

Table: TypeAlias = dict[str, Any]


def load_all(
    env_file: Path | None = None,
    manifest: Path | None = None,
    environ: Mapping[str, str] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> tuple[Settings, ...]:
    """Return the settings of each layer: of the manifest if one is named or lies here, else of `.env` alone.

    What is said nearer to a layer wins: its table, its map's, the manifest's top, the environment, `.env`.
    `assumed` are values for what may be missing. Raise SettingsError that names file and table; it holds no
    value that may be a secret.
    """
    environ = os.environ if environ is None else environ
    _refuse_committed(env_file or Path(".env"))
    if not _is_there(manifest):
        return (load(Settings, env_file, environ, assumed),)
    return tuple(_manifest(env_file, manifest, environ, assumed or {}).layers())


def load_watched(
    env_file: Path | None = None, manifest: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Settings, ...]:
    """Return the settings of each map that the manifest has watched; none without a manifest.

    No file is among them. Raise SettingsError as load_all.
    """
    environ = os.environ if environ is None else environ
    _refuse_committed(env_file or Path(".env"))
    if not _is_there(manifest):
        return ()
    return tuple(_manifest(env_file, manifest, environ, {}).watched())


def has_layers(manifest: Path | None) -> bool:
    """Tell whether there are layers to keep in the settings: a manifest may be about watched maps alone."""
    return not _is_there(manifest) or bool(_read(manifest or Path(NAME)).get("layer"))


def _is_there(manifest: Path | None) -> bool:
    return manifest is not None or Path(NAME).is_file()


def _manifest(
    env_file: Path | None, manifest: Path | None, environ: Mapping[str, str], assumed: Mapping[str, str]
) -> _Manifest:
    env = env_file or Path(".env")
    common: Table = {**given(env, environ, must_exist=env_file is not None)}
    file = manifest or Path(NAME)
    return _Manifest(file, _read(file), common, _named(env, environ), assumed)


def _refuse_committed(env: Path) -> None:
    """Raise SettingsError for a `.env` that others may write: it says where secrets of the environment go."""
    if is_committed(env):
        raise SettingsError(
            say(
                "{file} is committed to git, so anyone who can write to the repository can change it.",
                file=str(env),
            ),
            way_out=say(
                "Remove it from git (git rm --cached {file}), and replace the secrets that it contained.",
                file=str(env),
            ),
        )


def variables_of(manifest: Path | None, setting: str) -> tuple[str, ...]:
    """Return the variables that the manifest names for a secret setting, by env:NAME; none if there is none.

    Raise SettingsError if it can't be read.
    """
    if manifest is None and not Path(NAME).is_file():
        return ()
    return tuple(dict.fromkeys(_variables(_read(manifest or Path(NAME)), setting.lower())))


def _variables(content: object, setting: str) -> Iterator[str]:
    if isinstance(content, list):
        for each in content:
            yield from _variables(each, setting)
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        if name == setting and isinstance(value, str) and value.startswith(_ENV):
            yield value.removeprefix(_ENV)
        else:
            yield from _variables(value, setting)


def _named(file: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return everything that a manifest may name by env:NAME: the environment, and all of `.env`."""
    return {**written(file), **environ}


def _read(file: Path) -> Table:
    content = _parsed(file)
    if any(
        category(letter) == "Cc" and letter not in "\t\r\n" for text in _texts(content) for letter in text
    ):
        raise SettingsError(
            say("{file} has a control character, which no setting needs.", file=str(file)),
            way_out=say("Look for backslashes: within double quotes, TOML wants a backslash written twice."),
        )
    return content


def _texts(content: object) -> Iterator[str]:
    """Return all names and texts of a manifest."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, (dict, list)):
        for each in (*content, *content.values()) if isinstance(content, dict) else content:
            yield from _texts(each)


def _parsed(file: Path) -> Table:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            say(
                "{file} can't be read: {reason}.",
                file=str(file),
                reason=error.strerror or type(error).__name__,
            ),
            way_out=say("Check its path, and that you are allowed to read it."),
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            say("{file} is not UTF-8 text.", file=str(file)),
            way_out=say("Save it in a text editor with the encoding UTF-8."),
        ) from error
    except tomllib.TOMLDecodeError as error:
        # Its text gives line and column, and at most the one character that is wrong.
        raise SettingsError(
            say("{file} is not valid TOML: {problem}.", file=str(file), problem=str(error)),
            way_out=say("Correct that line. For an example, see docs/manifest.md."),
        ) from error
    except (ValueError, RecursionError) as error:  # tomllib lets those of int() and of its own calls through
        raise SettingsError(
            say(
                "{file} can't be read: it has brackets within brackets without end, or a number of thousands "
                "of digits.",
                file=str(file),
            ),
            way_out=say("Remove them. docs/manifest.md shows what a manifest holds."),
        ) from error


class _Manifest:
    """One manifest, being read."""

    def __init__(
        self,
        file: Path,
        content: Table,
        common: Table,
        named: Mapping[str, str],
        assumed: Mapping[str, str],
    ) -> None:
        self._file = file
        self._assumed = assumed
        self._named = named
        self._maps: dict[str, Table] = self._tables("map", content.pop("map", {}))
        self._layers = content.pop("layer", [])
        self._watched = content.pop("watch", [])
        self._tree = _work_tree(file)
        self._lent = Lent(common, named, str(file)) if self._tree else None
        top = self._settings(content, say("at the top"))
        self._common = merged(common, top)

    def layers(self) -> Iterator[Settings]:
        if not isinstance(self._layers, list) or not self._layers:
            if self._watched:
                raise self._wrong(say("it has no layer to sync"), say("Its maps are watched: umap-bot watch"))
            raise self._wrong(say("it has no layers"), say("Write a [[layer]] table for each layer."))
        seen: dict[tuple[str, str], int] = {}
        for number, layer in enumerate(self._layers, 1):
            settings = self._layer(say("layer {number}", number=number), layer)
            target = (settings.umap_map_url, settings.umap_layer)
            if target in seen:
                problem = say(
                    "layers {first} and {second} are the same layer", first=seen[target], second=number
                )
                raise self._wrong(problem, say("Each layer can have only one file."))
            seen[target] = number
            yield settings

    def watched(self) -> Iterator[Settings]:
        if not isinstance(self._watched, list):
            raise self._wrong(say("{name} is no list of tables", name="watch"), say("Write [[watch]]."))
        seen: dict[str, int] = {}
        for number, table in enumerate(self._watched, 1):
            settings = self._layer(say("watch {number}", number=number), table, NO_FILE)
            first = seen.setdefault(settings.umap_map_url, number)
            if first != number:
                problem = say("watch {first} and {second} are the same map", first=first, second=number)
                raise self._wrong(problem, say("Watch a map once."))
            yield settings

    def _layer(self, where: Text, table: object, assumed: Mapping[str, str] = {}) -> Settings:
        if not isinstance(table, dict):
            raise self._wrong(say("{where} is not a table", where=where))
        of_map = self._map(table.pop("map", None), where)
        own = self._settings(table, where)
        misplaced = next((name for name in {**of_map, **own} if name.startswith(_OF_ALL)), None)
        if misplaced:
            raise self._wrong(
                say("{name} in {where} is a setting for all layers", name=misplaced.lower(), where=where),
                say("Move it to the top of the manifest, or into .env."),
            )
        settings = say("{where} in {file}", where=where, file=str(self._file))
        values = merged(merged(self._common, of_map), own)
        if not values.get("DATASET_URL"):  # what is fetched is committed elsewhere, unless it is said
            values = {**self._repository(), **values}
        values = with_assumed(values, {**self._assumed, **assumed})
        if self._lent:
            self._lent.refuse_elsewhere(values)
        made = validated(Settings, values, say("Settings: {where}.", where=settings))
        return made if len(self._layers) + len(self._watched) == 1 else made.one_of_several()

    def _map(self, name: object, where: Text) -> Table:
        if name is None and len(self._maps) == 1:
            name = next(iter(self._maps))
        if name is None and not self._maps:
            return {}
        if not isinstance(name, str) or name not in self._maps:
            raise self._wrong(
                say("{where} names a map that is not in the manifest", where=where),
                say("Its maps are: {names:, }.", names=tuple(self._maps)),
            )
        return self._settings(self._maps[name], say("map {name}", name=name))

    def _tables(self, name: str, found: object) -> dict[str, Table]:
        if not isinstance(found, dict) or not all(isinstance(table, dict) for table in found.values()):
            raise self._wrong(say("{name} is not a table of tables", name=name), say("Write [map.NAME]."))
        return found

    def _settings(self, table: Table, where: Text) -> Table:
        """Return a table's settings under their names, its secrets fetched from where it says."""
        found: Table = {name.upper(): value for name, value in table.items()}
        for name in found:
            if name not in KNOWN or name.lower() not in table:
                near = nearest(name)
                hint = (
                    say("Did you mean {name}?", name=near.lower())
                    if near
                    else say("For all settings, see config.example.env.")
                )
                raise self._wrong(
                    say("{where}: {name} is not a setting", name=name.lower(), where=where), hint
                )
        if self._lent:
            self._lent.refuse_owners([*found])
        secrets = {name: self._secret(name, value) for name, value in found.items() if name in SECRETS}
        hide_secrets(secrets)
        return {**{name: _as_in_env(value) for name, value in found.items()}, **secrets}

    def _secret(self, name: str, value: object) -> str:
        variable = value.removeprefix(_ENV) if isinstance(value, str) and value.startswith(_ENV) else ""
        if not variable:
            raise self._wrong(
                say("{name} is a secret, so its value can't be in the file", name=name.lower()),
                say('Write {name} = "env:{variable}", and put the value in .env or the environment.',
                    name=name.lower(), variable=name),
            )  # fmt: skip
        if not self._named.get(variable):
            raise SettingsError(
                say(
                    "{variable} is not set, but {file} uses it for {name}.",
                    variable=variable,
                    file=str(self._file),
                    name=name.lower(),
                ),
                way_out=say("Set it in .env or the environment."),
            )
        if self._lent:
            self._lent.refuse_unlisted(variable, name)
        return self._named[variable]

    def _repository(self) -> Table:
        """A manifest that lies in a git work tree speaks of that repository, if it names none."""
        return {"DATASET_REPO": str(self._tree)} if self._tree else {}

    def _wrong(self, problem: Text, way_out: Text | None = None) -> SettingsError:
        return SettingsError(
            say("{file}: {problem}.", file=str(self._file), problem=problem),
            way_out=way_out or say("docs/manifest.md shows one."),
        )


def _work_tree(file: Path) -> Path | None:
    """Return the git work tree that a file lies in: who may write to its repository may write the file."""
    folders = [file.resolve().parent, *file.resolve().parent.parents]
    return next((folder for folder in folders if (folder / ".git").exists()), None)


def _as_in_env(value: object) -> object:
    """Return a TOML value as the settings know it: 10 is the text 10, as in `.env`, and so a percentage."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return {str(name): _as_in_env(member) for name, member in value.items()}
    if isinstance(value, list):
        return [*value] if all(isinstance(each, str) for each in value) else ",".join(map(str, value))
    return str(value)
