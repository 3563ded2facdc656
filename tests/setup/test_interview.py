"""The interview on a real uMap and a real repository: every answer is tried, and asked again if it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.accounts import log_in, new_user
from tests.dataset.sources.served import served
from tests.setup.conftest import EMPTY, FILE, LAYER, ROWS, Commit, Person, person, signature
from umap_bot.errors import DatasetError, RefusedError, SettingsError, SourceLocked, UsageError
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.setup.asker import Nobody
from umap_bot.setup.interview import interview

pytestmark = pytest.mark.usefixtures("layer_id")


def held(who: Person, **given: str) -> dict[str, str]:
    return interview(who, given, {})


def test_all_answers_make_the_settings(made_map: MadeMap, commit: Commit, tmp_path: Path) -> None:
    commit()
    who = person(made_map)
    assert held(who) == {
        "UMAP_MAP_URL": made_map.url,
        "UMAP_LAYER": LAYER,
        "UMAP_EDIT_LINK": made_map.edit_link,
        "DATASET_REPO": str(tmp_path / "data"),
        "DATASET_REF": "",
        "DATASET_PATH": FILE,
        "DATASET_KEY": "id",
        "DATASET_RENAME": "nom=name",
        "SYNC_DRIFT": "overwrite",
        "SYNC_DELETED": "hold",
    }
    options = "map-url edit-link-env repo ref path key rename drift deleted"
    assert who.options == [f"--{option}" for option in options.split()]
    assert "columns id, nom, commune, lat, lon" in who.all
    assert "2 rows, with coordinates" in who.all


def test_only_rows_that_have_coordinates_are_said_to(made_map: MadeMap, commit: Commit) -> None:
    commit(f"{ROWS}oullins,Oullins,Oullins,,\n")
    who = person(made_map)
    held(who)
    assert "3 rows, 2 of them with coordinates" in who.all


def test_an_answer_that_fails_is_asked_again(made_map: MadeMap, commit: Commit) -> None:
    commit()
    link = made_map.edit_link
    damaged = link[:-3] + ("abc" if link[-3:] != "abc" else "abd")
    wrong = {
        "map_url": ["", "not the address", link, made_map.url + "9", made_map.url],
        "edit_link_env": ["geheim", damaged, link.replace("anonymous-edit/", "anonymous-edit/9"), link],
        "repo": ["", "nowhere", link, "data"],
        "ref": ["mian", "main"],
        "path": ["", "autre.csv", "data", "cites.docx", FILE],
        "key": ["nom de famille", "id"],
        "rename": ["99", "1"],
        "drift": ["4", "map", "2"],
        "deleted": ["9", "recreate"],
    }
    who = person(made_map, **wrong, area=[])
    found = held(who)
    assert not any(who.answers.values())
    assert len([line for line in who.told if line.startswith("✗")]) == sum(map(len, wrong.values())) - len(
        wrong
    )
    assert (found["SYNC_DRIFT"], found["SYNC_DELETED"], found["DATASET_REF"]) == ("keep", "recreate", "main")
    assert found["DATASET_RENAME"] == "nom=name"
    assert signature(link) not in who.all
    assert "There is no map" in who.all
    assert "The secret edit link is wrong" in who.all
    assert "Did you mean cites.csv?" in who.all
    assert "nom de famille" in who.all


def test_of_several_layers_one_is_chosen(made_map: MadeMap, commit: Commit) -> None:
    commit()
    made_map.add_layer("Écoles", EMPTY)
    twin = made_map.add_layer("Écoles", EMPTY)
    who = person(made_map, layer=["", "Écol", "7", "1"])
    assert held(who)["UMAP_LAYER"] == LAYER
    (question,) = {each.spoken: each for each in who.asked if each.option == "--layer"}.values()
    shown = [str(choice.text) for choice in question.choices]
    assert shown[0] == LAYER
    assert f"Écoles ({twin})" in shown
    number = str(shown.index(f"Écoles ({twin})") + 1)
    assert held(person(made_map, layer=number))["UMAP_LAYER"] == twin


def test_a_layer_that_everyone_may_edit_needs_no_link(
    made_map: MadeMap, layer_id: str, commit: Commit
) -> None:
    commit()
    made_map.set_layer_permissions(layer_id, 1)
    who = person(made_map)
    assert "UMAP_EDIT_LINK" not in held(who)
    assert "Anyone may edit this layer" in who.all
    assert "--edit-link-env" not in who.options


def test_a_draft_is_shown_by_its_edit_link(made_map: MadeMap, commit: Commit) -> None:
    commit()
    made_map.set_permissions(share_status=0)
    who = person(made_map, username="1")
    assert held(who)["UMAP_EDIT_LINK"] == made_map.edit_link
    assert "uMap does not show this map to visitors" in who.all


def test_without_the_link_another_map_is_asked_for(made_map: MadeMap, commit: Commit) -> None:
    commit()
    who = person(made_map, map_url=[made_map.url] * 2, edit_link_env=["", made_map.edit_link])
    held(who)
    assert "✗ The bot can't sign in without it. Enter the address of another map." in who.told


def test_an_owned_map_leads_to_the_two_map_way(
    umap: Sandbox, made_map: MadeMap, layer_id: str, commit: Commit
) -> None:
    """And at the end the address is told that the owned map is to show."""
    commit()
    new_user(umap, f"ada{made_map.id}", "secret-of-ada")
    with new_map(umap.url, "Owned", session=log_in(umap.url, f"ada{made_map.id}", "secret-of-ada")) as owned:
        shown = owned.add_layer("Shown", EMPTY)
        owned.set_permissions(share_status=1, edit_status=3)
        who = person(made_map, map_url=[owned.url, made_map.url], username="two maps")
        assert held(who)["UMAP_MAP_URL"] == made_map.url
        assert f"The map belongs to ada{made_map.id}, so it has no secret edit link." in who.told
        assert "✗ This map will show the data of a second map. Enter the address" in who.all
        assert "Using two maps:" in who.all
        address = f"{umap.url.rstrip('/')}/en/datalayer/{made_map.id}/{layer_id}/"
        assert address in who.told[-1]
        body, version = owned.read(shown)
        remote = {"name": "Shown", "remoteData": {"url": address, "format": "geojson"}}
        owned.save(shown, body, version, remote)
        who = person(made_map, map_url=[owned.url, made_map.url])
        held(who)
        assert f"This layer shows layer “{LAYER}” of map {made_map.id}." in who.all


def test_an_owned_map_whose_layer_everyone_may_edit(umap: Sandbox, made_map: MadeMap, commit: Commit) -> None:
    commit()
    new_user(umap, f"bob{made_map.id}", "secret-of-bob")
    with new_map(umap.url, "Owned", session=log_in(umap.url, f"bob{made_map.id}", "secret-of-bob")) as owned:
        layer = owned.add_layer("Open", EMPTY)
        owned.set_permissions(share_status=1, edit_status=3)
        owned.set_layer_permissions(layer, 1)
        assert held(person(owned, edit_link_env=[]))["UMAP_LAYER"] == "Open"


BOT, PASSWORD = "bot-of-init", "correct horse battery"


@pytest.fixture(scope="module")
def bot_id(umap: Sandbox) -> int:
    new_user(umap, BOT, PASSWORD)
    new_user(umap, "owner-of-init", PASSWORD)
    with log_in(umap.url, BOT, PASSWORD) as session, new_map(umap.url, "Bot's", session=session) as made:
        return int(made.page()["user"]["id"])


@pytest.fixture
def owned(umap: Sandbox, bot_id: int) -> Iterator[MadeMap]:
    """A map of somebody, for the bot's account to edit."""
    session = log_in(umap.url, "owner-of-init", PASSWORD)
    with new_map(umap.url, "Owned", session=session) as made:
        made.add_layer(LAYER, EMPTY)
        made.set_permissions(edit_status=2, editors=[bot_id])
        yield made


