"""Themes can be read: contrasts, colours for the colour-blind, and files that say what is wrong."""

import itertools
import re

import numpy as np
import pytest
import small
from reading import attributes

from graphscope.debug.errors import DebugError
from graphscope.show.theme import ROLES, THEMES, theme

ALL = list(THEMES.values())

#: Simulated deficiencies, on linear light: Machado, Oliveira and Fernandes 2009, severity 1.
SEEN = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}  # fmt: skip


def linear(color):
    part = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2: from 1 to 21."""
    light, dark = sorted((float(linear(c) @ SEEN["grey"][0]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIE L*a*b* of linear light, for the white of D65."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x = matrix @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one, other, seen):
    a, b = (lab(np.array(SEEN[seen]) @ linear(color)) for color in (one, other))
    return float(np.linalg.norm(a - b))


@pytest.mark.parametrize("made", ALL, ids=THEMES)
def test_texts_can_be_read_on_what_they_stand_on(made):
    for role in ROLES:
        if role != "ghost":
            assert contrast(made.ink, made.fill(role)) >= 7, role
            assert contrast(made.small, made.fill(role)) >= 4.5, role
    for ground in (made.background, made.band):
        assert contrast(made.ink, ground) >= 7
        assert contrast(made.small, ground) >= 4.5
    assert contrast(made.faint, made.background) >= 4.5
    assert contrast(made.next_text, made.next_fill) >= 7


@pytest.mark.parametrize("made", ALL, ids=THEMES)
def test_lines_can_be_seen_on_what_they_stand_on(made):
    for role in ROLES:
        least = 1.8 if role == "ghost" else 2.9
        for ground in (made.background, made.band, made.fill(role)):
            assert contrast(made.line(role), ground) >= least, (role, ground)
    assert contrast(made.rail, made.band) >= 4.5


#: The roles that are told apart by colour; the others are so by dashes as well.
COLOURED = ("feed", "forward", "variable", "gradient", "update")


@pytest.mark.parametrize("made", [THEMES["light"], THEMES["dark"]], ids=["light", "dark"])
@pytest.mark.parametrize("seen", ["protan", "deutan", "tritan"])
def test_role_colours_differ_for_the_colour_blind(made, seen):
    for one, other in itertools.combinations(COLOURED, 2):
        assert distance(made.line(one), made.line(other), seen) >= 10, (one, other)


@pytest.mark.parametrize("made", ALL, ids=THEMES)
@pytest.mark.parametrize("seen", SEEN)
def test_what_looks_alike_has_another_shape(made, seen):
    """Forward and backward have one shape: those two have to differ in any light, at least in the
    grey of the fill or of the line."""
    for one, other in itertools.combinations(COLOURED, 2):
        same_form = (ROLES[one].shape, ROLES[one].style) == (ROLES[other].shape, ROLES[other].style)
        if same_form:
            pairs = ((made.line(one), made.line(other)), (made.fill(one), made.fill(other)))
            assert max(distance(a, b, seen) for a, b in pairs) >= 3, (one, other)


def test_print_is_grey():
    made = THEMES["print"]
    colors = [c for paint in made.paints.values() for c in paint]
    colors += [v for v in vars(made).values() if isinstance(v, str) and v.startswith("#")]
    assert all(c[1:3] == c[3:5] == c[5:7] for c in colors)
    d = small.debugged(small.line())
    d.step(6)
    used = set(re.findall(r"#[0-9A-Fa-f]{6}", d.draw(theme="print").dot))
    assert used
    assert all(c[1:3] == c[3:5] == c[5:7] for c in used)


@pytest.mark.parametrize("name", THEMES)
def test_a_picture_has_only_the_colours_of_its_theme(name):
    made = theme(name)
    known = {c for paint in made.paints.values() for c in paint} | {
        v for v in vars(made).values() if isinstance(v, str)
    }
    d = small.debugged(small.line())
    d.step(6)
    for picture in (d.draw(theme=name), d.draw("flow", "%w", theme=name)):
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", picture.dot)) <= known


# ---- files -------------------------------------------------------------------------------------


@pytest.fixture
def write(tmp_path):
    def written(text, name="mine.json"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def test_a_file_has_what_differs_from_its_base(write, monkeypatch):
    path = write('{\n  "base": "dark",\n  "background": "#000000",\n  "feed line": "#FFCC00"\n}')
    made = theme(path)
    assert (made.name, made.background, made.line("feed")) == ("mine", "#000000", "#FFCC00")
    assert made.fill("feed") == THEMES["dark"].fill("feed")
    assert made.ink == THEMES["dark"].ink
    monkeypatch.setenv("GRAPHSCOPE_THEME", path)
    assert theme() == made
    picture = small.debugged(small.line()).draw(theme=path)
    assert attributes(picture, "feed x 0")["color"] == "#FFCC00"


def test_an_empty_file_is_the_light_theme(write):
    assert theme(write("{}")).paints == THEMES["light"].paints


@pytest.mark.parametrize(("text", "said"), [
    ('{\n"ink": "#000000"\n"small": "#111111"}', r"mine\.json, line 3: Expecting ',' delimiter"),
    ('{\n"inc": "#000000"}', r"line 2: a theme has no 'inc'; did you mean 'ink'\?"),
    ('{\n\n"fede fill": "#000000"}', r"line 3: .*'fede fill'; did you mean 'feed fill'\?"),
    ('{"feed": "#000000"}', r"a theme has no 'feed'"),
    ('{"name": "#000000"}', r"a theme has no 'name'"),
    ('{\n"ink": "black"}', r"line 2: 'ink' is a colour such as #1B1F24, not 'black'"),
    ('{"ink": 3}', r"'ink' is a colour such as #1B1F24, not 3"),
    ('{\n"ink": "#000000",\n"ink": "#111111"}', r"line 3: 'ink' is there twice"),
    ('{"base": "pink"}', r'"base" is light, dark, print, not \'pink\''),
    ('{"base": ["light"]}', r'"base" is light, dark, print'),
    ("[1]", r"mine\.json is no theme"),
    ("3", r"mine\.json is no theme"),
])  # fmt: skip
def test_what_is_wrong_in_a_file_is_said_with_its_line(write, text, said):
    with pytest.raises(DebugError, match=said):
        theme(write(text))


def test_a_file_that_is_not_there():
    with pytest.raises(DebugError, match=r"nowhere\.json cannot be read"):
        theme("nowhere.json")


def test_a_name_that_is_no_theme():
    with pytest.raises(DebugError, match="no theme 'pink': use light, dark, print, or a file that"):
        theme("pink")
