"""What people edited on the map becomes a branch of the repository; merged, nothing is left to do."""

from __future__ import annotations

import json

import pytest

from tests.commands.desk import FILE, LAYER, Desk, changed, rows, without

BRANCH = "umap-bot/edits-cites"
SEMICOLONS = (
    "id;nom;commune;lat;lon\r\n"
    'c1;Cité 1;"dit ""Ville"" 1";45,0010;4,0010\r\n'
    'c2;Cité 2;"Ville\r\n2";45,0020;4,0020\r\n'
    "c3;Écluse;Ville 3;45,0030;4,0030\r\n"
)
EDITED = (
    "id;nom;commune;lat;lon\r\n"
    'c1;Œuvre n° 1;"dit ""Ville"" 1";45,0010;4,51\r\n'
    'c2;Cité 2;"a; b";45,0020;4,0020\r\n'
    "neuf;Neuf;;46,2;4,9\r\n"
)


def proposed(desk: Desk, file: str = FILE) -> bytes:
    return desk.git("show", f"{BRANCH}:{file}").encode() + b"\n"


def edit(desk: Desk) -> None:
    """A person changes two cells, moves a point, removes one and draws one with an id of their own."""
    features = [each for each in desk.features if each["properties"]["id"] != "c3"]
    first, second = features
    first["properties"]["name"] = "Œuvre n° 1"
    first["geometry"]["coordinates"][0] = 4.51
    second["properties"]["commune"] = "a; b"
    place = {"type": "Point", "coordinates": [4.9, 46.2]}
    own = {"type": "Feature", "id": "Own42", "geometry": place, "properties": {"name": "Neuf", "id": "neuf"}}
    desk.save([*features, own])


def merged(desk: Desk) -> None:
    desk.git("merge", "--quiet", "--no-ff", "--no-edit", BRANCH)


def test_edits_of_every_kind_are_merged_and_the_map_stays_byte_for_byte(desk: Desk) -> None:
    desk.commit(SEMICOLONS.encode("cp1252"))
    desk.settings(SYNC_DRIFT="keep", DATASET_ENCODING="cp1252")
    desk.done("sync")
    edit(desk)
    left = desk.body
    shown = desk.type("propose", "--show")
    assert (shown.code, desk.git("branch", "--list", "umap-bot/*")) == (2, "")
    assert desk.type("propose").out == shown.out.replace(
        "Nothing was pushed. To propose this: umap-bot propose",
        f"Pushed to the new branch {BRANCH} of {desk.repository}.\nOnce it is merged, nothing is left to do.",
    )
    desk.git("config", "core.autocrlf", "false")
    merged(desk)
    assert (desk.repository / FILE).read_bytes() == EDITED.encode("cp1252")
    said = desk.done("sync")
    assert (said.posts, desk.body) == ([], left)
    assert "Nothing to do" in desk.done("plan").out


def test_how_it_reads(synced: Desk) -> None:
    synced.edit("c2", name="Bron", commune="")
    synced.erase("c1")
    synced.draw("Le lac")
    said = synced.done("propose")
    assert said.out == (
        "4 edits made on the map:\n"
        "  - Cité 1 (row 2): removed from the map\n"
        '  ~ Cité 2 (row 3): commune "Ville 2" → (empty)\n'
        '  ~ Cité 2 (row 3): nom "Cité 2" → "Bron"\n'
        "  + Le lac: added on the map, new id le-lac\n"
        f"Pushed to the new branch {BRANCH} of {synced.repository}.\n"
        "Merge it before the next sync, which restores the file's values on the map. To keep edits on the "
        "map until then, set SYNC_DRIFT=propose\n"
    )
    assert synced.git("log", "-1", "--format=%an%n%B", BRANCH) == (
        'umap-bot\n4 edits made on the map, layer "Cités"\n\n'
        "- Cité 1 (row 2): removed from the map\n"
        '- Cité 2 (row 3): commune "Ville 2" → (empty)\n'
        '- Cité 2 (row 3): nom "Cité 2" → "Bron"\n'
        "- Le lac: added on the map, new id le-lac\n\n"
        f"Map: {synced.made.url}"
    )
    assert "already has these edits" in synced.done("propose").out
    synced.edit("c3", name="Lyon")
    assert f"Updated the branch {BRANCH}" in synced.done("propose").out
    assert synced.git("rev-list", "--count", f"main..{BRANCH}") == "1"