def test_an_owned_map_by_an_account(owned: MadeMap, commit: Commit) -> None:
    """The page says why, the site has a form, and wrong answers lead back to the account's name."""
    commit()
    who = person(owned, username=["", "nobody", BOT, BOT], password_env=["wrong", "", PASSWORD])
    found = held(who)
    assert (found["UMAP_USERNAME"], found["UMAP_PASSWORD"]) == (BOT, PASSWORD)
    assert "UMAP_EDIT_LINK" not in found
    assert "The map belongs to owner-of-init, so it has no secret edit link." in who.told
    assert "Accounts on this site can sign in with a username and password." in who.told
    assert "uMap does not accept the account “nobody”." in who.all
    assert "✗ The account can't log in without its password. Enter it, " in who.all
    assert "✓ The account can log in." in who.told
    assert all(question.hidden for question in who.asked if "password" in question.option)
    assert PASSWORD not in who.all


def test_an_account_that_may_not_edit_is_told_whom_to_ask(owned: MadeMap, commit: Commit) -> None:
    commit()
    owned.set_permissions(editors=[])
    with pytest.raises(RefusedError, match=f"Ask owner-of-init, who owns the map, to add “{BOT}”"):
        held(person(owned), UMAP_USERNAME=BOT, UMAP_PASSWORD=PASSWORD, UMAP_MAP_URL=owned.url)


