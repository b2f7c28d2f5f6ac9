"""Say what is in the gallery; with --write, make the page and its pictures again."""

import sys

from .graphs import GRAPHS
from .page import draw, write

if "--write" in sys.argv:
    print(f"{len(write())} pictures are written")
else:
    for name, entry in GRAPHS.items():
        print(f"{name}: {draw(entry)}")