def test_what_people_wrote_calls_nobody_in_the_commit(synced: Desk) -> None:
    synced.edit("c1", name="Fixes #3\n\n@ada, GH-7")
    synced.done("propose")
    message = synced.git("log", "-1", "--format=%B", BRANCH)
    assert '- Cité 1 (row 2): nom "Cité 1" → "Fixes # 3⏎⏎@ ada, GH- 7"' in message.splitlines()


def test_nothing_to_propose_is_said(desk: Desk) -> None:
    assert "the layer was never synced" in desk.done("propose").out
    desk.done("sync")
    assert desk.done("propose").out == (
        "Nothing to propose: no one has edited on the map what the file describes.\n"
    )


def test_what_a_file_should_not_hold_is_left_out_and_named(synced: Desk) -> None:
    synced.edit("c1", name="=cmd|x", commune="Bourg")
    said = synced.done("propose")
    assert '  · Cité 1 (row 2): nom "Cité 1" → "=cmd|x": begins like a formula' in said.out
    assert proposed(synced).decode() == _text(changed(rows(), "c1", commune="Bourg"))


def test_the_file_wins_where_a_person_said_so(synced: Desk) -> None:
    synced.settings(SYNC_DRIFT="hold")
    synced.edit("c1", name="Bron")
    code = synced.held("sync")
    synced.done("approve", code, "c1")
    assert "Nothing to propose" in synced.done("propose").out


def test_hidden_values_are_in_no_message(synced: Desk) -> None:
    synced.settings(REPORT_HIDE="commune")
    synced.edit("c1", commune="secret")
    said = synced.done("propose")
    assert "Cité 1 (row 2): commune changed (not shown)" in said.out
    assert "secret" not in said.out + synced.git("log", "-1", "--format=%B", BRANCH)


def test_a_row_that_was_drawn_without_an_id_is_matched_once_merged(synced: Desk) -> None:
    """The map gets the id, and nothing else."""
    synced.draw("Le lac")
    synced.done("propose")
    merged(synced)
    said = synced.done("sync")
    assert len(said.posts) == 1
    own = synced.feature("le-lac")
    assert (own["id"], own["properties"]) == ("Own42", {"name": "Le lac", "id": "le-lac"})
    assert len(synced.features) == 11


def _text(table: dict[str, dict[str, str]]) -> str:
    from tests.commands.desk import text  # noqa: PLC0415

    return text(table)


@pytest.mark.parametrize("pretty", [2, None], ids=["indented", "on one line"])
def test_geojson_keeps_its_layout(desk: Desk, pretty: int | None) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"id": key, "nom": cells["nom"], "n": 1.5},
            "geometry": {"type": "Point", "coordinates": [float(cells["lon"]), float(cells["lat"])]},
        }
        for key, cells in rows(3).items()
    ]
    before = json.dumps(
        {"type": "FeatureCollection", "features": features}, indent=pretty, ensure_ascii=False
    )
    desk.commit(before, file="a.geojson")
    desk.settings(DATASET_PATH="a.geojson", SYNC_DRIFT="keep")
    desk.done("sync")
    desk.edit("c1", name="Bron")
    desk.erase("c3")
    left = desk.body
    desk.done("propose")
    del features[2]
    features[0]["properties"]["nom"] = "Bron"  # type: ignore[index]
    after = json.dumps({"type": "FeatureCollection", "features": features}, indent=pretty, ensure_ascii=False)
    assert proposed(desk, "a.geojson").decode() == after + "\n"
    merged(desk)
    desk.done("sync", "--deleted", "keep")
    assert desk.body == left
    assert without(rows(3), "c3").keys() == {each["properties"]["id"] for each in desk.features}