def test_an_owned_map_by_a_session(umap: Sandbox, owned: MadeMap, commit: Commit) -> None:
    commit()
    with log_in(umap.url, BOT, PASSWORD) as session:
        cookie = session.cookies["sessionid"]
    who = person(owned, username="2", session_cookie_env=["nobodysession", cookie])
    assert held(who)["UMAP_SESSION_COOKIE"] == cookie
    assert "✗ The session has ended" in who.all
    assert (
        f"  · Until the session ends, anyone who has the cookie can do everything that “{BOT}” can" in who.all
    )
    assert cookie not in who.all


def test_a_private_map_by_an_account(owned: MadeMap, commit: Commit) -> None:
    commit()
    owned.set_permissions(share_status=3)
    who = person(owned, username=["account", BOT], password_env=PASSWORD)
    assert held(who)["UMAP_USERNAME"] == BOT
    assert "uMap does not show this map to visitors" in who.all


def test_two_ways_are_refused(owned: MadeMap, commit: Commit) -> None:
    with pytest.raises(UsageError, match="Give the options of only one sign-in method"):
        held(person(owned), UMAP_EDIT_LINK="x", UMAP_USERNAME=BOT, UMAP_MAP_URL=owned.url)


def test_the_key_that_is_offered_is_filled_and_unique(made_map: MadeMap, commit: Commit) -> None:
    """Neither the places nor what holds the same twice; a guess is not taken without a word."""
    commit("libelle,commune,code,lat,lon\nA,X,1,45,4\nB,X,2,46,5\n")
    who = person(made_map)
    found = held(who)
    assert (found["DATASET_KEY"], found["DATASET_RENAME"]) == ("code", "libelle=name")
    (question,) = (each for each in who.asked if each.option == "--key")
    assert [choice.value for choice in question.choices] == ["code", "libelle"]
    assert question.guess


HEAD = "id,name,Contact,Téléphone,lat,lon\n"
CONTACTS = HEAD + "".join(
    f"c{number},Cité {number},Ada Byron,04 78 00 00 {number:02},45.{number},4.{number}\n"
    for number in range(1, 9)
)


def test_columns_that_look_personal_are_asked_about_one_by_one(made_map: MadeMap, commit: Commit) -> None:
    commit(CONTACTS)
    who = person(made_map, leave_out=["", "1"])
    found = held(who)
    assert found["DATASET_LEAVE_OUT"] == "Contact,Téléphone"
    assert "DATASET_COLUMNS" not in found
    assert "✓ Kept off the map: Contact, Téléphone" in who.told
    assert "look personal" not in who.all
    asked = [each.text for each in who.asked if each.option.startswith("--leave-out")]
    assert 'The column "Téléphone" looks personal (0• •• •• •• ••)' in asked[1]
    assert "04 78" not in who.all + "".join(asked)


