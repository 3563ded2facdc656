"""The settings: one line for what is wrong, nothing of a secret, the environment over the file."""

from __future__ import annotations

import pytest

from tests.commands.desk import LAYER, Desk, Said, files

SECRET = "geheim-1234567"


def one_line(said: Said, code: int = 10) -> str:
    assert said.code == code
    told, last = said.err.splitlines()
    assert last == f"exit code {code}: a problem with the {'settings' if code == 10 else 'state database'}"
    assert (said.out, said.requests) == ("", ())
    return told


UNKNOWN = {
    "UMAP_EDIT_LNK": "UMAP_EDIT_LINK",
    "UMAP_URL": "UMAP_MAP_URL",
    "DATASET_REPOSITORY": "DATASET_REPO",
    "SYNC_DELETE": "SYNC_DELETED",
    "GUARD_DELETE": "GUARD_DELETES",
    "STATE_URI": "STATE_URL",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_name_offers_the_nearest(desk: Desk, name: str) -> None:
    desk.settings(**{name: SECRET})
    told = one_line(desk.type("sync"))
    line, meant = len(desk.env.read_text("utf-8").splitlines()), UNKNOWN[name]
    assert told == (
        f"umap-bot: {name} in line {line} of .env is not a setting of umap-bot. Did you mean {meant}?"
    )


def test_an_unknown_name_like_no_other_points_to_the_list(desk: Desk) -> None:
    desk.settings(UMAP_COFFEE_STRENGTH="7")
    told = one_line(desk.type("sync"))
    assert "UMAP_COFFEE_STRENGTH in line " in told
    assert " of .env is not a setting of umap-bot. For all settings, see config.example.env." in told


def test_an_unknown_name_in_the_environment_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATASET_PTH", "x")
    assert (
        "DATASET_PTH in the environment is not a setting of umap-bot. Did you mean DATASET_PATH?"
        in one_line(desk.type("sync"))
    )


def test_a_layer_that_is_named_later_or_by_its_id_keeps_its_state_and_log(desk: Desk) -> None:
    """The map gets a second layer, so the setting has to name the first."""
    desk.settings(UMAP_LAYER=None)
    desk.done("sync")
    desk.made.add_layer("Autre", {"type": "FeatureCollection", "features": []})
    for name in (LAYER, desk.layer_id):
        desk.settings(UMAP_LAYER=name)
        assert "10 added" in desk.type("show", "latest").out
        assert "Nothing to do" in desk.done("sync").out
    desk.settings(UMAP_LAYER="Autre")
    assert "The log has no runs yet." in desk.type("show", "latest").err


@pytest.mark.parametrize(
    "name",
    ["UMAP_MAP_URL", "DATASET_REPO", "DATASET_PATH", "DATASET_SSH_KEY", "STATE_URL", "REPORT_SITE_DIR"],
)
@pytest.mark.parametrize("value", ["/" + "x" * 5_000, "/".join(["x" * 200] * 30), "/" + "x" * 256])
def test_a_path_that_no_system_takes_is_named(desk: Desk, name: str, value: str) -> None:
    begin = {"UMAP_MAP_URL": "https://u.example/map/" + "x" * 4_000, "STATE_URL": "sqlite:///"}
    desk.settings(**{name: begin.get(name, "") + value})
    told = one_line(desk.type("status"))
    assert told.startswith(
        (f"umap-bot: {name}: too long for a path", f"umap-bot: {name}: write 2000 characters")
    )


def test_a_typed_path_that_no_system_takes_is_told(desk: Desk) -> None:
    long = "x" * 5_000
    assert "does not exist" in one_line(desk.type("plan", "--env-file", long))
    desk.done("sync")
    assert "can't be written: File name too long." in desk.type("export", "--output", f"{long}.csv").err


def test_names_of_others_are_left_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UMAP_ALLOW_ANONYMOUS", "yes")  # uMap's own server reads such
    desk.settings(PATH_OF_MINE="x", FOO="y")
    desk.done("check")


@pytest.mark.parametrize(
    "name",
    ["UMAP_MAP_URL", "UMAP_LAYER", "DATASET_REPO", "DATASET_REF", "DATASET_PATH", "REPORT_SITE_DIR"],
)
def test_an_address_that_nobody_could_read_is_not_repeated(desk: Desk, name: str) -> None:
    desk.settings(**{name: f"https://example.org/{SECRET * 400}"})
    told = one_line(desk.type("sync"))
    assert f"{name}: write 2000 characters at most." in told
    assert SECRET not in told


@pytest.mark.parametrize("name", ["UMAP_MAP_URL", "DATASET_REPO", "DATASET_PATH"])
def test_what_is_missing_is_named(desk: Desk, name: str) -> None:
    for value in (None, ""):
        desk.settings(**{name: value})
        assert f"{name} is missing." in one_line(desk.type("sync"))


def test_all_that_is_missing_is_named_at_once(desk: Desk) -> None:
    desk.env.write_text("", "utf-8")
    told = one_line(desk.type("sync"))
    assert "UMAP_MAP_URL is missing; DATASET_REPO is missing; DATASET_PATH is missing." in told
    assert ".env" in told


def test_settings_that_are_not_there_are_told(desk: Desk) -> None:
    told = one_line(desk.type("sync", "--env-file", "missing.env"))
    assert "The file missing.env does not exist." in told


WRONG = {
    "SYNC_DRIFT": ("overwite", "'overwrite', 'keep', 'hold' or 'propose'"),
    "SYNC_DELETED": ("yes", "'hold', 'recreate' or 'keep'"),
    "SYNC_FOREIGN": ("remvoe", "'keep', 'remove' or 'hold'"),
    "SYNC_AREA": ("1,2,3", "west,south,east,north"),
    "GUARD_DELETES": (
        "ten",
        "write a percentage, such as 10 or 10 %, or a number of features, such as 20 features",
    ),
    "GUARD_UPDATES": ("nan", "write a percentage, such as 10 or 10 %"),
    "GUARD_CREATES": ("-1", "write a percentage, such as 10 or 10 %"),
    "DATASET_MAY_BE_EMPTY": ("perhaps", "yes or no"),
    "DATASET_BAD_ROWS": ("ignore", "'refuse' or 'wait'"),
    "DATASET_RENAME": ("nom", "column=name"),
    "DATASET_FILTER": ("=x", "column=name"),
    "UMAP_MAP_URL": ("umap.openstreetmap.fr/fr/map/x_1", "not a web address"),
    "UMAP_EDIT_LINK": ("https://umap.openstreetmap.fr/fr/map/x_1", "not a secret edit link"),
    "DATASET_REPO": ("--upload-pack=x", "not the address of a git repository"),
    "DATASET_REF": ("-x", "DATASET_REF"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_says_what_is_right(desk: Desk, name: str) -> None:
    value, told = WRONG[name]
    desk.settings(**{name: value})
    line = one_line(desk.type("sync"))
    assert name in line
    assert told in line


@pytest.mark.parametrize("value", ["%", "postgres//u:geheim-1234567@h/d", "mysql://u:geheim-1234567@h/d"])
def test_a_wrong_address_of_the_state(desk: Desk, value: str) -> None:
    desk.settings(STATE_URL=value)
    line = one_line(desk.type("sync"), 15)
    assert "STATE_URL" in line
    assert SECRET not in line


def test_the_place_of_the_state_is_told_when_it_fails(desk: Desk) -> None:
    """It is a secret only if it has a password."""
    desk.state.mkdir()
    said = desk.type("sync")
    assert said.code == 15
    assert f"The state database (sqlite:///{desk.state}) " in said.err


HELD = {"DATASET_TOKEN": SECRET, "STATE_URL": f"postgresql://me:{SECRET}@127.0.0.1:9/umap"}
PLACES = ["UMAP_LAYER", "DATASET_PATH", "DATASET_KEY", *WRONG]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", HELD)
def test_a_secret_in_the_wrong_place_is_not_shown(
    desk: Desk, place: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pastes a token twice must not find it in the log of their CI."""
    monkeypatch.setenv(name, HELD[name])
    desk.settings(**{place: HELD[name]})
    said = desk.type("sync")
    assert said.code in (0, 10, 11, 12, 13, 15)
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize("place", [place for place in PLACES if place != "UMAP_EDIT_LINK"])
def test_an_edit_link_in_the_wrong_place_is_not_shown(desk: Desk, place: str) -> None:
    """The desk looks for it at the end, in every word and file."""
    desk.settings(UMAP_EDIT_LINK=None, **{place: desk.made.edit_link})
    for command in ("check", "plan", "sync", "log"):
        assert desk.type(command).code == 10


@pytest.mark.parametrize(
    "settings",
    [
        {"DATASET_TOKEN": SECRET + "\x07"},
        {"DATASET_TOKEN": SECRET, "DATASET_REPO": "http://example.org/data.git"},
        {"DATASET_REPO": f"https://me:{SECRET}@example.org/data.git"},
        {"DATASET_SSH_KEY": f"-----BEGIN OPENSSH PRIVATE KEY----- {SECRET}"},
        {"DATASET_SSH_KEY": SECRET},
        {"UMAP_EDIT_LINK": f"https://umap.openstreetmap.fr/fr/map/anonymous-edit/1:{SECRET}"},
        {"UMAP_EDIT_LINK": SECRET},
        {"UMAP_MAP_URL": f"https://umap.openstreetmap.fr/fr/map/anonymous-edit/1:{SECRET}"},
    ],
)
def test_a_secret_with_a_wrong_value_is_not_shown(desk: Desk, settings: dict[str, str]) -> None:
    desk.settings(**settings)
    assert SECRET not in one_line(desk.type("sync"))


def test_a_password_of_the_state_is_nowhere(desk: Desk) -> None:
    desk.settings(STATE_URL=f"postgresql://me:{SECRET}@127.0.0.1:9/umap")
    said = desk.type("sync")
    assert said.code == 15
    assert SECRET not in said.err
    assert SECRET not in desk.type("check").out
    assert not [
        file for file in files(desk.folder) if file.name != ".env" and SECRET in file.read_text("latin-1")
    ]


def test_dollars_quotes_and_a_mark_in_front_of_the_file(desk: Desk) -> None:
    """Windows editors write a byte order mark; a `$` in a password is a `$`."""
    desk.commit("i$d,nom,lat,lon\n1,L'Isle,45.7,4.8\n", file="a $HOME #1.csv")
    lines = desk.env.read_text("utf-8").replace("DATASET_PATH=cites.csv\n", "")
    extra = "export DATASET_PATH='a $HOME #1.csv'\nDATASET_KEY=\"i$d\" # the key\n\n# a comment\n"
    desk.env.write_bytes(b"\xef\xbb\xbf" + (lines + extra).replace("\n", "\r\n").encode())
    assert "a $HOME #1.csv is valid: 1 row" in desk.done("validate").out
    desk.done("sync")
    assert desk.features[0]["properties"] == {"i$d": "1", "name": "L'Isle"}


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_settings_in_another_encoding_are_told(desk: Desk, encoding: str) -> None:
    desk.env.write_bytes(desk.env.read_text("utf-8").encode(encoding))
    assert ".env can't be read: it is not UTF-8 text" in one_line(desk.type("sync"))


def test_the_environment_beats_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATASET_PATH", "other.csv")
    assert "other.csv" in desk.type("sync").err
    monkeypatch.setenv("UMAP_EDIT_LINK", "")
    monkeypatch.setenv("DATASET_PATH", "cites.csv")
    assert "can be read but not edited" in desk.type("sync").err


def test_the_environment_alone_will_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in desk.env.read_text("utf-8").splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    desk.env.unlink()
    assert desk.done("check").out.startswith("✓ settings     from the environment\n")
    desk.done("sync")
    assert len(desk.features) == 10


def test_policies_and_limits_of_the_settings_are_those_of_a_plan(synced: Desk) -> None:
    synced.edit("c2", name="Autre")
    synced.settings(SYNC_DRIFT="keep")
    assert synced.type("plan").code == 0
    synced.settings(SYNC_DRIFT="hold")
    assert synced.type("plan").code == 3
    synced.settings(SYNC_DRIFT="overwrite")
    assert synced.type("plan").code == 2
    synced.settings(SYNC_AREA="5.1,44.1,7.2,46.8")
    synced.erase("c3")
    assert "(SYNC_AREA)" in synced.type("plan").out


def test_a_folder_without_settings_is_told_how_to_get_some(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_LANGUAGE", "en")
    desk.env.rename(desk.folder / "elsewhere.env")
    for words in (["check"], ["plan"], ["log"], ["history", "c1"]):
        said = desk.type(*words)
        assert said.code == 10
        assert "This folder has no settings" in said.err
        assert "To set up umap-bot here: umap-bot init." in said.err
    (desk.folder / "elsewhere.env").rename(desk.env)