@pytest.fixture
def proposing(desk: Desk) -> Desk:
    """Somebody wrote another name for c1, moved c2 and drew a point; the sync proposes that."""
    desk.settings(SYNC_DRIFT="propose")
    desk.done("sync")
    features = desk.features
    for feature in features:
        if feature["properties"]["id"] == "c1":
            feature["properties"]["name"] = "Bron"
        if feature["properties"]["id"] == "c2":
            feature["geometry"]["coordinates"] = [4.51, 45.51]
    desk.save(features)
    return desk


def test_a_sync_keeps_the_map_and_proposes_what_was_edited(proposing: Desk) -> None:
    left = proposing.body
    said = proposing.done("sync")
    assert f"2 edits made on the map: pushed to the branch {BRANCH}." in said.out
    assert (said.posts, proposing.body) == ([], left)
    wanted = changed(changed(rows(), "c1", nom="Bron"), "c2", lat="45.51", lon="4.51")
    assert proposed(proposing).decode() == _text(wanted)
    again = proposing.done("sync")
    assert "pushed to the branch" not in again.out
    assert f"2 edits made on the map are proposed on the branch {BRANCH}" in proposing.done("plan").out
    told = proposing.done("decisions").out
    assert "Proposed for the file\n" in told
    assert f"proposed on the branch {BRANCH}, " in told
    assert "Nothing to do" in proposing.done("sync").out


def test_once_merged_there_is_nothing_to_do_though_the_branch_is_deleted(proposing: Desk) -> None:
    proposing.done("sync")
    left = proposing.body
    merged(proposing)
    proposing.git("branch", "--delete", "--force", BRANCH)
    assert f"2 edits that were proposed on the branch {BRANCH} are in the file now." in (
        proposing.done("plan").out
    )
    assert "deleted without a merge" not in proposing.done("sync").out
    assert proposing.body == left
    assert "proposed" not in proposing.done("decisions").out
    assert proposing.git("branch", "--list", "umap-bot/*") == ""


def test_a_proposal_that_was_refused_is_asked_about_once(proposing: Desk) -> None:
    proposing.done("sync")
    proposing.git("branch", "--delete", "--force", BRANCH)
    assert "The next sync asks which side wins." in proposing.done("sync").out
    said = proposing.waits("sync")
    assert (
        f"The branch {BRANCH} was deleted without a merge: 2 edits made on the map were refused." in said.out
    )
    assert "different from the file on purpose" not in said.out.casefold()
    proposing.done("keep", "c1")
    proposing.done("approve", proposing.held("sync"), "c2")
    proposing.done("sync")
    kept, restored = proposing.feature("c1"), proposing.feature("c2")
    assert kept["properties"]["name"] == "Bron"
    assert restored["geometry"]["coordinates"] == [4.002, 45.002]
    assert "Nothing to do" in proposing.done("sync").out
    assert proposing.git("branch", "--list", "umap-bot/*") == "", "what was refused is not proposed again"


def test_a_branch_that_can_not_be_pushed_fails_no_run_and_is_tried_again(proposing: Desk) -> None:
    proposing.git("checkout", "--quiet", "-b", BRANCH)
    proposing.settings(DATASET_REF="main")
    for _ in range(2):
        assert "were not proposed: The branch umap-bot/edits-cites is checked out in" in (
            proposing.done("sync").out
        )
    proposing.git("checkout", "--quiet", "main")
    assert "pushed to the branch" in proposing.done("sync").out