@pytest.mark.parametrize(
    ("answers", "settings"),
    [
        (["2", "1"], {"DATASET_COLUMNS": "*", "DATASET_LEAVE_OUT": "Téléphone"}),
        (["publish", "2"], {"DATASET_COLUMNS": "*"}),
        (["3", "no", "1", "1"], {"DATASET_LEAVE_OUT": "Contact,Téléphone"}),
    ],
)
def test_what_may_be_published_is_written_down_too(
    made_map: MadeMap, commit: Commit, answers: list[str], settings: dict[str, str]
) -> None:
    """So that nothing warns of it later."""
    commit(CONTACTS)
    found = held(person(made_map, leave_out=answers))
    assert {name: found[name] for name in found if name.startswith(("DATASET_C", "DATASET_L"))} == settings


def test_options_answer_what_is_published(made_map: MadeMap, commit: Commit) -> None:
    commit(CONTACTS)
    found = held(person(made_map), DATASET_COLUMNS="name,Contact")
    assert (found["DATASET_COLUMNS"], "DATASET_LEAVE_OUT" in found) == ("name,Contact", False)
    with pytest.raises(DatasetError, match='DATASET_LEAVE_OUT: there is no column "Tel"'):
        held(person(made_map), DATASET_LEAVE_OUT="Tel")


def test_what_is_kept_off_the_map_is_no_key(made_map: MadeMap, commit: Commit) -> None:
    commit("mail,lat,lon\na@example.org,45,4\nb@example.org,46,5\n")
    who = person(made_map, leave_out="1", key=["mail", "id"])
    with pytest.raises(AssertionError, match="None has a unique value in every row"):
        held(who)
    assert "✗ cites.csv has 2 problems" in who.all or "is the id column (DATASET_KEY)" in who.all


def test_the_area_of_the_file_is_offered_without_rows_that_are_swapped(
    made_map: MadeMap, commit: Commit
) -> None:
    commit(CONTACTS + "odd,Odd,,,4.5,45.5\n")
    who = person(made_map, leave_out=["1", "1"])
    assert held(who)["SYNC_AREA"] == "3.6,44.6,5.3,46.3"
    assert "latitude and longitude look swapped in row 10" in who.all


@pytest.mark.parametrize(
    ("typed", "set_to"), [(["2"], ""), (["4,45,5", "4,45,5,46"], "4,45,5,46"), (["1"], "3.6,44.6,5.3,46.3")]
)
def test_another_area_is_typed_or_none(
    made_map: MadeMap, commit: Commit, typed: list[str], set_to: str
) -> None:
    commit(CONTACTS)
    who = person(made_map, leave_out=["1", "1"], area=typed)
    assert held(who)["SYNC_AREA"] == set_to
    assert who.all.count("write four numbers in degrees") == len(typed) - 1


def test_nobody_publishes_what_looks_personal_and_nobody_sets_an_area(
    made_map: MadeMap, commit: Commit
) -> None:
    commit(CONTACTS)
    given = {
        "UMAP_MAP_URL": made_map.url,
        "UMAP_EDIT_LINK": made_map.edit_link,
        "DATASET_REPO": "data",
        "DATASET_PATH": FILE,
    }
    told: list[str] = []
    found = interview(Nobody(told.append), given, {})
    assert (found["DATASET_LEAVE_OUT"], "SYNC_AREA" in found) == ("Contact,Téléphone", False)
    assert "✓ Kept off the map: Contact, Téléphone" in told
    assert interview(Nobody(told.append), {**given, "SYNC_AREA": "4,45,5,46"}, {})["SYNC_AREA"] == "4,45,5,46"


