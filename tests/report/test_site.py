"""The pages as text, and the folder that they are written into."""

from __future__ import annotations

import re
import stat
import struct
import zlib
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.browser import made
from tests.plans import but
from umap_bot import redaction
from umap_bot.errors import SettingsError
from umap_bot.model.run import Run
from umap_bot.report.desk_links import page_of
from umap_bot.report.formats.terminal import clean
from umap_bot.report.language import language
from umap_bot.report.site.markup import HtmlWriter
from umap_bot.report.site.picture import HEIGHT, WIDTH, picture
from umap_bot.report.site.rows import figures
from umap_bot.report.site.site import LoggedRun, Site
from umap_bot.report.site.write import write_site
from umap_bot.report.status import GRACE
from umap_bot.report.story.sentences import run_story
from umap_bot.report.story.story import Diff
from umap_bot.text import say, verbatim

EN = HtmlWriter(language("en"))


def pages(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text("utf-8")
        for file in sorted(folder.rglob("*.html"))
    }


def states(folder: Path) -> dict[str, tuple[int, int]]:
    """Return each file, with what would change if it were written anew."""
    return {
        file.relative_to(folder).as_posix(): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file()
    }


def numbers(folder: Path) -> set[int]:
    return {int(name) for page in pages(folder) for name in re.findall(r"run-(\d+)", page)}


