"""Becomes another program: as another user if asked, and bound to the life of its parent (Linux).

    python -I -S launch.py PARENT SIGNAL USER COMMAND…

A script of its own, because `preexec_fn` is unsafe (and warned of) in a process that has threads, and
because the kernel forgets the binding whenever the user changes: it has to be made last.
PARENT 0 binds to nobody, USER -1 stays as it is.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
ORPHANED = 113


def main(parent: int, dying: int, user: int, *command: str) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # our parent held signals back while it started us
    if user >= 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    if parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, dying, 0, 0, 0)
        if os.getppid() != parent:  # it died before the binding stood
            sys.exit(ORPHANED)
    os.execv(command[0], command)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