def test_what_is_committed_meanwhile_counts(
    made_map: MadeMap, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit("nom,lat,lon\nA,45,4\nA,46,5\n")

    who = person(made_map, key=["ref", "ref"])
    say = who.say

    def mend(text: str) -> None:
        say(text)
        if text.startswith("✗"):
            commit("nom,ref,lat,lon\nA,a1,45,4\nA,a2,46,5\n")

    monkeypatch.setattr(who, "say", mend)
    assert held(who)["DATASET_KEY"] == "ref"
    assert all(f"umap-bot ids {FILE}" in each.text for each in who.asked if each.option == "--key")


def test_a_file_with_names_is_not_asked_for_them(made_map: MadeMap, commit: Commit) -> None:
    commit(ROWS.replace("nom", "name"))
    who = person(made_map)
    assert "DATASET_RENAME" not in held(who)
    assert "--rename" not in who.options


def test_nobody_is_asked_for_what_options_answer(made_map: MadeMap, commit: Commit) -> None:
    commit()
    told: list[str] = []
    given = {
        "UMAP_MAP_URL": made_map.url,
        "UMAP_EDIT_LINK": made_map.edit_link,
        "DATASET_REPO": "data",
        "DATASET_PATH": FILE,
        "DATASET_RENAME": "nom=name",
    }
    found = interview(Nobody(told.append), given, {})
    assert (found["DATASET_KEY"], found["SYNC_DRIFT"], found["SYNC_DELETED"]) == ("id", "overwrite", "hold")
    for name, option in {
        "UMAP_MAP_URL": "--map-url",
        "UMAP_EDIT_LINK": "--edit-link-env",
        "DATASET_REPO": "--repo",
        "DATASET_PATH": "--path",
        "DATASET_RENAME": "--rename",
    }.items():
        less = {each: value for each, value in given.items() if each != name}
        with pytest.raises(UsageError, match=option):
            interview(Nobody(told.append), less, {})
    made_map.add_layer("Another", EMPTY)
    with pytest.raises(UsageError, match="--layer"):
        interview(Nobody(told.append), given, {})


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("UMAP_LAYER", "Citées", RefusedError), ("DATASET_RENAME", "nom", SettingsError)],
)
def test_a_given_answer_that_fails_ends_it(
    made_map: MadeMap, commit: Commit, name: str, value: str, kind: type[Exception]
) -> None:
    commit()
    given = {"UMAP_MAP_URL": made_map.url, name: value}
    with pytest.raises(kind):
        held(person(made_map, map_url=[]), **given)


def test_what_helps_to_read_a_private_repository_stays_where_it_is(
    made_map: MadeMap, commit: Commit, tmp_path: Path
) -> None:
    commit()
    (tmp_path / "key").touch(mode=0o600)
    helps = {"DATASET_SSH_KEY": str(tmp_path / "key"), "OTHER": "x"}
    found = interview(person(made_map), {}, helps)
    assert not helps.keys() & found.keys()


def test_a_table_on_the_web_is_answered_by_its_address(made_map: MadeMap) -> None:
    with served() as site:
        site.tables["/cites.csv"] = ROWS
        who = person(made_map, repo=[f"{site.url}/nothing.csv", f"{site.url}/cites.csv"], ref=[], path=[])
        found = held(who)
    assert (found["DATASET_URL"], found["DATASET_RENAME"]) == (f"{site.url}/cites.csv", "nom=name")
    assert not found.keys() & {"DATASET_REPO", "DATASET_REF", "DATASET_PATH", "DATASET_TOKEN"}
    assert "--ref" not in who.options
    assert "has no table at this address (404)" in who.all
    assert "2 rows, columns id, nom, commune, lat, lon" in who.all


def test_a_table_that_wants_a_key_has_it_asked_for(made_map: MadeMap) -> None:
    with served() as site:
        site.tables["/cites.csv"] = ROWS
        site.key = "s3cr3t-k3y"
        address = f"{site.url}/cites.csv"
        who = person(made_map, repo=[address, address], token_env=["", "wrong", site.key], ref=[], path=[])
        assert held(who)["DATASET_TOKEN"] == site.key
        assert "does not show this table without a login (401)" in who.all
        assert "It can't be read without a key. Name other data?" in who.all
        assert "does not accept DATASET_TOKEN (401)" in who.all
        given = {"DATASET_URL": address, "DATASET_TOKEN": site.key}
        assert interview(person(made_map, repo=[]), given, {})["DATASET_TOKEN"] == site.key
        with pytest.raises(SourceLocked):
            interview(person(made_map, repo=[], token_env=[]), {**given, "DATASET_TOKEN": "wrong"}, {})
    assert "s3cr3t-k3y" not in who.all
