"""What arrives: by webhook and by mail, for each way that a run can end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.notify.made import (
    BRON,
    DAY,
    GRENOBLE,
    HOUR,
    LAYER,
    MAP_URL,
    NOON,
    WEEK,
    added,
    busy,
    changed,
    held,
    idle,
    refused,
    rows_wait,
    run,
    unreachable,
    unreadable,
    waits,
)
from tests.notify.passes import Passes
from tests.notify.receivers import Post, Web
from tests.plans import but
from umap_bot.model.change import Create
from umap_bot.model.plan import pass_code
from umap_bot.model.run import Run
from umap_bot.model.undo import Undo
from umap_bot.notify.decision import End
from umap_bot.report.desk_links import page_of
from umap_bot.report.language import language
from umap_bot.report.story.acts import Commands


@pytest.fixture
def passes(hook: Web) -> Passes:
    return Passes(urls=f"json://{hook.place}/")


def subjects(hook: Web) -> list[str]:
    return [subject for subject, _ in hook.messages]


def test_a_change_begins_with_what_people_had_written(passes: Passes, hook: Web) -> None:
    passes.go(changed())
    ((subject, body),) = hook.messages
    assert subject == "[Map 484645] 3 of 18 features changed, 1 of them restored from the file"
    lines = body.splitlines()
    assert lines[0].startswith("Edited on the map")
    assert lines[1].startswith('  ! Vénissieux: nom "Saint-Fons" → "St Fons"; saved 23 Nov 2026')
    assert lines[2].endswith("To keep the new value: enter it in cites.csv, row 6, column nom.")
    by_file = lines.index("Changed in the file")
    assert lines[by_file - 1].startswith("File cites.csv, version 3f9c2ab: Zoé, 24 Nov 2026")
    assert lines[by_file + 1] == '  ~ Bron: quartiers "Parilly" → "Parilly;Terraillon"'
    assert lines[by_file + 2].startswith("  ~ Grenoble: moved 11.1 km")
    assert lines[-2:] == [f"See it: {MAP_URL}", "Details: umap-bot show 42"]


def test_the_report_site_is_linked_if_there_is_one(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/", site="https://city.example.org/log/")
    passes.go(changed())
    passes.go(unreachable())
    assert [body.splitlines()[-1] for _, body in hook.messages] == [
        "Details: https://city.example.org/log/run-42.html",
        "The change log: https://city.example.org/log/",
    ]


def test_nothing_is_told_of_nothing(passes: Passes, hook: Web) -> None:
    for end in (run(), run("done"), busy(), run("restless"), run()):
        passes.go(end, WEEK)
    assert hook.requests == []


def test_a_plan_that_waits(passes: Passes, hook: Web) -> None:
    waiting = held()
    passes.go(waiting)
    ((subject, body),) = hook.messages
    assert subject == "[Map 484645] APPROVAL NEEDED: 17 of 18 would be removed."
    lines = body.splitlines()
    assert lines[0] == "Nothing was changed on the map."
    assert "  1. 17 of 18 would be removed. (GUARD_DELETES)" in lines
    assert waiting.plan is not None
    assert lines[lines.index("What you can do") + 1 :][:2] == [
        "  → If the file is wrong, restore version 9c1e77d of cites.csv; nothing else is needed",
        f"  → Remove these 17 features: umap-bot sync --approve {waiting.plan.code}",
    ]


def test_what_waits_is_linked_at_the_desk(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/", desk="https://desk.example.org/")
    waiting = held()
    passes.go(waiting)
    passes.go(changed())
    page = page_of("https://desk.example.org", waiting.layer)
    assert [f"Answer at the desk: {page}" in body.splitlines() for _, body in hook.messages] == [True, False]


def test_what_was_done_and_what_waits_are_one_message(passes: Passes, hook: Web) -> None:
    asked = waits("lyon", BRON)
    passes.go(asked)
    ((subject, body),) = hook.messages
    assert subject.endswith("APPROVAL NEEDED: Somebody removed 1 feature.; 1 of 18 features changed")
    assert "Nothing was changed" not in body
    lines = body.splitlines()
    assert "  ~ Bron: quartiers" in body
    assert lines[lines.index("What you can do") + 1] == "  → Leave it off the map: umap-bot keep lyon"
    assert asked.plan is not None
    assert f"  → Restore it from the file: umap-bot approve {asked.plan.code} lyon" in lines


def test_a_question_is_told_once_and_idle_runs_remind_of_it(passes: Passes, hook: Web) -> None:
    asked = waits("lyon", BRON)
    passes.go(asked)
    passes.go(idle(asked))
    passes.go(waits("lyon", GRENOBLE))  # does something, and asks the same
    again = "[Map 484645] APPROVAL STILL NEEDED, since 24 Nov 2026: Somebody removed 1 feature."
    assert subjects(hook)[1:] == ["[Map 484645] 1 of 18 features changed"]
    passes.go(idle(asked), DAY)
    assert subjects(hook)[2:] == [again]
    passes.go(waits("bron"))
    assert subjects(hook)[3:] == ["[Map 484645] APPROVAL NEEDED: Somebody removed 1 feature."]


def test_a_command_in_a_message_names_the_layer(hook: Web) -> None:
    typed = {f"umap.example.org/map/7/L{number}": ("--layer", f"L {number}") for number in (0, 1)}
    commands = {layer: Commands(chosen=words) for layer, words in typed.items()}
    passes = Passes(urls=f"json://{hook.place}/", commands=commands)
    passes.all(layers(run(), waits()))
    assert "umap-bot keep --layer 'L 1' lyon" in hook.messages[0][1]


def test_what_somebody_approved_is_told_with_the_name(passes: Passes, hook: Web) -> None:
    passes.go(replace(changed(), approved_by="Anne", approved_at=NOON))
    ((_, body),) = hook.messages
    assert "\nApproved by Anne, 24 Nov 2026 12:00\n" in body


def test_rows_that_can_not_be_read(passes: Passes, hook: Web) -> None:
    passes.go(rows_wait())
    ((subject, body),) = hook.messages
    assert subject == "[Map 484645] CORRECTION NEEDED: 1 row in the file must be corrected."
    assert "  ! cites.csv, row 4: id is empty; write bron" in body.splitlines()
    assert "--approve" not in body
    passes.go(rows_wait(), DAY)
    assert "CORRECTION STILL NEEDED, since 24 Nov 2026: 1 row in the file" in subjects(hook)[1]


def test_an_undoing_that_waits_does_not_say_that_there_was_no_sync(passes: Passes, hook: Web) -> None:
    waiting = held()
    assert waiting.plan is not None
    plan = but(waiting.plan, undo=Undo(run=7, said={}, rows={}, left={}))
    passes.go(replace(waiting, kind="rollback", plan=plan))
    body = hook.messages[0][1]
    assert "--approve" in body
    assert "this layer has not been synced yet" not in body


def test_a_plan_that_waits_is_told_again_after_a_day_and_then_weekly(passes: Passes, hook: Web) -> None:
    for day in range(16):
        passes.go(held(), HOUR if day == 0 else DAY)
    again = "[Map 484645] APPROVAL STILL NEEDED, since 24 Nov 2026: 17 of 18 would be removed."
    assert subjects(hook) == ["[Map 484645] APPROVAL NEEDED: 17 of 18 would be removed.", again, again, again]


def test_what_applied_before_a_plan_had_to_wait_is_told(passes: Passes, hook: Web) -> None:
    passes.go(held("17", BRON))
    ((subject, body),) = hook.messages
    assert subject.endswith("APPROVAL NEEDED: 17 of 18 would be removed.; 1 of 18 features changed")
    assert "Nothing was changed on the map." not in body
    assert "~ Bron" in body


def test_trouble_says_since_when_and_the_way_out(passes: Passes, hook: Web) -> None:
    passes.go(run())
    passes.go(refused())
    ((subject, body),) = hook.messages
    assert subject == "[Map 484645] uMap refuses access to the bot"
    lines = body.splitlines()
    assert lines[0].startswith("Since 24 Nov 2026")
    assert "The public map is unchanged. · last success 24 Nov 2026" in lines[0]
    assert lines[1:] == [
        "Cause: The map has an owner now.",
        "What to do: Ask for the rights at https://e.org.",
        "The change log: umap-bot log",
    ]


def test_the_same_trouble_is_not_told_again_and_its_end_is(passes: Passes, hook: Web) -> None:
    for end in (unreadable(), unreadable(), unreadable(), refused(), unreadable()):
        passes.go(end, DAY)
    passes.go(run())
    assert subjects(hook) == [
        "[Map 484645] The file can't be used as it is",
        "[Map 484645] uMap refuses access to the bot",
        "[Map 484645] Working again (down for 4 days)",
    ]
    lines = hook.messages[0][1].splitlines()
    assert lines[1:3] == ["Cause: cites.csv: 20 problems.", "row 20: id is empty"]
    assert lines[-2:] == ["… and 11 more", "The change log: umap-bot log"]


def test_a_trouble_that_stays_is_told_weekly(passes: Passes, hook: Web) -> None:
    for _ in range(8):
        passes.go(refused(), DAY)
    assert subjects(hook)[1] == "[Map 484645] Not resolved since 25 Nov 2026: uMap refuses access to the bot"


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(seconds=3), "1 minute"),
        (timedelta(minutes=50), "50 minutes"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=49), "2 days"),
    ],
)
def test_how_long_it_lasted(passes: Passes, hook: Web, after: timedelta, said: str) -> None:
    passes.go(unreachable())
    passes.go(run(), after)
    assert subjects(hook)[-1] == f"[Map 484645] Working again (down for {said})"


def test_a_recovered_run_that_changed_something_is_one_message(passes: Passes, hook: Web) -> None:
    passes.go(refused())
    passes.go(added("Lyon"), 2 * DAY)
    assert subjects(hook)[1:] == ["[Map 484645] Working again (down for 2 days); 1 added"]


def test_all_is_well_after_a_week_of_silence(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/", heartbeat="weekly")
    for _ in range(9):
        passes.go(run(), DAY)
    assert subjects(hook) == ["[Map 484645] Everything is up to date"]


def test_adoption_and_undoing_are_told_as_such(passes: Passes, hook: Web) -> None:
    passes.go(replace(run("done", BRON), kind="adopt"))
    passes.go(replace(run("done", BRON), kind="rollback"))
    assert subjects(hook) == [
        "[Map 484645] 1 feature got the id of its row",
        "[Map 484645] Undone: 1 of 18 features changed",
    ]


def test_a_mail_holds_the_same(hook: Web, mail: Post) -> None:
    passes = Passes(
        urls=f"json://{hook.place}/  mailto://{mail.place}/?from=bot@example.org&to=people@example.org"
    )
    for end in (changed(), run(), held(), held(), refused(), run()):
        passes.go(end)
    assert len(hook.messages) == 4
    assert [(subject, body.rstrip("\n")) for subject, body in mail.texts] == hook.messages
    assert mail.mails[0]["To"] == "people@example.org"
    assert not mail.mails[0].is_multipart(), "plain text, and nothing else"


def test_people_are_told_in_their_language(passes: Passes, hook: Web) -> None:
    passes.tongue = language("fr")
    passes.go(changed())
    passes.tongue = language("en")
    passes.go(changed())
    in_french, in_english = (body for _, body in hook.messages)
    assert "24 nov. 2026" in in_french
    assert "11,1\u00a0km" in in_french
    assert "24 Nov 2026" in in_english


def test_a_message_that_comes_late_is_told_in_the_language_of_then(passes: Passes, hook: Web) -> None:
    hook.status = 500
    passes.go(changed())
    passes.tongue = language("fr")
    hook.status = 200
    passes.go(run())
    assert "24 nov. 2026" in hook.messages[-1][1]


def layers(*ends: End) -> list[tuple[str, End]]:
    return [(f"umap.example.org/map/7/L{number}", end) for number, end in enumerate(ends)]


def test_up_to_five_layers_have_a_message_each(passes: Passes, hook: Web) -> None:
    passes.all(layers(changed(), held(), refused(), run(), added("Lyon")))
    assert subjects(hook) == [
        '[Map 7, "L0"] 3 of 18 features changed, 1 of them restored from the file',
        '[Map 7, "L1"] APPROVAL NEEDED: 17 of 18 would be removed.',
        '[Map 7, "L2"] uMap refuses access to the bot',
        '[Map 7, "L4"] 1 added',
    ]


def test_more_layers_have_one_message_the_worst_first(passes: Passes, hook: Web) -> None:
    waiting = held("17"), held("18")
    passes.all(layers(changed(), waiting[0], refused(), added("Lyon"), waiting[1], added("Bron"), run()))
    ((subject, body),) = hook.messages
    assert subject == "[6 layers] 1 failing, 2 need approval, 3 changed"
    lines = body.splitlines()
    assert lines[:3] == [
        '[Map 7, "L2"] uMap refuses access to the bot',
        '[Map 7, "L1"] APPROVAL NEEDED: 17 of 18 would be removed.',
        '[Map 7, "L4"] APPROVAL NEEDED: 18 of 18 would be removed.',
    ]
    code = pass_code([run.plan for run in waiting if run.plan])
    assert any(line.endswith(f"umap-bot sync --approve {code}") for line in lines)
    passes.all(layers(*[run()] * 7))
    passes.all(layers(waiting[0], *[refused()] * 6))
    assert subjects(hook)[1:] == [
        '[Map 7, "L2"] Working again (down for 60 minutes)',
        "[7 layers] 6 failing, 1 needs approval",
    ]


def test_all_is_well_is_one_message_for_all(hook: Web) -> None:
    passes = Passes(urls=f"json://{hook.place}/", heartbeat="weekly")
    passes.all(layers(run(), run(), run()))
    passes.all(layers(run(), run(), added("Lyon")), WEEK)
    assert subjects(hook) == ['[Map 7, "L2"] 1 added', "[2 layers] Everything is up to date"]


def test_names_from_a_map_can_write_no_lines_and_call_nobody(passes: Passes, hook: Web) -> None:
    name = "@everyone\n<@1> \x1b[31mred \u202egnitirw\r\nSubject: [Map 1] All is well"
    passes.go(run("done", Create(key="x", name=name, properties={"name": name}, geometry=None)))
    ((subject, body),) = hook.messages
    assert not set("\x1b\u202e\r") & set(subject + body)
    assert not any(line.startswith("Subject:") for line in body.splitlines())
    assert "@everyone" not in body
    assert "<@" not in body
    assert "@ everyone⏎< @1>" in body


LIVE = "[win](https://evil.example) ![i](http://e.example/i.png) @user @**all** <!here> <https://x|y> ||z||"


@pytest.mark.parametrize("way", ["mmost://{}/token", "gotify://{}/token?format=markdown"])
def test_in_a_chat_names_are_no_links_pictures_or_mentions(hook: Web, way: str) -> None:
    passes = Passes(urls=way.format(hook.place), site="https://log.example/map")
    passes.go(run("done", Create(key="x", name=LIVE, properties={"name": LIVE}, geometry=None)))
    (request,) = hook.requests
    told = str(request.json.get("text") or request.json["message"]).replace("\\", "")  # as Markdown shows it
    assert "[win] (https: //evil.example) ![i] (http: //e.example" in told
    assert "@ user @ * *all* *" in told
    assert "< !here> < https: //x|y> | |z| |" in told
    assert "https://log.example/map/run-" in told, "our own address is one to follow"


@pytest.mark.parametrize("way", ["json://{}/", "gotify://{}/token"])
def test_what_is_no_chat_gets_names_as_they_are(hook: Web, way: str) -> None:
    passes = Passes(urls=way.format(hook.place))
    passes.go(run("done", Create(key="x", name=LIVE, properties={"name": LIVE}, geometry=None)))
    assert (
        "[win](https://evil.example) ![i](http://e.example/i.png) @user" in hook.requests[0].json["message"]
    )


def test_a_mail_holds_names_as_text(mail: Post) -> None:
    passes = Passes(urls=f"mailto://{mail.place}/?from=bot@example.org&to=people@example.org&format=html")
    name = '<img src="http://e.example/i.png"><a href="http://e.example">x</a>'
    passes.go(run("done", Create(key="x", name=name, properties={"name": name}, geometry=None)))
    part = mail.mails[0].get_body(("html",))
    assert part is not None
    assert "<img" not in part.get_content()
    assert "<a href" not in part.get_content()


def test_a_reason_from_a_map_can_not_break_the_subject_of_a_mail(mail: Post) -> None:
    passes = Passes(urls=f"mailto://{mail.place}/?from=bot@example.org&to=people@example.org")
    passes.go(held("17\r\nBcc: everybody@example.org\r\n\r\nfree beer" + "x" * 5000))
    ((subject, _),) = mail.texts
    assert mail.mails[0]["Bcc"] is None
    assert subject.startswith("[Map 484645] APPROVAL NEEDED: 17\\u000d⏎Bcc: ")
    assert len(subject) <= 150


def test_a_long_body_is_cut_aloud_and_says_where_the_whole_is(passes: Passes, hook: Web) -> None:
    many = [Create(key=str(n), name="n" * 400, properties={}, geometry=None) for n in range(40)]
    passes.go(run("done", *many))
    ((_, body),) = hook.messages
    assert len(body) <= 3000
    lines = body.splitlines()
    assert lines[-3].startswith("… and ")
    assert lines[-2:] == [f"See it: {MAP_URL}", "Details: umap-bot show 42"]


def test_of_many_features_some_are_named_and_the_others_counted(passes: Passes, hook: Web) -> None:
    many = [Create(key=str(n), name=f"n{n}", properties={}, geometry=None) for n in range(40)]
    passes.go(run("done", *many))
    assert "  … and 30 more" in hook.messages[0][1].splitlines()


def test_what_is_hidden_stays_so(passes: Passes, hook: Web) -> None:
    def without_values(layer: str, end: End) -> End:
        assert layer == LAYER
        return replace(end, applied=(replace(BRON, fields=()),)) if isinstance(end, Run) else busy()

    passes.hide = without_values
    passes.go(run("done", BRON))
    assert "Parilly" not in hook.messages[0][1]
    passes.go(refused())
    assert len(hook.messages) == 1


def test_a_layer_that_ran_twice_is_told_of_in_order(passes: Passes, hook: Web) -> None:
    first, second = "umap.example.org/map/7/A", "umap.example.org/map/7/B"
    passes.all([(first, refused()), (second, added("Lyon")), (first, added("Bron"))])
    assert subjects(hook) == [
        '[Map 7, "A"] uMap refuses access to the bot',
        '[Map 7, "B"] 1 added',
        '[Map 7, "A"] Working again (down for 1 minute); 1 added',
    ]


def test_a_layer_of_any_name_has_a_subject(passes: Passes, hook: Web) -> None:
    passes.all([("umap.example.org/map/7/a/map/8/b", added("Lyon")), ("odd", added("Lyon"))])
    assert subjects(hook) == ['[Map 7, "a/map/8/b"] 1 added', "[odd] 1 added"]
    assert LAYER not in passes.memory.kept
