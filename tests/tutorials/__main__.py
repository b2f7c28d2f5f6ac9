"""python -m tests.tutorials --write [NUMBER ...]: what the pages show, and their pictures, anew."""

import sys
import tempfile
from pathlib import Path

from graphscope.learn import linting, shelf

from . import pictures


def write(lesson):
    """Write a page and its pictures again. Read them, and look at them, before committing."""
    lesson.path.write_text(linting.rewritten(lesson))
    pictures.ASSETS.mkdir(exist_ok=True)
    for kind in ("dot", "svg"):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in pictures.drawn(lesson, Path(folder), kind).items():
                (pictures.ASSETS / f"{name}.{kind}").write_text(text)
                print(f"wrote {name}.{kind}")


if __name__ == "__main__":
    if sys.argv[1:2] != ["--write"]:
        sys.exit(__doc__)
    for lesson in shelf.lessons():
        if lesson.number in sys.argv[2:] or not sys.argv[2:]:
            write(lesson)