def test_a_correction_that_was_sent_becomes_a_branch_of_its_own(desk: Desk) -> None:
    said = desk.done(
        "propose", "--key", "c3", "--set", "nom=Bron = Parilly", "--seen", "nom=Cité 3", "--by", "une voisine"
    )
    branch = desk.git("branch", "--list", "umap-bot/*").strip()
    assert branch.startswith("umap-bot/correction-c3-nom-")
    assert said.out == (
        '  ~ Cité 3 (row 4): nom "Cité 3" → "Bron = Parilly"\n'
        f"Pushed to the new branch {branch} of {desk.repository}.\n"
    )
    assert desk.git("show", f"{branch}:{FILE}") + "\n" == _text(changed(rows(), "c3", nom="Bron = Parilly"))
    assert desk.git("log", "-1", "--format=%B", branch) == (
        'Correction of nom, "Cité 3"\n\n'
        '- Cité 3 (row 4): nom "Cité 3" → "Bron = Parilly"\n\nProposed by: une voisine'
    )


HOSTILE = {
    "a formula": ("c1", "nom==cmd|x", (), "The value for \"nom\" begins like a formula"),
    "a sign": ("c1", "nom=@SUM(A1)", (), "begins like a formula"),
    "a control character": ("c1", "nom=a\x07b", (), "contains control characters"),
    "a megabyte": ("c1", "nom=" + "a" * 100_000, (), "is longer than 2000 characters"),
    "HTML": ("c1", "nom=<script>", (), "contains HTML"),
    "another's id": ("zz", "nom=a", (), 'There is no row with the id "zz" in this layer.'),
    "the id": ("c1", "id=c2", (), '"id" is the id of the row; it can\'t be proposed.'),
    "no such column": ("c1", "nim=a", (), 'There is no published column "nim"; did you mean "nom"?'),
    "not published": ("c1", "commune=a", (), 'There is no published column "commune"; columns: nom.'),
    "no value": ("c1", "nom", (), "--set must be COLUMN=VALUE."),
    "nothing new": ("c1", "nom=Cité 1", (), '"nom" of "c1" already says that.'),
    "a conflict": (
        "c1", "nom=a", ("--seen", "nom=Old"),
        'Conflict: "nom" of "c1" has changed since; it is now "Cité 1".',
    ),
    "an address": ("c1", "nom=a", ("--by", "zoe@example.org"), "--by is not a name that may stand"),
    "a number": ("c1", "nom=a", ("--by", "Zoé 06 12 34 56 78"), "--by is not a name that may stand"),
}  # fmt: skip


def test_hostile_corrections_are_refused_by_name_and_nothing_is_committed(desk: Desk) -> None:
    desk.settings(DATASET_LEAVE_OUT="commune")
    for key, pair, more, why in HOSTILE.values():
        said = desk.type("propose", "--key", key, "--set", pair, *more)
        assert (said.code, said.out) == (64, "")
        assert why in said.err
    assert desk.git("branch", "--list", "umap-bot/*") == ""


CONTACTS = {
    "carte@example.org": "[[mailto:carte@example.org?subject={name} ({id})|Propose a correction]]",
    "https://f.example.org/a": "[[https://f.example.org/a?id={id}&name={name}|Propose a correction]]",
    "https://f.example.org/a?b=1&c={id}": "[[https://f.example.org/a?b=1&c={id}|Propose a correction]]",
}


def test_the_popup_has_a_link_to_propose_a_correction(desk: Desk) -> None:
    for contact, link in CONTACTS.items():
        assert desk.done("template", "--contact", contact).out.splitlines()[-1] == link
    assert desk.type("template", "--contact", "javascript:alert(1)").code == 64


