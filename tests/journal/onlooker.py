"""Reads and writes as somebody who has no rights of his own; root becomes nobody for it."""

import json
import os
import pwd
import sys

from tests.journal.made import LAYER, NO_GIT, StillClock
from umap_bot.errors import StateError
from umap_bot.journal.journal import SqlJournal

there, url = sys.argv[1:]
# Upgraded and written to, for the modules that are imported late: nobody may not read those.
SqlJournal(there).note_failure(LAYER, "sync", NO_GIT, 12, StillClock())
journal = SqlJournal(url)
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def told(attempt: str) -> str:
    try:
        if attempt == "read":
            return str(len(journal.reader.runs()))
        journal.note_failure(LAYER, "sync", NO_GIT, 12, StillClock())
    except StateError as error:
        return str(error)
    return "done"


sys.stdout.write(json.dumps([told("read"), told("write")]))
