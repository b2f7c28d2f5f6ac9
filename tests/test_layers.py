"""The house: imports go down only, the engine knows no debugger, the debugger prints nothing."""

import ast
from pathlib import Path

import pytest

import graphscope

PACKAGE = Path(graphscope.__file__).parent
FLOORS = {
    "errors": 0,
    "later": 0,
    "kernels": 0,
    "graph": 1,
    "ops": 2,
    "gradients": 3,
    "engine": 4,
    "train": 5,
    "image": 5,
    "keras": 5,
    "layers": 5,
    "losses": 5,
    "metrics": 5,
    "contrib": 5,
    "platform": 5,
    "nn": 5,
    "rnn": 5,
    "data": 5,
    "formats": 5,
    "pipelines": 5,
    "saved_model": 5,
    "summary": 5,
    "debug": 6,
    "show": 7,
    "repl": 8,
    "cli": 8,
    "testing": 8,
    "pytest_plugin": 8,
    "notebook": 8,
    "learn": 8,
    "__main__": 8,
}
#: The facade and the tables of TensorFlow's names stand beside the house: they may look in at
#: every window. Only the top floor may go out to them.
OUTSIDE = {"__init__", "compat"}

FILES = sorted(PACKAGE.rglob("*.py"))


def room(file):
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(file):
    """The rooms of the package that a file imports from, with the line."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports say the whole name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, *rest = name.split(".")
            if package == "graphscope":
                yield (rest[0] if rest and rest[0] in {*FLOORS, *OUTSIDE} else "__init__"), node


def test_every_room_has_a_floor():
    assert {room(file) for file in FILES} <= FLOORS.keys() | OUTSIDE


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_go_down(file):
    own = room(file)
    if own in OUTSIDE:
        return
    for other, node in imported_rooms(file):
        where = f"{file.name}:{node.lineno}: {own} imports {other}"
        if other in OUTSIDE:
            assert FLOORS[own] == 8, where
        else:
            assert FLOORS[other] <= FLOORS[own], where


def test_the_engine_never_imports_the_debugger():
    below = [file for file in FILES if FLOORS.get(room(file), 9) < FLOORS["debug"]]
    assert below
    for file in below:
        assert "debug" not in {other for other, _ in imported_rooms(file)}, file


def test_the_debugger_never_prints():
    for file in (PACKAGE / "debug").rglob("*.py"):
        called = {
            node.func.id
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        modules = {
            alias.name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert not called & {"print", "input"}, file
        assert not modules & {"sys", "rich", "prompt_toolkit"}, file
