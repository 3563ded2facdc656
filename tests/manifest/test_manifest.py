"""The manifest: each layer gets the settings that are nearest to it; secrets stay out of the file."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from umap_bot.errors import SettingsError
from umap_bot.manifest import load_all
from umap_bot.model.policy import Limit
from umap_bot.settings import Settings

URL = "https://umap.example.org/fr/map/cites_12"
LINK = "https://umap.example.org/fr/map/anonymous-edit/12:s3cr3t-signature"
TWO = f"""
dataset_repo = "https://git.example.org/cartes.git"
sync_drift = "keep"
guard_deletes = 5

[map.cites]
umap_map_url = "{URL}"
umap_edit_link = "env:CITES_LINK"

[[layer]]
map = "cites"
umap_layer = "A"
dataset_path = "a.csv"

[[layer]]
umap_layer = "B"
dataset_path = "b.csv"
sync_drift = "hold"
dataset_filter = {{ annee = 2022, ville = "Bron" }}
dataset_may_be_empty = true
dataset_columns = ["*"]
dataset_leave_out = ["Nom, prénom", "Téléphone"]
dataset_seed = ["notes", "geometry"]
sync_area = [2.0, 44.1, 7.2, 46.8]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str, **environ: str) -> tuple[Settings, ...]:
    Path("umap-bot.toml").write_text(text, encoding="utf-8")
    return load_all(environ={"CITES_LINK": LINK, **environ})


def test_each_layer_has_what_stands_nearest_to_it() -> None:
    one, two = load(TWO, SYNC_DRIFT="overwrite", SYNC_FOREIGN="hold")
    assert (one.umap_layer, one.dataset_path, one.sync_drift, one.sync_foreign) == (
        "A",
        "a.csv",
        "keep",
        "hold",
    )
    assert (two.umap_layer, two.dataset_path, two.sync_drift) == ("B", "b.csv", "hold")
    assert one.umap_map_url == two.umap_map_url == URL
    assert one.umap_edit_link is not None
    assert one.umap_edit_link.get_secret_value() == LINK


def test_values_of_toml_mean_what_they_mean_in_env() -> None:
    two = load(TWO)[1]
    assert two.guard_deletes == Limit(Decimal(5))
    assert two.dataset_filter == {"annee": "2022", "ville": "Bron"}
    assert two.dataset_may_be_empty is True
    assert two.dataset_seed == ("notes", "geometry")
    assert (two.dataset_columns, two.dataset_leave_out) == (("*",), ("Nom, prénom", "Téléphone"))
    assert two.sync_area is not None
    assert (two.sync_area.west, two.sync_area.north) == (2.0, 46.8)


def test_without_a_manifest_the_env_is_one_layer(folder: Path) -> None:
    (folder / ".env").write_text(
        f"UMAP_MAP_URL={URL}\nDATASET_REPO=x\nDATASET_PATH=a.csv\n", encoding="utf-8"
    )
    (only,) = load_all(environ={})
    assert only.umap_map_url == URL


def test_a_secret_may_stand_in_env_under_any_name(folder: Path) -> None:
    (folder / ".env").write_text(f"CITES_LINK={LINK}\n", encoding="utf-8")
    (folder / "m.toml").write_text(TWO, encoding="utf-8")
    assert len(load_all(manifest=folder / "m.toml", environ={})) == 2


