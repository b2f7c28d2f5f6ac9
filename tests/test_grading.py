"""Points for tests: the marker, partial credit, JUnit's XML and Gradescope's results.json."""

import json
import xml.etree.ElementTree as ET

import pytest

from graphscope.learn.grading import Credit, Graded, Mark, WrongMark, results

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest
import graphscope as gs

@pytest.fixture
def model(gs_session):
    class model:
        x = gs.placeholder(gs.float32, [2], name="x")
        w = gs.Variable([1.0, 2.0], name="w")
        b = gs.Variable(0.5, name="b", trainable=False)
        loss = gs.reduce_sum(x * w + b, name="loss")
        train = gs.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
        feed = {x: [1.0, 1.0]}
    gs_session.run(gs.global_variables_initializer())
    return model
"""

TESTS = """
import pytest
import graphscope as gs

@pytest.mark.graded(points=2, name="Who is trained", number="1.1")
def test_who(model):
    gs.testing.assert_updates(model.train, {"w", "b"}, model.feed)

@pytest.mark.graded(3, name="In parts", visibility="hidden")
def test_parts(model, gs_credit):
    gs.testing.assert_needs(model.loss, {"x"})
    gs_credit(1, "the loss needs x")
    gs.testing.assert_grad_flows(model.loss, model.w, model.feed)
    gs_credit(1.5, "w gets a gradient")
    assert model.x.shape == [3], "x has three elements"

@pytest.mark.graded
def test_right(model):
    gs.testing.assert_finite(model.train, model.feed)

@pytest.mark.graded(1)
@pytest.mark.parametrize("count", [1, 2])
def test_each(count):
    assert count == 2

@pytest.mark.graded(1)
def test_skipped():
    pytest.skip("no data yet")

@pytest.mark.graded(4, visibility="after_due_date")
def test_unfed(model, gs_session):
    gs_session.run(model.loss)

@pytest.mark.graded(1)
def test_no_fixture(model, there_is_none):
    pass

def test_without_points():
    assert False
