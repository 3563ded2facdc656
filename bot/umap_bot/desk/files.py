"""A new version of the file, sent from a browser: tried as a commit that nobody sees, then published.

It becomes a commit in our own copy of the repository at once. What a sync would do is then asked of just that
commit, by the same way as of any other; to publish it is to push it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from umap_bot.dataset.git.branch import Branch, Signature, Tip
from umap_bot.desk import acts
from umap_bot.desk.desk import Desk, Kept
from umap_bot.desk.jobs import Published, Told
from umap_bot.errors import UsageError
from umap_bot.run import passes
from umap_bot.settings import Settings
from umap_bot.text import say
from umap_bot.wiring import Wired, wire_all

LONGEST: Final = 200
"""Characters of what a person says about a version."""


def refuse_kind(layer: Kept, name: str) -> None:
    """Raise UsageError for a file of another kind than the layer's, and for a layer whose data is fetched.

    The file's name is used for nothing else.
    """
    if layer.settings.dataset_url:
        raise UsageError(
            say("The data of this layer is fetched from its source."),
            way_out=say("Change it there. The next sync fetches it."),
        )
    own = PurePosixPath(layer.settings.dataset_path).suffix.lower()
    if PurePosixPath(name).suffix.lower() != own:
        raise UsageError(
            say(
                "The file of this layer is {file}, and this is another kind of file.",
                file=layer.settings.dataset_path,
            ),
            way_out=say("Save it as {ending}, and upload it again.", ending=own),
        )


def try_file(desk: Desk, layer: Kept, by: str, data: bytes, message: str) -> Told:
    """Tell what a sync of this version would do. Raise BotError, with all problems of the file."""
    wired = desk.wire()[layer.name]
    branch, path = _branch(wired), layer.settings.dataset_path
    tip = branch.tip()
    if branch.read(tip, path) == data:
        raise UsageError(say("This is the file as it is published: nothing has changed in it."))
    said = message.strip()[:LONGEST] or f"{PurePosixPath(path).name}: new version, uploaded at the desk"
    sha = branch.commit(tip, path, data, Signature(by, desk.now(), said))
    tried = {
        each.work.job.layer: each for each in wire_all([_at(each, layer, sha) for each in desk.settings])
    }
    (found,) = passes.preview_all([tried[layer.name].work], wired.journal, wired.clock)
    told = acts.told(desk, layer, wired, found)
    if told.error:
        return told
    return Told(story=told.story, map_url=told.map_url, publishing=Published(tip.branch, tip.sha, sha))


def publish(desk: Desk, layer: Kept, by: str, version: Published) -> Told:
    """Push a version that was tried, and sync all that it feeds. Raise BotError, UsageError if it is late."""
    branch = _branch(desk.wire()[layer.name])
    if branch.tip().sha == version.sha:
        raise UsageError(say("This version of the file has been published already."))
    if not branch.push(Tip(version.branch, version.before), version.sha):
        raise UsageError(
            say("The repository has changed since you uploaded the file."),
            way_out=say("Nothing was published. Look at what has changed, and upload the file again."),
        )
    desk.note(by, say("Published version {version} of the file", version=version.sha[:7]), layer.name)
    return acts.sync(desk, layer, by, acts.AFTER_APPROVAL, whole_file=True)


def _branch(wired: Wired) -> Branch:
    return Branch(wired.repository, wired.settings.dataset_ref)


def _at(settings: Settings, layer: Kept, sha: str) -> Settings:
    """Return settings that read the repository of this layer at a commit."""
    own = layer.settings.dataset_repo, layer.settings.dataset_ref
    if (settings.dataset_repo, settings.dataset_ref) != own:
        return settings
    return settings.model_copy(update={"dataset_ref": sha})