class TestFolder:
    def test_a_site_is_complete_and_a_web_server_can_read_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "www" / "journal"
        written = made.write(folder, made.site(*made.story()), feed=made.FEED)
        assert set(pages(folder)) == {
            f"{place}{page}.html"
            for place in ("", "en/")
            for page in ("index", *(f"run-{run.number}" for run in made.story()))
        }
        assert written.pages == len(pages(folder))
        assert (folder / "feed.atom").read_text() == (folder / "en" / "feed.atom").read_text() == made.FEED
        modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
        assert modes == {0o644}
        assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "en", folder / "assets")} == {
            0o755
        }

    def test_all_that_pages_name_is_there(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()), feed=made.FEED)
        for page, text in pages(tmp_path).items():
            for link in re.findall(r'(?:href|src)="([^"#:]+)"', text):
                assert (tmp_path / page).parent.joinpath(link).is_file(), f"{page}: {link}"

    def test_what_did_not_change_is_not_written_again(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()))
        before = states(tmp_path)
        assert made.write(tmp_path, made.site(*made.story())).changed == 0
        assert states(tmp_path) == before

    def test_only_runs_without_a_page_are_fetched(self, tmp_path: Path) -> None:
        runs = made.story()
        made.write(tmp_path, made.site(*runs[1:]))
        asked: list[int] = []

        def whole(number: int) -> LoggedRun | None:
            asked.append(number)
            return next((LoggedRun(run, None) for run in runs if run.number == number), None)

        write_site(tmp_path, made.site(*runs), whole, language("fr"))
        assert set(asked) == {42, 41}, "the new one, and the one that got a neighbour"

    def test_what_waits_is_linked_at_the_desk(self, tmp_path: Path) -> None:
        waits = made.state(status="waiting", code="7K2M-9QXT-4HB0-D3WZ")
        desk = "https://desk.example.org"
        made.write(tmp_path, made.site(*made.story(), layers=(waits,), desk_url=desk))
        assert f'href="{page_of(desk, waits.name)}"' in pages(tmp_path)["index.html"]
        assert f'href="{desk}' not in pages(tmp_path)["run-42.html"]
        made.write(tmp_path, made.site(*made.story(), desk_url=desk))
        assert f'href="{desk}' not in pages(tmp_path)["index.html"]

    @pytest.mark.parametrize(
        "change",
        [{"shape": "hidden"}, {"project_url": "https://example.org"}, {"title": verbatim("Another")}],
    )
    def test_a_page_is_made_anew_if_what_it_depends_on_differs(
        self, tmp_path: Path, change: dict[str, Any]
    ) -> None:
        made.write(tmp_path, made.site(*made.story()))
        asked: list[int] = []
        site = made.site(*made.story(), **change)

        def whole(number: int) -> LoggedRun | None:
            asked.append(number)
            return next(LoggedRun(run, None) for run in site.runs if run.number == number)

        write_site(tmp_path, site, whole, language("fr"))
        assert set(asked) == {run.number for run in made.story()}

    def test_pages_of_runs_that_are_gone_go_and_nothing_else(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()))
        (tmp_path / "run-1.html").write_text("<p>a page of somebody else's</p>")
        (tmp_path / "notes.html").write_text("<p>another</p>")
        (tmp_path / "assets" / "logo.svg").write_text("<svg/>")
        (tmp_path / "assets" / "site.0123456789ab.css").write_text("old")
        written = made.write(tmp_path, made.site(*made.story()[:2]))
        assert numbers(tmp_path) == {1, 41, 42}
        assert (tmp_path / "notes.html").is_file()
        assert (tmp_path / "assets" / "logo.svg").is_file()
        assert not (tmp_path / "assets" / "site.0123456789ab.css").exists()
        assert written.removed == 2 * 4 + 1

    def test_another_main_language_leaves_no_pages_behind(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()), "fr", feed=made.FEED)
        made.write(tmp_path, made.site(*made.story()), "en", feed=made.FEED)
        assert '<html lang="en">' in pages(tmp_path)["index.html"]
        assert '<html lang="fr">' in pages(tmp_path)["fr/run-42.html"]
        assert not [page for page in pages(tmp_path) if page.startswith("en/")]
        assert not (tmp_path / "en" / "feed.atom").exists()

    @pytest.mark.parametrize("index", ["<h1>Our town</h1>", "", "<!-- umap-bot -->"])
    def test_a_site_of_somebody_else_is_left_alone(self, tmp_path: Path, index: str) -> None:
        (tmp_path / "index.html").write_text(index)
        before = states(tmp_path)
        with pytest.raises(SettingsError, match="umap-bot did not write"):
            made.write(tmp_path, made.site(*made.story()))
        assert states(tmp_path) == before
        assert [path.name for path in tmp_path.iterdir()] == ["index.html"]

    @pytest.mark.parametrize(
        "name", ["run-42.html", "feed.atom", "en/index.html", "en/run-42.html", "en/feed.atom"]
    )
    def test_a_file_of_somebody_else_is_left_alone(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "en").mkdir()
        (tmp_path / name).write_text("<p>Somebody else's")
        before = states(tmp_path)
        with pytest.raises(SettingsError, match=f"has a file {name} that umap-bot did not write"):
            made.write(tmp_path, made.site(*made.story()), feed=made.FEED)
        assert states(tmp_path) == before

    @pytest.mark.parametrize("name", ["en", "fr", "assets"])
    def test_a_folder_that_is_a_link_leads_nowhere(self, tmp_path: Path, name: str) -> None:
        elsewhere, ours = tmp_path / "elsewhere", tmp_path / "ours"
        made.write(elsewhere, made.site(*made.story()), feed=made.FEED)
        before = states(elsewhere)
        ours.mkdir()
        (ours / name).symlink_to(elsewhere)
        with pytest.raises(SettingsError, match=f"{name} is a link"):
            made.write(ours, made.site(*made.story()), feed=made.FEED)
        assert states(elsewhere) == before
        assert [path.name for path in ours.iterdir()] == [name]

    def test_a_link_to_a_page_of_ours_is_somebody_elses(self, tmp_path: Path) -> None:
        made.write(tmp_path / "elsewhere", made.site(*made.story()))
        (tmp_path / "ours").mkdir()
        (tmp_path / "ours" / "index.html").symlink_to(tmp_path / "elsewhere" / "index.html")
        with pytest.raises(SettingsError, match="umap-bot did not write"):
            made.write(tmp_path / "ours", made.site(*made.story()))

    def test_a_folder_that_is_linked_as_a_whole_is_meant(self, tmp_path: Path) -> None:
        (tmp_path / "www").symlink_to(tmp_path / "site")
        (tmp_path / "site").mkdir()
        made.write(tmp_path / "www", made.site(*made.story()))
        assert made.write(tmp_path / "www", made.site(*made.story())).changed == 0

    def test_two_sites_in_one_folder_do_not_delete_each_other(self, tmp_path: Path) -> None:
        def site(*names: str) -> Site:
            return made.site(*made.story(), layers=tuple(made.state(name=name) for name in names))

        made.write(tmp_path, site("a", "b"))
        before = states(tmp_path)
        for others in (("c",), ("b", "c")):
            with pytest.raises(SettingsError, match="contains the pages of other layers"):
                made.write(tmp_path, site(*others))
        assert states(tmp_path) == before
        for same in (("a", "b", "c"), ("a",), ("a", "d")):
            made.write(tmp_path, site(*same))

    def test_a_dangling_link_in_the_place_of_the_index_is_somebody_elses(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").symlink_to(tmp_path / "nowhere")
        with pytest.raises(SettingsError):
            made.write(tmp_path, made.site(*made.story()))

    def test_a_folder_that_is_a_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "site").write_text("a file")
        with pytest.raises(SettingsError, match="can't be used"):
            made.write(tmp_path / "site", made.site())

    def test_a_write_that_fails_leaves_the_old_page_and_no_litter(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made.write(tmp_path, made.site(*made.story()[1:]))
        before = pages(tmp_path)["index.html"]
        real = Path.replace

        def full(path: Path, target: Path) -> Path:
            if Path(target).name == "index.html":
                raise OSError(28, "No space left on device")
            return real(path, target)

        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(SettingsError, match="No space left"):
            made.write(tmp_path, made.site(*made.story()))
        assert pages(tmp_path)["index.html"] == before
        assert not list(tmp_path.rglob(".*"))


class TestPages:
    def test_the_index_names_every_run_and_links_its_page(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story(), older=12), "en")
        text = pages(tmp_path)["index.html"]
        assert [int(number) for number in re.findall(r'<th [^>]*><a href="run-(\d+)', text)] == [
            run.number for run in made.story()
        ]
        assert "and 4 more times" in text
        assert "28 checks since then with nothing to do" in text
        assert "12 older runs" in text

    def test_a_plan_that_waits_shows_its_code_and_reasons(self, tmp_path: Path) -> None:
        held = made.story()[3]
        assert held.plan
        waits = made.state(status="waiting", code=held.plan.code, last=held.number)
        made.write(tmp_path, made.site(held, layers=(waits,)), "en")
        assert f"approval code <bdi>{held.plan.code}</bdi>" in pages(tmp_path)["index.html"]
        assert "would be removed" in pages(tmp_path)["run-39.html"]

    def test_a_run_that_a_person_approved_says_who(self, tmp_path: Path) -> None:
        approved = replace(
            made.story()[0], approved_by="<b>Anne", approved_at=datetime(2026, 11, 24, 12, tzinfo=UTC)
        )
        made.write(tmp_path, made.site(approved), "en")
        for page, word in (("index.html", "approved by"), (f"run-{approved.number}.html", "Approved by")):
            assert f"{word} <bdi>&lt;b&gt;Anne</bdi>, " in pages(tmp_path)[page]

    def test_a_site_without_runs_says_so(self, tmp_path: Path) -> None:
        never = made.state(status="never", checked=None, due=None, success=None, last=None, checks=0)
        made.write(tmp_path, made.site(layers=(never,)), "en")
        assert "No runs yet." in pages(tmp_path)["index.html"]
        assert "Not checked yet." in pages(tmp_path)["index.html"]

    def test_a_long_run_is_cut_aloud_on_the_index_and_whole_on_its_page(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(made.many(100)), "en")
        index, page = pages(tmp_path)["index.html"], pages(tmp_path)["run-50.html"]
        assert index.count(" data-k=") == 20 + 20 + 20
        assert "… and <bdi>" not in index
        assert "… and 30 more lines" in index
        assert page.count(" data-k=") == 100

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ssh://git@example.org/x", 'https://x"onclick="'])
    def test_only_web_addresses_are_linked(self, tmp_path: Path, url: str) -> None:
        run = made.story()[0]
        assert run.plan
        evil = replace(run, plan=but(run.plan, map_url=url))
        made.write(tmp_path, made.site(evil, layers=(made.state(map_url=url),), project_url=url), "en")
        for text in pages(tmp_path).values():
            assert not [link for link in Attributes.of(text, "href") if link.startswith(url[:9])]

    def test_each_version_of_the_file_is_linked(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()), "en")
        link = f"https://github.com/labo/cartes/commit/{made.COMMIT.sha}"
        assert link in Attributes.of(pages(tmp_path)["run-42.html"], "href")

    def test_a_secret_that_got_into_a_name_is_starred_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
        secret = "ghq_16C7e42F292c6912E7710c838347Ae178B4a"
        redaction.add_secret(secret)
        named = made.plan((made.created("x", secret, made.point(4.8, 45.7), communes=secret),))
        made.write(tmp_path, made.site(made.run(42, "done", made.NOW, named)), "en")
        assert not [page for page, text in pages(tmp_path).items() if secret in text]

    def test_times_of_the_state_can_be_read_by_scripts(self, tmp_path: Path) -> None:
        due = made.NOW + timedelta(hours=1)
        state = made.state(due=due)
        made.write(tmp_path, made.site(*made.story(), layers=(state,)), "en")
        index = pages(tmp_path)["index.html"]
        assert f'data-late="{(due + GRACE).isoformat()}"' in index
        assert state.checked
        assert f'Checked <time datetime="{state.checked.isoformat()}">24 Nov 2026 07:00</time>' in index

    def test_the_newest_change_comes_first_whatever_came_after_it(self, tmp_path: Path) -> None:
        failed, held = (replace(run, number=run.number + 10) for run in made.story()[2:4])
        made.write(tmp_path, made.site(held, failed, *made.story()[1:]), "en")
        shown = pages(tmp_path)["index.html"].partition('class="newest"')[2]
        assert 'href="run-41.html">Run 41' in shown.partition("</h3>")[0]
        assert "Latest change</h2>" in shown
        made.write(tmp_path, made.site(held, failed), "en")
        assert "Latest run</h2>" in pages(tmp_path)["index.html"], "as long as nothing was changed"

    def test_what_was_settled_is_quiet(self, tmp_path: Path) -> None:
        runs = made.story()
        held = runs[3].plan
        assert held
        made.write(tmp_path, made.site(*runs), "en")
        line = re.findall(r"<tr role=.*?</tr>", pages(tmp_path)["index.html"])[-3]
        assert 'class="settled"' in line
        assert '<span class="badge settled">settled</span>' in line
        assert "approval was needed: " in line
        assert "settled by run 41" in line
        page = pages(tmp_path)["run-39.html"]
        assert '<article class="run settled">' in page
        assert '<a class="badge settled" href="run-41.html">settled by run 41</a>' in page
        for text in (line, page):
            assert "NEEDED" not in text
            assert held.code not in text

    def test_the_legend_counts_only_what_changed_in_this_run(self, tmp_path: Path) -> None:
        changes, drift, unmanaged = made.every_kind()
        standing = replace(drift[1], standing=True)
        told = made.plan(changes, (drift[0], standing), (replace(unmanaged[0], standing=True),))
        made.write(tmp_path, made.site(made.run(42, "done", made.NOW, told)), "en")
        legend = re.findall(
            r'value="(\w+)"><i .*?</i>[^<]*(?:<span class="count">(\d+))?', pages(tmp_path)["run-42.html"]
        )
        assert legend == [
            ("added", "3"), ("changed", "2"), ("moved", "1"), ("removed", "2"), ("people", "1"), ("kept", ""),
        ]  # fmt: skip

    def test_the_legend_of_a_run_that_only_asks_says_what_it_would_do(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()), "en")
        assert "</i>to be removed <span" in pages(tmp_path)["run-39.html"]
        assert "</i>removed <span" in pages(tmp_path)["run-42.html"]

    def test_a_layer_that_needs_somebody_says_why(self, tmp_path: Path) -> None:
        for run, status, why in (
            (made.story()[2], "trouble", "umap.openstreetmap.fr</bdi> did not answer in time."),
            (made.story()[3], "waiting", "would be removed. Limit"),
        ):
            made.write(tmp_path, made.site(run, layers=(made.state(status=status, last=run.number),)), "en")
            (reason,) = re.findall(r'<p class="reason">.*?</p>', pages(tmp_path)["index.html"])
            assert why in reason


