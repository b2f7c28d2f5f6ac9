"""The SVG that Graphviz writes, made fit for a page: with names for screen readers, tooltips, ids
that stay the same, fonts, and links where there are any."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from graphscope.debug.errors import DebugError
from graphscope.graph.graph import Operation

#: What makes an address of an operation's name, or a pattern of one with ``{name}``, ``{file}`` and
#: ``{line}`` in it.
Links = Callable[[str], str | None] | str

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_FONTS = {
    "Helvetica": "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif",
    "Courier": "Courier, 'Liberation Mono', Cousine, monospace",
}
_PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
#: Letters that no XML can have.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Words:
    """What an SVG says besides what is drawn.

    title, description: of the whole. boxes, edges: the tooltips, by the names in the DOT text.
    addresses: where boxes lead to.
    """

    title: str
    description: str
    boxes: Mapping[str, str]
    edges: Mapping[str, str]
    addresses: Mapping[str, str]


def dressed(data: bytes, words: Words) -> str:
    """The SVG with all that. Errors: DebugError when it is none."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    try:
        root = ET.fromstring(_NO_XML.sub("\ufffd", data.decode(errors="replace")))
    except ET.ParseError as error:
        raise DebugError(f"What was drawn is no SVG: {error}. Save it as .dot.") from None
    _name(root, words)
    for group in root.iter(f"{{{_SVG}}}g"):
        _dress(group, words)
    for text in root.iter(f"{{{_SVG}}}text"):
        family = text.get("font-family", "").partition(",")[0]
        text.set("font-family", _FONTS.get(family, _FONTS["Helvetica"]))
    return _PROLOG + ET.tostring(root, encoding="unicode") + "\n"


def _name(root: ET.Element, words: Words) -> None:
    """The title and description of the whole. Their ids differ from those of another picture on the
    same page."""
    told = f"{words.title}\n{words.description}"
    mark = f"{zlib.crc32(told.encode(errors='replace')):08x}"
    root.set("role", "img")
    root.set("aria-labelledby", f"title-{mark} desc-{mark}")
    parts = (("title", words.title), ("desc", words.description))
    for place, (tag, text) in enumerate(parts):
        element = ET.Element(f"{{{_SVG}}}{tag}", id=f"{tag}-{mark}")
        element.text = _NO_XML.sub("\ufffd", text)
        element.tail = "\n"
        root.insert(place, element)


def _dress(group: ET.Element, words: Words) -> None:
    """The tooltip, the id and the address of one group."""
    title = group.find(f"{{{_SVG}}}title")
    kind = group.get("class")
    if title is None:
        group.attrib.pop("id", None)  # around an anchor: its id says nothing
        return
    key = title.text or ""
    tooltip = {"node": words.boxes, "edge": words.edges}.get(kind or "", {}).get(key)
    if tooltip is None:
        group.remove(title)
        group.attrib.pop("id", None)
    else:
        title.text = _NO_XML.sub("\ufffd", tooltip)
        group.set("id", box_id(key) if kind == "node" else f"edge-{box_id(key)}")
    anchor = group.find(f".//{{{_SVG}}}a") if kind == "node" else None
    if anchor is not None:
        anchor.attrib.clear()  # what it says is in the title
        if key in words.addresses:
            anchor.set("href", words.addresses[key])
            anchor.set(f"{{{_XLINK}}}href", words.addresses[key])
        else:
            anchor.tag = f"{{{_SVG}}}g"


def box_id(key: str) -> str:
    """The id of a box by its name in the DOT text. What is no letter or digit becomes its code, so
    that other names give other ids."""
    return "box-" + re.sub(r"[^A-Za-z0-9.]", lambda found: f"_{ord(found[0]):x}_", key)


def address(op: Operation, links: Links | None) -> str | None:
    """Where an operation leads to. Errors: DebugError for a pattern with other names in it."""
    if links is None or callable(links):
        return links(op.name) if callable(links) else None
    if op.source is None and ("{file}" in links or "{line}" in links):
        return None
    file, line = (_beside(op.source.filename), op.source.lineno) if op.source else ("", 0)
    try:
        return links.format(name=quote(op.name), file=quote(file), line=line)
    except (KeyError, IndexError, ValueError) as error:
        raise DebugError(
            f"links={links!r}: {error}; a pattern has {{name}}, {{file}} and {{line}}."
        ) from None


def _beside(file: str) -> str:
    """The file as it is called from here; its bare name when it is somewhere else."""
    path, here = PurePath(file), PurePath(os.getcwd())
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
