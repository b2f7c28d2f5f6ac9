"""What teachers make of a run: a page to fill in, and the key to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from graphscope.debug.commands import command, keywords
from graphscope.debug.errors import DebugError
from graphscope.debug.filming import Filming
from graphscope.debug.options import Options
from graphscope.debug.side.runs import check_fed
from graphscope.debug.varying import RULE, Draw

#: What can be left blank, and what a variant can vary.
BLANKS = ("values", "gradients", "names", "kinds")
VARIED = ("blanks", "feeds", "both")


class Teaching(Filming):
    """The command that makes a handout.

    printer: makes a handout of a scene. Set by `graphscope.show`, which is above this floor.
    """

    printer: ClassVar[Callable[..., Any] | None] = None

    @command(
        "handout",
        group="Draw",
        takes="node",
        example="handout -o page.html --key key.html",
        choices={"blank": BLANKS, "vary": VARIED},
    )
    @keywords(Options)
    def handout(
        self,
        *what: Any,
        output: str | None = None,
        key: str | None = None,
        blank: str = "values",
        count: int | None = None,
        seed: int | None = None,
        vary: str = "both",
        **options: Any,
    ) -> Any:
        """A page to print, the picture of this run with numbered blanks, and the key to it.

        handout -o page.html --key key.html. With names, it is a run of those fetches instead.

        output, key: files, .html, or .md with an .svg beside it. blank: "values", "gradients",
        "names" or "kinds" of operations. count: how many are blank; all, or half of them with a
        seed. seed: a variant of its own for each number. vary: what a variant varies: "blanks",
        which ones; "feeds", the fed numbers; or "both".
        """
        if Teaching.printer is None:
            raise DebugError("Pictures are made by graphscope.show: import graphscope.")
        for option, word, known in (("blank", blank, BLANKS), ("vary", vary, VARIED)):
            if word not in known:
                words = " or ".join((", ".join(known[:-1]), known[-1]))
                raise DebugError(f"{option} is {words}, not {word!r}.")
        draw = Draw(seed or 0)
        fed = draw.feeds(self.timeline.run.feeds) if seed is not None and vary != "blanks" else {}
        timeline = self._to_its_end(what, fed)
        check_fed(timeline.plan)
        if timeline.failure is not None:
            more = " with the feeds of this variant: try --vary blanks" if fed else ""
            raise DebugError(f"The run fails at t={timeline.newest}{more}. {timeline.failure}")
        scene = self._scene_at(timeline, timeline.newest)
        made = Teaching.printer(
            replace(scene, now=None, now_inside=None),
            Options(**options),
            blank=blank,
            count=count,
            choose=Draw(seed if seed is not None and vary != "feeds" else 0).some,
            seed=seed,
            varied="" if seed is None else _told(vary),
            start=dict(timeline.before.variables),
        )
        return made if output is None and key is None else made.save(output, key)


def _told(vary: str) -> str:
    """What a variant varies, in words."""
    words = {
        "blanks": "which boxes are blank",
        "feeds": RULE,
        "both": f"which boxes are blank; {RULE}",
    }
    return words[vary]
