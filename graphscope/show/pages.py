"""Pages of Markdown as text of a terminal: lessons are read here, too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.show.text import Copied, Line, strong

_INLINE = re.compile(
    r"\*\*(?P<strong>.+?)\*\*|`(?P<code>[^`]+)`|\*(?P<stressed>\w[^*]*)\*"
    r"|!?\[(?P<text>[^\]]*)\]\((?P<url>[^)]*)\)"
)
_ITEM = re.compile(r"^(?:- |\d+\. )")


def page(markdown: str) -> RenderableType:
    """Paragraphs, lists, listings and headings; links and pictures with where they are."""
    return Group(*_shown(markdown.splitlines()))


def _shown(lines: list[str]) -> Iterator[RenderableType]:
    paragraph: list[str] = []
    inside = False
    for line in [*lines, ""]:
        if line.startswith("```"):
            inside = not inside
        elif inside or line.startswith("|"):
            yield from _paragraph(paragraph)
            paragraph = []
            yield Copied(line, 5 if inside else 1)
            continue
        elif line.strip() and not _ITEM.match(line):
            paragraph.append(line)
            continue
        yield from _paragraph(paragraph)
        paragraph = [line] if _ITEM.match(line) else []


def _paragraph(lines: list[str]) -> Iterator[RenderableType]:
    if not lines:
        return
    text = " ".join(line.strip().removeprefix("> ") for line in lines)
    if text.startswith("#"):
        yield Line(strong(text.lstrip("# ")), 1)
    elif mark := _ITEM.match(text):
        yield Line(Text(mark[0]).append_text(inline(text[mark.end() :])), 3)
    else:
        yield Line(inline(text), 1)


def inline(text: str) -> Text:
    """Sentences with **strong** words, `code` and links."""
    text = " ".join(text.split("\n"))
    shown, at = Text(), 0
    for match in _INLINE.finditer(text):
        shown.append(text[at : match.start()])
        if match["strong"] or match["code"]:
            shown.append(strong(match["strong"] or match["code"]))
        elif match["stressed"]:
            shown.append(match["stressed"])
        elif match["text"] in (match["url"], ""):
            shown.append(match["url"])
        else:
            shown.append(f"{match['text']} ({match['url']})")
        at = match.end()
    return shown.append(text[at:])
