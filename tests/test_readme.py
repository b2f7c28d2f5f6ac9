"""What the README shows is what happens."""

import re
import runpy
from pathlib import Path

import graphscope as gs

README = Path(__file__).parents[1] / "README.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.M | re.S)


def test_the_lines_to_paste_print_what_stands_below_them(tmp_path, capsys, transcript):
    (code,), (printed,) = blocks("python"), blocks("text")
    script = tmp_path / "first.py"
    script.write_text(code)
    with gs.Graph().as_default():
        runpy.run_path(str(script))
    transcript.same(capsys.readouterr().out, printed)


def test_it_is_short_and_says_at_once_what_it_is_not():
    lines = README.read_text().splitlines()
    assert len(lines) <= 120
    assert "not Alibaba's GraphScope" in " ".join(lines[:7])


def test_its_picture_and_rooms_exist():
    text = README.read_text()
    root = README.parent
    for link in re.findall(r"!\[.*?\]\((.*?)\)", text):
        assert (root / link).is_file()
    for cell in re.findall(r"^\| (`.*?) \|", text, re.M):
        for name in re.findall(r"`([\w/.]+)`", cell):
            place = name if name.startswith("graphscope/") else f"graphscope/{name}"
            assert (root / place).exists(), name
