"""``graphscope diff``: what two checkpoints hold, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from graphscope.debug.questions.saved import files_differ
from graphscope.repl.words import Words, guarded
from graphscope.show import console
from graphscope.show.text import render


def diff(arguments: Sequence[str]) -> int:
    """Compare two files. Returns the exit code: 0 when they hold the same, 1 when not."""
    return guarded(lambda: _diff(arguments))


def _diff(arguments: Sequence[str]) -> int:
    words = Words("graphscope diff", description="What two checkpoints hold, side by side.")
    for name in ("first", "second"):
        words.add_argument(
            name, help="a checkpoint (what is before .index), its folder, or an .npz"
        )
    words.add_argument(
        "--rename",
        metavar="OLD=NEW",
        action="append",
        default=[],
        help="a regular expression in names of the first, and what the second has in its place",
    )
    given = words.parse_args(arguments)
    found = files_differ(given.first, given.second, given.rename)
    console().print(render(found))
    return 0 if found.same else 1
