"""Two checkpoints, or a session and one, side by side: `diff files`, `diff session`."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import graphscope as gs
from graphscope import cli
from graphscope.debug.errors import DebugError
from graphscope.debug.questions.saved import Likeness, files_differ
from graphscope.ops import checkpoints

ARTEFACTS = Path(__file__).parents[1] / "goldens" / "artefacts"


def saved(path, **values):
    """A checkpoint with these arrays; `__` in a name stands for a slash."""
    rows = []
    for name, value in sorted(values.items()):
        array = np.asarray(value)
        rows.append((name.replace("__", "/"), "", gs.as_dtype(array.dtype), array))
    checkpoints.write(str(path), rows)
    return str(path)


F = np.float32
ONE = {"W": F([[3, 4]]), "W__Adam": F([[1, 1]]), "b": F([0, 0]), "step": np.int64(7)}


def test_the_same(tmp_path):
    found = files_differ(saved(tmp_path / "a", **ONE), saved(tmp_path / "b", **ONE))
    assert found.same
    assert str(found).split() == [
        "4", "variables,", "the", "same", "in", str(tmp_path / "a"), "and", f"{tmp_path / 'b'}.",
    ]  # fmt: skip


def test_how_much_values_differ(tmp_path):
    other = {**ONE, "W": F([[3, 4.5]]), "W__Adam": F([[1, np.nan]]), "step": np.int64(10)}
    found = files_differ(saved(tmp_path / "a", **ONE), saved(tmp_path / "b", **other))
    W, b, step = found.rows
    assert (W.name, W.likeness, W.changed) == ("W", Likeness.VALUES, 1)
    assert (W.largest, W.norm, W.relative) == (0.5, 0.5, 0.1)
    (slot,) = W.slots
    assert (slot.name, slot.likeness, slot.changed) == ("W/Adam", Likeness.VALUES, 1)
    assert np.isnan(slot.largest)
    assert b.likeness is Likeness.EQUAL
    assert (step.largest, step.changed) == (3, 1)
    assert [line.split() for line in str(found).splitlines()[-4:]] == [
        ["other", "values", "largest", "relative", "elements"],
        ["W", "0.5", "0.1", "1", "of", "2"],
        ["Adam", "NaN", "0", "1", "of", "2"],
        ["step", "3", "0.429", "1", "of", "1"],
    ]


def test_shapes_and_types_that_differ(tmp_path):
    other = {**ONE, "W": F([[3, 4, 5]]), "b": np.float64([0, 1])}
    found = files_differ(saved(tmp_path / "a", **ONE), saved(tmp_path / "b", **other))
    assert [(r.name, r.here, r.there) for r in found.misshapen] == [("W", (1, 2), (1, 3))]
    (b,) = found.having(Likeness.TYPE)
    assert (b.name, b.changed, b.largest) == ("b", 1, 1.0)
    text = str(found)
    assert "W has another shape: [1, 2] here, [1, 3] there" in text
    assert "b has another type: float32 [2] here, float64 [2] there" in text


def test_texts_and_truths(tmp_path):
    a = saved(tmp_path / "a", t=np.array([b"x", b"y"], object), on=np.array([True, False]))
    b = saved(tmp_path / "b", t=np.array([b"x", b"z"], object), on=np.array([True, True]))
    found = files_differ(a, b)
    assert [(row.name, row.changed, row.largest) for row in found.rows] == [
        ("on", 1, None),
        ("t", 1, None),
    ]


RENAMED = [
    ({"weights": ONE["W"], "weights__Adam": ONE["W__Adam"]}, [(r"^W\b", "weights")]),
    ({"net__W": ONE["W"], "net__W__Adam": ONE["W__Adam"]}, [(r"^W\b", "net/W")]),
    ({"V": ONE["W"]}, [(r"^W$", "V")]),
]


@pytest.mark.parametrize(("theirs", "rules"), RENAMED)
def test_names_that_do_not_match_are_suggested(tmp_path, theirs, rules):
    mine = {key: value for key, value in ONE.items() if key != "W__Adam" or len(theirs) == 2}
    rest = {key: mine[key] for key in ("b", "step")}
    a, b = saved(tmp_path / "a", **mine), saved(tmp_path / "b", **rest, **theirs)
    found = files_differ(a, b)
    assert found.only_here == (("W", "W/Adam") if len(theirs) == 2 else ("W",))
    assert set(found.renames.values()) == {name.replace("__", "/") for name in theirs}
    assert list(found.rules) == rules
    assert files_differ(a, b, [f"{old}={new}" for old, new in found.rules]).same


def test_one_scope_around_all(tmp_path):
    a = saved(tmp_path / "a", **ONE)
    b = saved(tmp_path / "b", **{f"model__{name}": value for name, value in ONE.items()})
    found = files_differ(a, b)
    assert found.rules == (("^", "model/"),)
    assert files_differ(a, b, ["^=model/"]).same
    back = files_differ(b, a)
    assert back.rules == (("^model/", ""),)
    assert files_differ(b, a, ["^model/="]).same


@pytest.mark.parametrize(
    ("rule", "said"), [("nothing", "is not OLD=NEW"), ("(=x", "cannot be used to rename")]
)
def test_rules_that_are_none(tmp_path, rule, said):
    a = saved(tmp_path / "a", **ONE)
    with pytest.raises(DebugError, match=said):
        files_differ(a, a, [rule])


def test_what_files_are_meant(tmp_path):
    first = str(ARTEFACTS / "softmax_adam" / "model")
    for name in ("softmax_adam", "softmax_adam/model.meta", "softmax_adam/model.index"):
        assert files_differ(first, str(ARTEFACTS / name)).same
    with pytest.raises(DebugError, match="has no checkpoint"):
        files_differ(first, str(tmp_path))
    shutil.copy(ARTEFACTS / "softmax_adam" / "model.index", tmp_path / "model.index")
    with pytest.raises(DebugError, match=r"There is no checkpoint .*In .* there are model\."):
        files_differ(first, str(tmp_path / "modle"))
    with pytest.raises(DebugError, match=r"cannot be read: .*model.data-00000-of-00001"):
        files_differ(first, str(tmp_path / "model"))


def test_both_versions_and_parts(tmp_path):
    """A checkpoint of the first version; a variable in parts, which a checkpoint has as a whole."""
    for name in ("first_version", "partitioned_ftrl"):
        prefix = str(ARTEFACTS / name / "model")
        with gs.Graph().as_default(), gs.Session() as session:
            saver = gs.train.import_meta_graph(f"{prefix}.meta")
            saver.restore(session, prefix)
            assert files_differ(prefix, saver.save(session, str(tmp_path / name))).same
            with gs.debug(session, "train", _feeds(name)) as d:
                assert d.diff("session", prefix).same
                d.run_to_end()
                found = d.diff("session", prefix)
                assert {row.likeness for row in found.rows} == {Likeness.VALUES}
                assert found.rows[0].slots


def _feeds(name):
    import json

    told = json.loads((ARTEFACTS / name / "next.json").read_text())
    return {key: np.array(value) for key, value in told["feeds"].items()}


def test_in_the_debugger(tmp_path):
    a = saved(tmp_path / "a", **ONE)
    b = saved(tmp_path / "b", **{**ONE, "b": F([0, 1])})
    with gs.Graph().as_default(), gs.Session() as session:
        W = gs.Variable(ONE["W"], name="model/W")
        session.run(W.initializer)
        with gs.debug(session, W) as d:
            assert d.diff("files", a, b).other == ("b",)
            found = d.diff("session", a, "model/=")
            assert found.equal == ("model/W",)
            assert found.extra == ("W/Adam", "b", "step")
            assert "b " in d.onecmd(f"diff files {a} {b}").text


def test_on_the_command_line(tmp_path, capsys):
    a, c = saved(tmp_path / "a", **ONE), saved(tmp_path / "c", V=ONE["W"])
    assert cli.main(["diff", a, a]) == 0
    assert cli.main(["diff", a, c]) == 1
    assert "--rename '^W$=V'" in " ".join(capsys.readouterr().out.split())
    assert cli.main(["diff", a, c, "--rename", "^W$=V"]) == 1
    assert "the same: W" in capsys.readouterr().out
    assert cli.main(["diff", a, str(tmp_path / "none")]) == 2
    assert "There is no checkpoint" in capsys.readouterr().err
    assert cli.main(["diff", a]) == 2
    assert "required: second" in capsys.readouterr().err
