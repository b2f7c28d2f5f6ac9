"""Where the lines that were typed are kept: one file for each project, in the user's state folder.

Never in the project itself.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def project_of(folder: Path) -> Path:
    """The folder of the repository around a folder; the folder itself outside of one."""
    folder = folder.resolve()
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), folder)


def state_folder() -> Path:
    """Where what is kept from one session to the next lies (XDG_STATE_HOME)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "graphscope"


def history_file(folder: Path | None = None) -> Path:
    """The file of a project, of the one we are in when left out: its name, and letters that tell it
    from others of the same name."""
    project = project_of(Path.cwd() if folder is None else folder)
    letters = hashlib.sha256(os.fsencode(project)).hexdigest()[:8]
    return state_folder() / "projects" / f"{project.name or 'root'}-{letters}.history"