"""


@pytest.fixture
def project(pytester):
    pytester.makeconftest(CONFTEST)
    return pytester


def grades(project, *words):
    """The outcomes of pytest, and what Gradescope is given."""
    result = project.runpytest_subprocess(
        "-q", "--strict-markers", "--gradescope", "results.json", *words
    )
    return result, json.loads((project.path / "results.json").read_text(encoding="utf-8"))


def brief(found):
    return [
        (test["name"].rpartition("::")[2], test["score"], test["max_score"], test["status"])
        for test in found["tests"]
    ]


EXPECTED = [
    ("Who is trained", 0, 2, "failed"),
    ("In parts", 2.5, 3, "failed"),
    ("test_right", 1, 1, "passed"),
    ("test_each[1]", 0, 1, "failed"),
    ("test_each[2]", 1, 1, "passed"),
    ("test_skipped", 0, 1, "failed"),
    ("test_unfed", 0, 4, "failed"),
    ("test_no_fixture", 0, 1, "failed"),
]


def test_gradescope(project):
    project.makepyfile(test_exercise=TESTS)
    result, found = grades(project)
    result.assert_outcomes(passed=2, failed=5, skipped=1, errors=1)
    assert brief(found) == EXPECTED
    assert found.keys() == {"execution_time", "output", "tests"}
    assert found["execution_time"] > 0
    assert found["output"] == ""
    who, parts, right, *_, unfed, _ = found["tests"]
    assert who["number"] == "1.1"
    assert [test["visibility"] for test in (who, parts, unfed)] == [
        "visible", "hidden", "after_due_date"]  # fmt: skip
    assert right == {
        "name": "test_exercise.py::test_right",
        "score": 1,
        "max_score": 1,
        "status": "passed",
        "output": "",
        "output_format": "text",
        "visibility": "visible",
    }


def test_the_output_is_the_lesson(project):
    project.makepyfile(test_exercise=TESTS)
    who, parts, *_, skipped, unfed, _ = (test["output"] for test in grades(project)[1]["tests"])
    assert who == (
        "[train] changes {w}, and not {b, w}.\n"
        " b is not trained by this run: it is not trainable.\n"
        "   1  NO  is it trainable?  no, trainable=False (conftest.py:9)"
    )
    assert parts.startswith(
        "1 of 3: the loss needs x\n1.5 of 3: w gets a gradient\nx has three elements\n"
    )
    assert skipped == "Skipped: no data yet"
    assert "You must feed a value for placeholder tensor 'x'" in unfed
    assert "feed it: feed_dict={x: ...}" in unfed


def test_workers_hand_on_what_they_found(project):
    pytest.importorskip("xdist", reason="no pytest-xdist")
    project.makepyfile(test_exercise=TESTS)
    _, found = grades(project, "-n", "2", "--dist", "each", "--tx", "popen")
    assert brief(found) == EXPECTED


def test_junit(project):
    project.makepyfile(test_exercise=TESTS)
    project.runpytest_subprocess("-q", "--junitxml=found.xml")
    cases = {
        case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")}
        for case in ET.parse(project.path / "found.xml").iter("testcase")
    }
    assert cases["test_who"] == {
        "points": "2",
        "score": "0",
        "name": "Who is trained",
        "number": "1.1",
        "visibility": "visible",
    }
    assert cases["test_parts"]["score"] == "2.5"
    assert cases["test_no_fixture"] == {"points": "1", "score": "0", "visibility": "visible"}
    assert cases["test_without_points"] == {}


def test_one_lesson_is_chosen_by_its_marker(project):
    project.makepyfile(test_exercise=TESTS)
    result, found = grades(project, "-m", "graded", "-k", "right or each")
    result.assert_outcomes(passed=2, failed=1, deselected=6)
    assert [name for name, *_ in brief(found)] == ["test_right", "test_each[1]", "test_each[2]"]


def test_a_program_that_cannot_be_loaded_gets_no_points_and_says_why(project):
    project.makepyfile(student="loss = (", test_exercise="import student\n" + TESTS)
    _, found = grades(project)
    assert (found["score"], found["tests"]) == (0, [])
    assert found["output"].startswith("test_exercise.py cannot be loaded:\n")
    assert "SyntaxError: '(' was never closed" in found["output"]


def test_the_marker_is_declared(project):
    result = project.runpytest_subprocess("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.graded(points=1, name=None, *): the test is worth*"])


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("points=-1", "points is a number of at least 0, not -1"),
        ("points='2'", "points is a number, not '2'"),
        ("visibility='secret'", "visibility is one of visible, hidden, after_due_date, after_pub"),
        ("point=2", "graded() got an unexpected keyword argument 'point'"),
    ],
)
def test_a_wrong_mark_is_an_error_at_once(project, mark, said):
    project.makepyfile(f"import pytest\n@pytest.mark.graded({mark})\ndef test_it(): pass")
    result = project.runpytest_subprocess("-q")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *::test_it: {said.replace('[', '[[]')}*"])


def test_credit_is_for_marked_tests(project):
    project.makepyfile("def test_it(gs_credit): gs_credit(1)")
    result = project.runpytest_subprocess("-q")
    result.stdout.fnmatch_lines(["*gs_credit is for tests that are marked*"])


def test_no_more_credit_than_there_are_points():
    credit = Credit(Mark(2))
    credit(0.5)
    credit(1.5, "all of it")
    assert credit.reasons == ["0.5 of 2", "1.5 of 2: all of it"]
    with pytest.raises(ValueError, match="has 0 of its 2 points left, not 1"):
        credit(1)
    with pytest.raises(ValueError, match="not -1"):
        credit(-1)


def test_the_file_letter_by_letter():
    graded = Graded(test="t", place=0, points=2, score=1.5, passed=False, output="é", name="A")
    assert results([graded], 1.23456) == (
        '{\n "execution_time": 1.235,\n "output": "",\n "tests": [\n  {\n   "name": "A",\n'
        '   "score": 1.5,\n   "max_score": 2,\n   "status": "failed",\n   "output": "é",\n'
        '   "output_format": "text",\n   "visibility": "visible"\n  }\n ]\n}\n'
    )
    with pytest.raises(WrongMark):
        Mark(float("nan"))
