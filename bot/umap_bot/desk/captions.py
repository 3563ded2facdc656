"""The words of the desk's own pages."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from umap_bot.desk.jobs import Kind
from umap_bot.model.access import Deed, Role
from umap_bot.model.run import Approval
from umap_bot.report.story.words import SOMEONE
from umap_bot.text import Text, say

CAPTIONS: Final[dict[str, Text]] = {
    "desk": say("Desk"),
    "layers": say("Layers"),
    "log": say("Log"),
    "people": say("People"),
    "settings": say("Settings"),
    "leave": say("Sign out"),
    "menu": say("Pages of the desk"),
    "acts_of_layer": say("What you can do with this layer"),
    "look": say("Show what a sync would do"),
    "sync": say("Sync now"),
    "see_map": say("See the map"),
    "waits": say("Needs your approval"),
    "nothing_waits": say("Nothing waits for your approval."),
    "answered": say("Answered. The next sync carries it out."),
    "keepers_only": say("Only keepers can decide, sync or undo."),
    "at_a_terminal": say("At a terminal"),
    "decided": say("Decided"),
    "take_back": say("Take back"),
    "done_here": say("Done at the desk"),
    "last_runs": say("Latest runs"),
    "whole_log": say("The whole log"),
    "undo_look": say("Show what undoing would do"),
    "undo": say("Undo this run"),
    "undo_approved": say("Approve, and undo this run"),
    "working": say("Working"),
    "working_hint": say("This page renews itself every two seconds. You can leave it: the work goes on."),
    "to_layer": say("To the layer"),
    "to_run": say("The run in the log"),
    "failed": say("It did not work"),
    "done": say("Done"),
    "search": say("Search"),
    "search_features": say("Find a feature by name or id"),
    "found": say("Features"),
    "none_found": say("No feature of the log has this name or id."),
    "older": say("Older runs"),
    "feature_of": say("Everything that happened to it"),
    "invite": say("Invite somebody"),
    "name": say("Name"),
    "role": say("Role"),
    "invite_now": say("Make a link"),
    "link_made": say("Send this link to the person you invite."),
    "link_hint": say("It works once, within 7 days. It is shown only now, and kept nowhere."),
    "status": say("Status"),
    "end": say("End access"),
    "by": say("invited by"),
    "setting": say("Setting"),
    "value": say("Value"),
    "secret": say("(set, not shown)"),
    "settings_hint": say("Settings are changed where the bot runs. Secrets and folders are not shown."),
    "door_title": say("Sign in to the desk"),
    "open": say("Open the desk"),
    "door_hint": say("The link works once: this browser stays signed in."),
    "door_closed": say(
        "This link does not work: it was used already, has expired, or was withdrawn. Ask a keeper for a new "
        "one."
    ),
    "signed_out": say("You are not signed in. Open the link that you were sent, or ask a keeper for one."),
    "signed_out_hint": say("At a terminal: umap-bot desk invite NAME --role keeper"),
    "too_many": say("Too many attempts from this address. Try again in ten minutes."),
    "not_allowed": say("Only keepers can do this."),
    "not_found": say("There is no such page."),
    "back": say("Back"),
    "upload": say("Upload a new version of the file"),
    "upload_hint": say(
        "It is checked first, and you see what a sync would do. Nothing is published before you say so."
    ),
    "file_label": say("File"),
    "message_label": say("What has changed (optional)"),
    "upload_now": say("Check this file"),
    "publish_now": say("Publish this file, and sync"),
    "publish_hint": say("This commits the file to the repository in your name."),
}

ROLES: Final[dict[Role, Text]] = {
    "reader": say("reader: sees everything, changes nothing"),
    "keeper": say("keeper: decides, syncs, undoes, invites"),
}

ROLE_NAMES: Final[dict[Role, Text]] = {"reader": say("reader"), "keeper": say("keeper")}

JOBS: Final[dict[Kind, Text]] = {
    "plan": say("What a sync would do"),
    "sync": say("Sync"),
    "keep": say("Keep what is on the map"),
    "look": say("What undoing would do"),
    "undo": say("Undo"),
    "file": say("A new version of the file"),
    "publish": say("Publish the file"),
}


def signed_in(name: str, role: Role) -> Text:
    return say("{name} ({role})", name=name, role=ROLE_NAMES[role])


def invited(name: str) -> Text:
    return say("You were invited as {name}.", name=name)


def begun(by: str, at: datetime) -> Text:
    return say("Started by {name}, {time}", name=by, time=at)


def deed(each: Deed) -> Text:
    return say("{what} · {name}, {time}", what=each.said, name=each.by, time=each.at)


def since(time: datetime, run: int) -> Text:
    return say("Approval needed since {time} (run {number}).", time=time, number=run)


def invited_until(time: datetime) -> Text:
    return say("invited; the link works until {time}", time=time)


def seen(time: datetime) -> Text:
    return say("signed in; last seen {time}", time=time)


def ended(time: datetime) -> Text:
    return say("ended {time}", time=time)


def expired() -> Text:
    return say("expired")


def approved(approval: Approval) -> Text:
    who = approval.by or SOMEONE
    if approval.given is None:
        return say("plan {code} was approved by {name}", code=approval.code, name=who)
    return say(
        "plan {code} was approved by {name}, {time}: for the next sync",
        code=approval.code,
        name=who,
        time=approval.given,
    )