def test_each_layer_of_a_file_has_a_branch_of_its_own_and_a_wrong_one_stops_no_other(desk: Desk) -> None:
    """What is added on a layer gets the value that its rows are told by."""
    zoned = "id,nom,zone,lat,lon\na,A,Nord,45.1,4.1\nb,B,Sud,44.1,4.1\n"
    desk.commit(zoned)
    south = desk.made.add_layer("Sud", {"type": "FeatureCollection", "features": []})
    layers = "".join(
        f'[[layer]]\numap_layer = "{name}"\ndataset_filter = {{ zone = "{zone}" }}\n'
        for name, zone in ((LAYER, "Nord"), ("Sud", "Sud"), ("Est", "Est"))
    )
    own = {**dict(line.split("=", 1) for line in desk.env.read_text("utf-8").splitlines())}
    manifest = desk.folder / "umap-bot.toml"
    settings = "".join(
        f'{name.lower()} = "{own[name]}"\n' for name in ("UMAP_MAP_URL", "DATASET_REPO", "DATASET_PATH")
    )
    manifest.write_text(f'{settings}dataset_rename = {{ nom = "name" }}\n{layers}', "utf-8")
    desk.settings(**dict.fromkeys(("UMAP_LAYER", "DATASET_RENAME")))
    desk.type("sync")
    body, version = desk.made.read(south)
    new = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [4.2, 44.2]},
        "properties": {"name": "C"},
    }
    desk.made.save(south, {**json.loads(body), "features": [*json.loads(body)["features"], new]}, version)
    said = desk.type("propose")
    assert (said.code, 'Layer "Sud"\n1 edit made on the map:\n  + C: added' in said.out) == (13, True)
    assert 'Layer "Cités"\nNothing to propose' in said.out
    assert "Est" in said.err
    assert desk.git("show", f"umap-bot/edits-sud:{FILE}") + "\n" == f"{zoned}c,C,Sud,44.2,4.2\n"


INBOX = """\
id,column,value,seen,contact,Statut
c1,nom,Bron,Cité 1,zoe@example.org,accepté
c1,commune,Parilly,,zoe@example.org,Accepted
c2,nom,Lyon,Cité deux,,ok
c3,nom,=cmd|x,,,ok
zz,nom,x,,,ok
c4,nom,Cité 4,,,ok
c5,nom,not yet,,,
"""


def test_the_accepted_rows_of_an_inbox_are_one_commit_each(desk: Desk) -> None:
    (desk.folder / "inbox.csv").write_text(INBOX, "utf-8")
    said = desk.type("propose", "--inbox", "inbox.csv")
    branch = "umap-bot/corrections-cites"
    assert said.code == 2
    assert said.out == (
        '  ~ Cité 1 (row 2): nom "Cité 1" → "Bron"\n'
        '  ~ Bron (row 2): commune "Ville 1" → "Parilly"\n'
        '  ! inbox.csv, row 4: Conflict: "nom" of "c2" has changed since; it is now "Cité 2". '
        "Compare the two by hand. To propose it all the same, leave out what was seen.\n"
        '  ! inbox.csv, row 5: The value for "nom" begins like a formula (=, +, -, @), which a spreadsheet '
        "may run.\n"
        '  ! inbox.csv, row 6: There is no row with the id "zz" in this layer.\n'
        "1 row is in the file already.\n"
        f"Pushed to the new branch {branch} of {desk.repository}.\n"
    )
    wanted = changed(changed(rows(), "c1", nom="Bron"), "c1", commune="Parilly")
    assert desk.git("show", f"{branch}:{FILE}") + "\n" == _text(wanted)
    assert desk.git("log", "--format=%s", f"main..{branch}").splitlines() == [
        'Correction of commune, "Bron"',
        'Correction of nom, "Cité 1"',
    ]
    assert "example.org" not in desk.git("log", "-p", f"main..{branch}")
    desk.git("merge", "--quiet", branch)
    assert "3 rows are in the file already.\nNothing to propose from inbox.csv." in (
        desk.type("propose", "--inbox", "inbox.csv").out
    )


def test_an_inbox_without_a_status_is_refused(desk: Desk) -> None:
    (desk.folder / "inbox.csv").write_text("id,column,value\nc1,nom,x\n", "utf-8")
    said = desk.type("propose", "--inbox", "inbox.csv")
    assert (said.code, said.err.startswith("umap-bot: inbox.csv has no column status; ")) == (64, True)