def test_a_manifest_in_a_repository_speaks_of_that_one(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    one, _ = load(
        TWO.replace('dataset_repo = "https://git.example.org/cartes.git"', ""),
        SECRETS_FOR_MANIFEST="CITES_LINK",
    )
    assert Path(one.dataset_repo) == folder.resolve()


def test_a_single_layer_may_have_its_map_at_the_top() -> None:
    text = f'umap_map_url = "{URL}"\ndataset_repo = "x"\n[[layer]]\ndataset_path = "a.csv"\n'
    (only,) = load(text)
    assert (only.umap_map_url, only.umap_layer) == (URL, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "umap-bot.toml: it has no layers."),
        ("a = [", "umap-bot.toml is not valid TOML: "),
        ("a = " + 5_000 * "[" + 5_000 * "]", "umap-bot.toml can't be read: it has brackets within"),
        ("a = " + 3_000 * "{a=" + "1" + 3_000 * "}", "umap-bot.toml can't be read: it has brackets within"),
        ("a = " + 5_000 * "9", "or a number of thousands of digits. Remove them."),
        (TWO + 'dataset_encoding = "\\u0000"\n', "umap-bot.toml has a control character"),
        (TWO.replace('"Bron"', '"\\u001b[2J"'), "umap-bot.toml has a control character"),
        (TWO.replace('"b.csv"', '"data\\b.csv"'), "umap-bot.toml has a control character"),
        ("[[layer]]\ndataset_pfad = 'x'", "dataset_pfad is not a setting. Did you mean dataset_path?"),
        ("syncdrift = 'x'\n[[layer]]", "at the top: syncdrift is not a setting. Did you mean sync_drift?"),
        ("SYNC_DRIFT = 'keep'\n[[layer]]", "is not a setting"),
        ("layer = 3", "umap-bot.toml: it has no layers."),
        ("map = 3\n[[layer]]", "umap-bot.toml: map is not a table of tables. Write [map.NAME]."),
        ("layer = [3]", "umap-bot.toml: layer 1 is not a table."),
        (TWO.replace('map = "cites"', 'map = "citys"'), "layer 1 names a map that is not in the manifest."),
        (TWO.replace("env:CITES_LINK", LINK), "umap_edit_link is a secret, so its value can't be"),
        (TWO.replace("env:CITES_LINK", "env:OTHER"), "OTHER is not set, but umap-bot.toml uses it for"),
        (TWO.replace('umap_layer = "B"', 'umap_layer = "A"'), "layers 1 and 2 are the same layer."),
        (TWO.replace('"hold"', '"never"'), "SYNC_DRIFT: "),
        (TWO + 'state_url = "x"\n', "is a secret"),
        (TWO + 'report_site_dir = "x"\n', "report_site_dir in layer 2 is a setting for all layers."),
        (TWO.replace('dataset_path = "b.csv"', ""), "DATASET_PATH is missing. Settings: layer 2 in"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_no_secret(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(text)
    assert said in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_manifest_that_is_named_must_be_there() -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml can't be read"):
        load_all(manifest=Path("nowhere.toml"), environ={})


def test_a_manifest_in_another_encoding_is_told(folder: Path) -> None:
    (folder / "umap-bot.toml").write_bytes('x = "é"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        load_all(environ={})


ACCOUNT = 'umap_username = "bot"\numap_password = "env:BOT_PASSWORD"'
SESSION = 'umap_session_cookie = "env:MY_COOKIE"\numap_session_until = 2026-12-08'


def way_of(folder: Path, text: str, **environ: str) -> tuple[str, str, str]:
    (folder / "umap-bot.toml").write_text(text, encoding="utf-8")
    (found, *_) = load_all(
        environ={"CITES_LINK": LINK, "BOT_PASSWORD": "s3cr3t", "MY_COOKIE": "c00kie", **environ}
    )
    secrets = (found.umap_edit_link, found.umap_password, found.umap_session_cookie)
    link, password, cookie = (secret.get_secret_value() if secret else "" for secret in secrets)
    assert (found.umap_username, str(found.umap_session_until)) == (
        "bot" if password else "",
        "2026-12-08" if cookie else "None",
    )
    return link, password, cookie


def test_a_map_has_its_own_way_in(folder: Path) -> None:
    """An account at the top serves every map; what a map names stands in for it, and so on inwards."""
    link = 'umap_edit_link = "env:CITES_LINK"'
    account = TWO.replace(link, ACCOUNT)
    assert way_of(folder, account) == ("", "s3cr3t", "")
    assert way_of(folder, TWO.replace(link, SESSION)) == ("", "", "c00kie")
    assert way_of(folder, f"{ACCOUNT}\n{TWO.replace(link, '')}") == ("", "s3cr3t", "")
    assert way_of(folder, f"{ACCOUNT}\n{TWO}") == (LINK, "", "")
    assert way_of(folder, account.replace("[[layer]]", f"[[layer]]\n{SESSION}", 1)) == ("", "", "c00kie")
    assert way_of(folder, TWO, UMAP_USERNAME="bot", UMAP_PASSWORD="x") == (LINK, "", "")
    shared, named = 'umap_password = "env:BOT_PASSWORD"', TWO.replace(link, 'umap_username = "bot"')
    assert way_of(folder, f"{shared}\n{named}") == ("", "s3cr3t", "")
    with pytest.raises(SettingsError, match="UMAP_EDIT_LINK and UMAP_USERNAME are both set"):
        way_of(folder, TWO.replace(link, f"{link}\n{ACCOUNT}"))


SITE = f"""
dataset_repo = "https://git.example.org/cartes.git"
dataset_path = "a.csv"
umap_map_url = "{URL}"
"""
LAYER = "\n[[layer]]\n"
AWS = "AKIA-not-for-umap"


@pytest.fixture
def tree(folder: Path) -> Path:
    """A folder whose manifest anybody may write who may write to the repository."""
    (folder / ".git").mkdir()
    return folder


@pytest.mark.parametrize(
    ("lines", "lent", "told"),
    [
        (
            'umap_username = "x"\numap_password = "env:AWS_SECRET_ACCESS_KEY"',
            "",
            "it may not use AWS_SECRET_ACCESS_KEY .umap_password.*=AWS_SECRET_ACCESS_KEY@HOST",
        ),
        ('dataset_token = "env:AWS_SECRET_ACCESS_KEY"', "BOT_PASSWORD@umap.example.org", "it may not use"),
        ('notify_ping_url = "env:CITES_LINK"', "", "it may not use CITES_LINK"),
        ('umap_edit_link = "env:CITES_LINK"', "", "SECRETS_FOR_MANIFEST=CITES_LINK "),
        (
            'umap_username = "x"\numap_password = "env:BOT_PASSWORD"',
            "BOT_PASSWORD@umap.elsewhere",
            "it may not use BOT_PASSWORD for umap.example.org .umap_password.*@umap.example.org ",
        ),
        (
            'umap_session_cookie = "env:MY_COOKIE"',
            "MY_COOKIE",  # without a host it is for none
            "it may not use MY_COOKIE for umap.example.org",
        ),
        ('dataset_token = "env:GIT"', "GIT@umap.example.org", "it may not use GIT for git.example.org"),
        ('dataset_token = "env:CI_JOB_TOKEN"', "CI_JOB_TOKEN@git.example.org", "is a token of the forge"),
        ('dataset_token = "env:GIT_TOKEN"', "GIT_TOKEN@git.example.org", "is a token of the forge"),
    ],
)
def test_who_may_write_to_the_repository_gets_no_secret_that_is_not_lent(
    tree: Path, lines: str, lent: str, told: str
) -> None:
    environ = {
        "AWS_SECRET_ACCESS_KEY": AWS,
        "BOT_PASSWORD": "s3cr3t",
        "MY_COOKIE": "c00kie",
        "GIT": "g1t",
        "CI_JOB_TOKEN": "j0b",
        "PUSH_TOKEN": "n0te",
        "GIT_TOKEN": "n0te",
    }
    with pytest.raises(SettingsError, match=told) as caught:
        load(f"{SITE}{lines}{LAYER}", SECRETS_FOR_MANIFEST=lent, **environ)
    assert not any(value in str(caught.value) for value in (*environ.values(), LINK))


@pytest.mark.parametrize("name", ["UMAP_PASSWORD", "UMAP_SESSION_COOKIE", "DATASET_TOKEN"])
def test_a_secret_of_env_goes_to_no_host_that_the_manifest_alone_names(tree: Path, name: str) -> None:
    user = {"UMAP_USERNAME": "bot"} if name == "UMAP_PASSWORD" else {}
    host = "git.example.org" if name == "DATASET_TOKEN" else "umap.example.org"
    with pytest.raises(SettingsError, match=f"it may not use {name} for {host}"):
        load(f"{SITE}{LAYER}", **user, **{name: "s3cr3t"})
    load(f"{SITE}{LAYER}", **user, **{name: "s3cr3t", "SECRETS_FOR_MANIFEST": f"{name}@{host}"})
    own = {"UMAP_MAP_URL": URL, "DATASET_REPO": "https://git.example.org/cartes.git"}
    load(f'dataset_path = "a.csv"{LAYER}', **user, **own, **{name: "s3cr3t"})


@pytest.mark.parametrize(
    "address",
    ["https://grist.example.org/doc/x", "grist.example.org/doc/x", "<https://grist.example.org/doc/x>"],
)
def test_the_key_of_what_is_fetched_goes_to_a_host_that_it_is_lent_for(tree: Path, address: str) -> None:
    """However the address is written: the bot reads it as people paste it."""
    lines = f'umap_map_url = "{URL}"\ndataset_url = "{address}"\ndataset_token = "env:GIT"{LAYER}'
    with pytest.raises(SettingsError, match="it may not use GIT"):
        load(lines, GIT="g1t", SECRETS_FOR_MANIFEST="GIT@git.example.org")
    if not address.startswith("<"):
        (one,) = load(lines, GIT="g1t", SECRETS_FOR_MANIFEST="GIT@grist.example.org")
        assert one.dataset_token is not None


def test_what_is_fetched_is_committed_where_the_owner_says_and_nobody_else(tree: Path) -> None:
    """Whoever may write the file could else have the bot push to any repository that it may write to."""
    fetched = f'umap_map_url = "{URL}"\ndataset_url = "https://grist.example.org/doc/x"\n'
    with pytest.raises(SettingsError, match=r"where fetched data is committed .* Set DATASET_REPO in \.env"):
        load(f'{fetched}dataset_repo = "/home/ada/thesis"{LAYER}')
    (own,) = load(f"{fetched}{LAYER}", DATASET_REPO="/srv/data")
    assert own.dataset_repo == "/srv/data"


def test_what_is_fetched_does_not_go_into_the_repository_of_the_manifest_by_itself(tree: Path) -> None:
    top = f'umap_map_url = "{URL}"\n'
    fetched, kept = load(
        f'{top}[[layer]]\numap_layer = "A"\ndataset_url = "https://grist.example.org/doc/x"\n'
        '[[layer]]\numap_layer = "B"\ndataset_path = "b.csv"\n'
    )
    assert (fetched.dataset_repo, fetched.dataset_path) == ("", "")
    assert kept.dataset_repo == str(tree)


def test_what_is_lent_is_used(tree: Path) -> None:
    (one,) = load(
        f'{SITE}umap_username = "x"\numap_password = "env:BOT_PASSWORD"\ndataset_token = "env:GIT"{LAYER}',
        BOT_PASSWORD="s3cr3t",
        GIT="g1t",
        SECRETS_FOR_MANIFEST="GIT@git.example.org, BOT_PASSWORD@umap.example.org",
    )
    assert one.umap_password is not None
    assert one.umap_password.get_secret_value() == "s3cr3t"


def test_an_edit_link_under_its_own_name_needs_no_word(tree: Path) -> None:
    """It opens one map of one site, whoever holds it out."""
    (one,) = load(f'{SITE}umap_edit_link = "env:UMAP_EDIT_LINK"{LAYER}', UMAP_EDIT_LINK=LINK)
    assert one.umap_edit_link is not None


@pytest.mark.parametrize(
    "line",
    [
        'report_site_dir = "/var/www"',
        'desk_url = "https://evil.example"',
        'desk_user_header = "Accept"',
        'desk_trusted = "0.0.0.0/0"',
        'desk_keepers = "eve"',
        'state_url = "env:STATE_URL"',
        'dataset_ssh_key = "~/.ssh/id_ed25519"',
        'secrets_over_http = ["git.example.org"]',
        'secrets_for_manifest = ["AWS_SECRET_ACCESS_KEY@git.example.org"]',
    ],
)
def test_what_is_the_owners_of_the_machine_is_not_taken_from_the_repository(tree: Path, line: str) -> None:
    name = line.partition(" ")[0]
    with pytest.raises(SettingsError, match=rf"{name} can't be set there. Set {name.upper()} in .env"):
        load(f"{SITE}{line}{LAYER}", STATE_URL="sqlite:////tmp/x.db")
    with pytest.raises(SettingsError, match=r"can't be set there|setting of all layers"):
        load(f"{SITE}{LAYER}{line}", STATE_URL="sqlite:////tmp/x.db")


def test_outside_of_a_repository_a_manifest_is_its_owners() -> None:
    (one,) = load(
        f'{SITE}{ACCOUNT}\nreport_site_dir = "/srv/site"{LAYER}',
        BOT_PASSWORD="s3cr3t",
    )
    assert one.report_site_dir == "/srv/site"


def test_several_layers_share_what_is_of_the_whole_program() -> None:
    """A name in REPORT_HIDE may be that of another layer's column."""
    assert [each.alone for each in load(TWO)] == [False, False]
    assert [each.model_copy(update={"umap_layer": "C"}).alone for each in load(TWO)] == [False, False]
    assert [each.alone for each in load(SITE + LAYER)] == [True]


def test_an_env_that_is_committed_is_not_read(folder: Path) -> None:
    """Whoever may write to the repository could say by it where the secrets of the environment go."""
    (folder / ".env").write_text(f"UMAP_MAP_URL={URL}\nDATASET_REPO=x\nDATASET_PATH=a.csv\n", "utf-8")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    assert load_all(environ={})
    subprocess.run(["git", "-C", folder, "add", ".env"], check=True)
    with pytest.raises(SettingsError, match=r".env is committed to git.*git rm --cached .env"):
        load_all(environ={})
