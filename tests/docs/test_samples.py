"""What pages show of a manifest or of messages' addresses can be taken over as it stands."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.docs.examples import PAGES, blocks, translations
from umap_bot.manifest import has_layers, load_all, load_watched
from umap_bot.model.policy import Limit
from umap_bot.notify.post import Post
from umap_bot.schedule.schedule import Schedule
from umap_bot.settings import Settings

MANIFEST = translations("manifest")
MESSAGES = translations("reading")
LINK = "https://umap.example.org/fr/map/anonymous-edit/12:s3cr3t-signature"
MANIFESTS = [(page, number) for page in PAGES for number in range(len(blocks(page, "toml")))]


def loaded(text: str, folder: Path, **environ: str) -> tuple[Settings, ...]:
    """Load a manifest whose secrets are all there; `environ` is the rest of the environment."""
    file = folder / "umap-bot.toml"
    file.write_text(text, encoding="utf-8")
    named = re.findall(r'"env:(\w+)"', text)
    secrets = {name: LINK if name.endswith("_EDIT_LINK") else "s3cr3t" for name in named}
    given = folder / ".env", file, {**secrets, **environ}
    return (*(load_all(*given) if has_layers(file) else ()), *load_watched(*given))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env").write_text("SYNC_DELETED=keep\nSYNC_DRIFT=hold\nGUARD_DELETES=7\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("page", "number"), MANIFESTS)
def test_a_manifest_that_is_shown_can_be_loaded(page: Path, number: int, folder: Path) -> None:
    found = loaded(blocks(page, "toml")[number], folder)
    assert len(found) > 1
    for each in found:
        if each.sync_schedule:
            Schedule.parse(each.sync_schedule, each.sync_timezone)


def test_the_manifests_are_there() -> None:
    """Or the test before this would prove little."""
    assert {page for page, _ in MANIFESTS} >= set(MANIFEST.values())


def test_the_whole_example_means_what_is_said_of_it(folder: Path) -> None:
    (text,) = blocks(MANIFEST["en"], "toml")
    one, two, parks = loaded(text, folder, SYNC_DELETED="recreate")
    assert (one.dataset_filter, two.dataset_filter) == ({"annee_label": "2019"}, {"annee_label": "2022"})
    assert one.umap_map_url == two.umap_map_url != parks.umap_map_url
    assert parks.dataset_seed == ("color", "geometry")
    assert [each.sync_schedule for each in (one, two, parks)] == ["0 6 * * *", "0 6 * * *", "@hourly"]
    # What wins: the layer, its map, the top, the environment, `.env`.
    assert (one.sync_drift, parks.sync_drift) == ("hold", "keep")
    assert [one.guard_deletes, one.sync_deleted] == [Limit(Decimal(20), "features"), "recreate"]
    secrets = [each.umap_edit_link for each in (one, parks)]
    assert [secret and secret.get_secret_value() for secret in secrets] == [LINK, LINK]


@pytest.mark.parametrize("page", MESSAGES.values(), ids=MESSAGES)
def test_the_addresses_of_messages_are_understood(page: Path) -> None:
    (addresses,) = re.findall(r'^NOTIFY_URLS="(.*)"$', page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(addresses.split()) == 2
    assert Post(addresses)