class TestSharing:
    URL = "https://cartes.example/journal"

    def test_the_index_has_a_picture_of_the_newest_change_where_others_find_it(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story(), url=self.URL), "fr")
        (file,) = (tmp_path / "assets").glob("change.*.png")
        for page, place in (("index.html", ""), ("en/index.html", "en/")):
            told = metas(pages(tmp_path)[page])
            assert told["og:image"] == f"{self.URL}/assets/{file.name}"
            assert told["og:url"] == f"{self.URL}/{place}index.html"
            assert "Villeurbanne" in told["og:description"]
        assert "og:image" not in metas(pages(tmp_path)["run-39.html"])
        assert metas(pages(tmp_path)["run-39.html"])["og:url"] == f"{self.URL}/run-39.html"

    def test_a_newer_change_has_its_own_and_pages_of_runs_stay(self, tmp_path: Path) -> None:
        made.write(tmp_path, made.site(*made.story()[1:], url=self.URL))
        (old,) = (tmp_path / "assets").glob("change.*.png")
        before = states(tmp_path)
        made.write(tmp_path, made.site(*made.story(), url=self.URL))
        (new,) = (tmp_path / "assets").glob("change.*.png")
        assert new.name != old.name
        assert states(tmp_path)["run-39.html"] == before["run-39.html"]

    @pytest.mark.parametrize("url", ["", "javascript:alert(1)", 'https://x"onclick="'])
    def test_without_an_address_nothing_is_promised(self, tmp_path: Path, url: str) -> None:
        made.write(tmp_path, made.site(*made.story(), url=url))
        for page in pages(tmp_path).values():
            assert not {"og:image", "og:url"} & set(metas(page))

    def test_the_picture_shows_each_kind_in_its_colour(self) -> None:
        told = picture(figures(run_story(made.story()[0], None), 500))
        size, palette, rows = png(told)
        assert size == (WIDTH, HEIGHT)
        shown = {palette[index] for index in set(b"".join(rows))}
        css = files("umap_bot.report.site").joinpath("assets", "site.css").read_text("utf-8")
        for kind in ("added", "changed", "moved", "removed", "people"):
            (colour, *_) = re.findall(rf"--{kind}: #(\w+);", css)
            assert bytes.fromhex(colour) in shown, kind
        assert told == picture(figures(run_story(made.story()[0], None), 500)), "the same at each run"

    def test_one_place_lies_in_the_middle_and_none_is_no_picture(self) -> None:
        here = made.point(4.8, 45.7)
        _, palette, rows = png(picture([(1, "changed", None, here)]))
        assert palette[rows[HEIGHT // 2][WIDTH // 2]] == bytes.fromhex("005f9e")
        assert picture([]) == b""

    def test_a_shape_of_any_number_of_corners_is_drawn_within_bounds(self) -> None:
        ring = [[turn % 360 - 180, turn % 170 - 85] for turn in range(0, 200_000, 7)]
        members: list[Any] = [
            {"type": "Polygon", "coordinates": [ring]},
            {"type": "MultiPoint", "coordinates": ring},
        ]
        told = picture([(1, "added", None, {"type": "GeometryCollection", "geometries": members})])
        assert png(told)[0] == (WIDTH, HEIGHT)


def png(content: bytes) -> tuple[tuple[int, ...], list[bytes], list[bytes]]:
    """Return width and height, the colours, and the rows of a picture with a palette."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        chunks[kind] = content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length) == (zlib.crc32(kind + chunks[kind]),)
        at += 12 + length
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    body = zlib.decompress(chunks[b"IDAT"])
    palette = [chunks[b"PLTE"][index : index + 3] for index in range(0, len(chunks[b"PLTE"]), 3)]
    rows = [body[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height)]
    return (width, height), palette, rows


def metas(page: str) -> dict[str, str]:
    return {
        name: unescape(said) for name, said in re.findall(r'<meta property="(.*?)" content="(.*?)">', page)
    }


class Attributes(HTMLParser):
    """Collects the values of an attribute."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == self.name]

    @classmethod
    def of(cls, text: str, name: str) -> list[str]:
        parser = cls(name)
        parser.feed(text)
        return parser.found


class Words(HTMLParser):
    """Collects the tags and the words of a page's part."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from([*made.HOSTILE[:-1], "\ud800", "&lt;b&gt;", "a\nb", "\ufdd0\ufdd1\ufdd2"]),
)


class TestMarkup:
    @given(hostile)
    def test_a_name_is_text_and_stands_apart(self, name: str) -> None:
        told = Words(EN.name(verbatim(name)))
        assert told.tags == {"bdi"}
        assert told.words == clean(name.replace("\n", "⏎"))

    @given(hostile, hostile)
    def test_values_in_a_sentence_stand_apart_and_the_words_around_them_stay(
        self, one: str, two: str
    ) -> None:
        told = Words(EN.text(say("{one} or {names:and}.", one=one, names=(two, one))))
        assert told.tags <= {"bdi"}
        assert " or " in told.words
        assert told.words.endswith(".")
        assert clean(told.words) == told.words

    @given(hostile, hostile)
    def test_a_difference_shows_both_values(self, before: str, after: str) -> None:
        told = Words(EN.diff(Diff(verbatim("column"), before, after)))
        assert told.tags <= {"b", "bdi", "del", "ins"}
        assert told.words.startswith("column ")

    @pytest.mark.parametrize("length", [400, 10_000])
    def test_a_long_value_is_folded_and_whole(self, length: int) -> None:
        told = EN.diff(Diff(verbatim("column"), None, "x" * length))
        assert f"<div><bdi>{'x' * length}</bdi></div>" in told
        assert "show all" in told

    def test_what_only_grew_is_one_text_with_a_mark(self) -> None:
        told = EN.diff(Diff(verbatim("quartiers"), "Parilly", "Parilly;Terraillon"))
        assert told == "<b><bdi>quartiers</bdi></b> <bdi>Parilly<ins>;Terraillon</ins></bdi>"

    def test_an_address_of_ours_is_a_link(self) -> None:
        told = EN.text(say("See it: {address}", address="https://example.org/a?b=1&c=2"))
        assert Attributes.of(told, "href") == ["https://example.org/a?b=1&c=2"]


def test_a_run_that_went_while_the_site_was_written_has_no_page(tmp_path: Path) -> None:
    runs: tuple[Run, ...] = made.story()
    written = write_site(tmp_path, made.site(*runs), lambda _: None, language("en"))
    assert numbers(tmp_path) == set()
    assert written.pages == 2
