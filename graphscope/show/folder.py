"""Files that belong together, written into one folder; and text for Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.show.engines import write

_SIGNS = re.compile(r"([\\`*_\[\]<>#|$])")


@dataclass(frozen=True)
class Frames(Answer):
    """A film that is written into a folder.

    title: what is run. captions: of each frame, in sentences. folder: where it is.
    files: what was written, by their names. older: frames that were there before and are not of
    this film.
    """

    title: str
    captions: tuple[str, ...]
    folder: Path
    files: tuple[str, ...]
    older: tuple[str, ...] = ()

    def __str__(self) -> str:
        count = len(self.captions)
        words = [f" {self.title}: {count} frame{'s' if count != 1 else ''} in {self.folder}"]
        numbered = [name for name in self.files if name.startswith("frame-")]
        others = [name for name in self.files if name not in numbered]
        for suffix in dict.fromkeys(Path(name).suffix for name in numbered):
            named = [name for name in numbered if name.endswith(suffix)]
            words.append(f"   {named[0]}" + (f" ... {named[-1]}" if len(named) > 1 else ""))
        words += [f"   {name}  {_ABOUT[Path(name).suffix]}" for name in others]
        if self.older:
            words.append(f"   of an earlier run, and still there: {', '.join(self.older)}")
        return "\n".join(words)


#: What the files are that are not numbered, by the ends of their names.
_ABOUT = {
    ".html": "steps by keys, in any browser",
    ".gif": "plays by itself",
    ".md": "a frame on each slide",
}


def written(
    folder: Path, files: Mapping[str, bytes], title: str, captions: tuple[str, ...]
) -> Frames:
    """Write the files into a folder, which is made if need be. Errors: DebugError when that is not
    possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DebugError(f"{folder} cannot be a folder: {error.strerror or error}.") from None
    for name, data in files.items():
        write(folder / name, data)
    there = sorted(path.name for path in folder.glob("frame-*.*"))
    older = tuple(name for name in there if name not in files)
    return Frames(title, captions, folder, tuple(files), older)


def in_markdown(text: str) -> str:
    """The text so that Markdown takes no letter of it for a sign of its own."""
    return _SIGNS.sub(r"\\\1", text)
