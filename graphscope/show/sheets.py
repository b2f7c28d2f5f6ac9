"""The pages of a handout: HTML to print, and Markdown."""

from __future__ import annotations

import re
from html import escape
from string import Template
from typing import TYPE_CHECKING

from graphscope.show.blanks import Blank
from graphscope.show.engines import render
from graphscope.show.folder import in_markdown
from graphscope.show.picture import Picture
from graphscope.show.svg import Words, dressed

if TYPE_CHECKING:
    from graphscope.show.handout import Handout

_TASKS = {
    "values": "Fill in the values that the operations compute, to three digits.",
    "gradients": "Fill in the gradients, and what the updates change, to three digits.",
    "names": "Fill in the names. The program below has them.",
    "kinds": "Fill in the operations. The program below calls them.",
}
_KEY = "The key"
#: A wider picture is printed along the longer side of the paper, in points.
_NARROW = 580.0

_PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>$title</title>
<style>
@page { size: $paper; margin: 12mm; }
body { color: #000; background: #fff; font: 11pt/1.4 Helvetica, Arial, sans-serif;
  max-width: ${wide}mm; margin: 1em auto; padding: 0 1em; }
h1 { font-size: 15pt; margin: 0; } h2 { font-size: 12pt; margin: 1em 0 .3em; }
p { margin: .4em 0; }
header p.who { display: flex; gap: 2em; }
header p.who span { flex: 1; border-bottom: .6pt solid #000; }
svg { max-width: 100%; max-height: ${tall}mm; height: auto; display: block; margin: .6em auto; }
table { border-collapse: collapse; } td { padding: .1em 1em .1em 0; vertical-align: baseline; }
td.value, pre { font: 9.5pt/1.4 Courier, monospace; }
pre { white-space: pre-wrap; margin: 0; }
ol { list-style: none; padding: 0; margin: 0; }
ol.fill li { display: flex; gap: .5em; padding-top: .9em; }
ol.fill li i { flex: 1; border-bottom: .6pt solid #000; min-width: 4em; }
li, tr { break-inside: avoid; } section, figure { break-inside: avoid; }
figure { margin: 0; }
footer { font-size: 9pt; margin-top: 1em; }
@media print { body { margin: 0; padding: 0; } }
</style>
</head>
<body>
<header>
<h1>$heading</h1>
$who
</header>
<figure>$svg</figure>
<section>
<h2>$places</h2>
$blanks
</section>
$given
$program
$footer
</body>
</html>
""")


def bare_svg(picture: Picture) -> str:
    """The picture without tooltips and ids, in which the names and types of all nodes would be."""
    words = Words(picture.title, picture.description, {}, {}, {})
    return dressed(render(picture.dot, "svg", placed=picture.placed), words)


def html(handout: Handout, svg: str, *, answered: bool) -> str:
    """The page, whole and alone: nothing in it comes from elsewhere."""
    title = _title(handout, answered)
    name = "<p class='who'>Name <span></span> Date <span></span></p>"
    task = f"<p>{escape(_TASKS[handout.blank])}</p>"
    given = "".join(
        f"<tr><td>{escape(name)}</td><td class='value'>{escape(value)}</td></tr>"
        for name, value in handout.given
    )
    lines = "\n".join(f"{number:>4}  {escape(line)}" for number, line in handout.program)
    variant = _variant(handout)
    flat = _width(svg) > _NARROW
    return _PAGE.substitute(
        paper="landscape" if flat else "portrait",
        wide=265 if flat else 185,
        tall=145 if flat else 215,
        title=escape(title),
        heading=escape(title),
        who=task if answered else name + task,
        svg=svg[svg.index("<svg") :],
        places="Answers" if answered else "Your answers",
        blanks=_answers(handout, answered),
        given=_section("Given", f"<table>{given}</table>" if given else ""),
        program=_section("The program", f"<pre>{lines}</pre>" if lines else ""),
        footer=f"<footer>{escape(variant)}</footer>" if variant else "",
    )


def _width(svg: str) -> float:
    """How wide a picture is, in points."""
    found = re.search(r'width="([\d.]+)', svg)
    return float(found[1]) if found else 0.0


def _answers(handout: Handout, answered: bool) -> str:
    if not answered:
        items = "".join(f"<li>{escape(_asked(b))}:<i></i></li>" for b in handout.blanks)
        return f"<ol class='fill'>{items}</ol>"
    items = "".join(
        f"<li>{escape(_asked(blank))}: <b>{escape(blank.answer)}</b>"
        + (f" &#160;of {escape(blank.whole)}" if blank.whole else "")
        + "</li>"
        for blank in handout.blanks
    )
    return f"<ol>{items}</ol>"


def _section(heading: str, inside: str) -> str:
    return f"<section><h2>{heading}</h2>\n{inside}</section>" if inside else ""


def markdown(handout: Handout, image: str, *, answered: bool) -> str:
    """The page as Markdown. image: the address of its picture."""
    picture = handout.solved if answered else handout.picture
    parts = [f"# {in_markdown(_title(handout, answered))}"]
    if not answered:
        parts.append(f"Name: {'_' * 30} Date: {'_' * 12}".replace("_", r"\_"))
    parts.append(_TASKS[handout.blank])
    parts.append(f"![{in_markdown(f'{picture.title}: {picture.sentence}')}]({image})")
    parts.append("\n".join(f"- {_in_words(blank, answered)}" for blank in handout.blanks))
    if handout.given:
        rows = [f"- {in_markdown(name)}: `{value}`" for name, value in handout.given]
        parts += ["## Given", "\n".join(rows).replace("\n   ", " ")]
    if handout.program:
        lines = "\n".join(f"{number:>4}  {line}" for number, line in handout.program)
        parts += ["## The program", f"```text\n{lines}\n```"]
    parts.append(in_markdown(_variant(handout)))
    return "\n\n".join(filter(None, parts)) + "\n"


def _in_words(blank: Blank, answered: bool) -> str:
    asks = in_markdown(_asked(blank))
    if not answered:
        return f"{asks}: " + r"\_" * 20
    return f"{asks}: **{in_markdown(blank.answer)}**" + (
        f" of `{blank.whole}`" if blank.whole else ""
    )


def _title(handout: Handout, answered: bool) -> str:
    return f"{_KEY}: {handout.title}" if answered else handout.title


def _asked(blank: Blank) -> str:
    return f"({blank.number}) {blank.asks}"


def _variant(handout: Handout) -> str:
    """Which variant it is, and what is another in each."""
    if handout.seed is None:
        return ""
    return f"Variant {handout.seed}. What a variant varies: {handout.varied}."
