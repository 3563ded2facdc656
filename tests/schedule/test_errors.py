"""Lines and zones that are none: one sentence, the wrong field, an example, and nothing of what was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from umap_bot.errors import SettingsError
from umap_bot.report.language import language
from umap_bot.schedule import clock
from umap_bot.schedule.clock import zone_of
from umap_bot.schedule.crontab import read_line
from umap_bot.settings import Settings, load

FIELDS = {
    "minute": ["60 * * * *", "1000 * * * *", "*/0 * * * *", "*/61 * * * *", "10-5 * * * *", "mon * * * *"],
    "hour": ["0 24 * * *", "0 5-24 * * *", "0 */25 * * *", "0 6/2 * * *", "0 -1 * * *", "0 +6 * * *"],
    "day of month": [
        "0 6 0 * *",
        "0 6 32 * *",
        "0 6 1,,2 * *",
        "0 6 1, * *",
        "0 6 ,1 * *",
        "0 6 L * *",
        "0 6 ? * *",
    ],
    "month": ["0 6 * 0 *", "0 6 * 13 *", "0 6 * january *", "0 6 * dec-jan *", "0 6 * mon *", "0 6 * */13 *"],
    "day of week": [
        "0 6 * * 8",
        "0 6 * * monday",
        "0 6 * * jan",
        "0 6 * * fri-mon",
        "0 6 * * sat-sun",
        "0 6 * * 1#2",
    ],
}
PLACES = [(name, line) for name, lines in FIELDS.items() for line in lines]


@pytest.mark.parametrize(("name", "line"), PLACES)
def test_the_wrong_field_is_named(name: str, line: str) -> None:
    told = refusal(line)
    assert told.startswith(f"{name}: ")
    assert told.endswith("; for example, 0 6 * * * means every day at 6:00")


UNREAD = [
    "",
    "x",
    "٣",
    "5-",
    "-5",
    "*-5",
    "*5",
    "5*",
    "*/",
    "*/-1",
    "1-5-9",
    "1//2",
    "5/10",
    "5-5/10",
    "05-5/10",
    "1.5",
    "0x5",
    "1~5",
    "٠",
    "99999",
    "1-٥",
]


@pytest.mark.parametrize("minute", UNREAD[1:])
def test_what_is_no_field(minute: str) -> None:
    assert refusal(f"{minute} * * * *").startswith("minute: ")


SENTENCES = {
    "0 6 * * * umap-bot sync": "it has 7 fields, not five: minute, hour, day of month, month, day of week",
    "0 0 6 * * *": "it has 6 fields, not five: minute, hour, day of month, month, day of week",
    "daily": "it has 1 field, not five: minute, hour, day of month, month, day of week",
    "@reboot": "@reboot does not name a time",
    "@fortnightly": "a word with @ must stand alone, and be one of @hourly, @daily,",
    "@daily umap-bot sync": "a word with @ must stand alone, and be one of @hourly, @daily,",
    "0 25 * * *": "hour: the values are 0 to 23;",
    "0 6 * * 9": "day of week: the values are 0 to 7 (0 and 7 are Sunday), or sun to sat;",
    "0 6 * 13 *": "month: the values are 1 to 12 or jan to dec;",
    "0 6 * * sat-sun": "day of week: a range goes backwards; write Sunday at its end as 7, as in sat-7;",
    "0 22-6 * * *": "hour: a range goes backwards;",
    "*/90 * * * *": "minute: a step is from 1 to 60;",
    "0 0 30 2 *": "it names a day that does not exist;",
    "0 0 31 feb,apr,jun,sep,nov *": "it names a day that does not exist;",
    "0 0 30 2 */2": "it names a day that does not exist;",
}


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence(line: str) -> None:
    assert refusal(line).startswith(SENTENCES[line])


ZONES = [
    "",
    "Paris",
    "CEST+2",
    "Europe",
    "Europe/Lyon",
    "../etc/passwd",
    "/etc/passwd",
    "zone.tab",
    "a\0b",
    "\udc80",
    "utc ",
]


@pytest.mark.parametrize("name", ZONES)
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match=r"^it is not the name of a time zone, such as Europe/Paris$"):
        zone_of(name)


def test_a_machine_without_time_zones_still_has_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_zone", lambda name: None)
    zone_of("UTC")
    with pytest.raises(ValueError, match="this machine has no time zone data except UTC; install the tzdata"):
        zone_of("Europe/Rome")


def test_settings_tell_both_at_once_and_nothing_of_what_was_given(tmp_path: Path) -> None:
    told = settings_error(tmp_path, SYNC_SCHEDULE="0 geheim * * *", SYNC_TIMEZONE="geheim")
    assert "geheim" not in told
    assert told.startswith(
        "SYNC_SCHEDULE: hour: the values are 0 to 23; for example, 0 6 * * * means every day at 6:00; "
    )
    assert (
        "; SYNC_TIMEZONE: it is not the name of a time zone, such as Europe/Paris. Settings come from "
    ) in told


@pytest.mark.parametrize(
    ("line", "zone"), [("", ""), ("  ", "UTC"), ("@daily", "Europe/Paris"), (" 0 6 * * * ", "Asia/Tokyo")]
)
def test_settings_that_are_right(tmp_path: Path, line: str, zone: str) -> None:
    env = written(tmp_path, SYNC_SCHEDULE=f"'{line}'", SYNC_TIMEZONE=zone)
    settings = load(Settings, env, {})
    assert (settings.sync_schedule, settings.sync_timezone) == (line.strip(), zone or "UTC")


def test_a_refusal_can_be_said_again() -> None:
    """Its values are kept apart from its words, to the innermost."""
    with pytest.raises(ValueError, match="hour") as caught:
        read_line("0 25 * * *")
    told = caught.value.args[0]
    assert told.values["problem"].template == "{field}: the values are {values}"
    assert language("en").say(told) == str(told)


def refusal(line: str) -> str:
    with pytest.raises(ValueError, match="; for example, 0 6 ") as caught:
        read_line(line)
    return str(caught.value)


def settings_error(folder: Path, **values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(Settings, written(folder, **values), {})
    return str(caught.value)


def written(folder: Path, **values: str) -> Path:
    needed = {"UMAP_MAP_URL": "https://umap.example/m/1", "DATASET_REPO": "x", "DATASET_PATH": "x.csv"}
    env = folder / "settings.env"
    env.write_text("".join(f"{name}={value}\n" for name, value in {**needed, **values}.items()), "utf-8")
    return env
