"""What is in the DOT text of a picture."""

from __future__ import annotations

import html
import re

from graphscope.show.picture import Picture


def words(picture: Picture) -> dict[str, list[str]]:
    """The lines of each box, by its name in the text."""
    found = {}
    for line in picture.dot.splitlines():
        match = re.match(r"\t(\S+|\"[^\"]*\") \[label=<(.*?)> (?:[a-z]+=)", line)
        if match and "->" not in match[1]:
            texts = re.sub(r"<BR/>", "\n", match[2])
            plain = html.unescape(re.sub(r"<[^>]*>", "", texts)).replace("\xa0", " ")
            found[match[1].strip('"')] = plain.split("\n")
    return found


def attributes(picture: Picture, key: str) -> dict[str, str]:
    start = next(at for name in (key, f'"{key}"') if (at := picture.dot.find(f"\n\t{name} [")) >= 0)
    line = picture.dot[start : picture.dot.index("]\n", start)]  # a tooltip has lines of its own
    rest = re.sub(r"label=<.*> (?=[a-z]+=)", "", line)
    return {k: v.strip('"') for k, v in re.findall(r'([a-z]+)=("[^"]*"|[^\s\]]+)', rest)}


def legend(picture: Picture) -> list[str]:
    """The words of the legend."""
    found = words(picture)
    return [found[key][0] for key in found if re.fullmatch(r"(\d )?legend word \d+", key)]


def place(picture: Picture, key: str) -> tuple[float, float]:
    """The coordinates of a box."""
    x, y = attributes(picture, key)["pos"].rstrip("!").split(",")
    return float(x), float(y)


def edges(picture: Picture) -> dict[tuple[str, str], dict[str, str]]:
    """The attributes of the edges, by the names of the boxes at their ends."""
    found = {}
    for line in picture.dot.splitlines():
        match = re.match(r'\t("[^"]*"|\S+) -> ("[^"]*"|\S+) \[(.*)\]$', line)
        if match:
            pairs = re.findall(r'([a-z]+)=("[^"]*"|[^\s\]]+)', match[3])
            ends = (match[1].strip('"'), match[2].strip('"'))
            found[ends] = {key: value.strip('"') for key, value in pairs}
    return found
