"""The pytest plugin, in projects of its own."""

import sys

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest
import graphscope as gs

@pytest.fixture
def model(gs_session):
    class model:
        x = gs.placeholder(gs.float32, [None], name="x")
        w = gs.Variable([1.0, 2.0], name="w")
        y = gs.multiply(x, w, name="y")
        with gs.control_dependencies([y]):
            three = gs.reshape(x, [3], name="three")
        grow = gs.assign_add(w, y, name="grow")
    gs_session.run(model.w.initializer)
    return model
"""


@pytest.fixture
def project(pytester):
    pytester.makeconftest(CONFTEST)
    return pytester


def test_fixtures_step_a_run(project):
    project.makepyfile("""
        def test_grow(gs_debug, gs_session, model):
            with gs_debug(model.grow, {model.x: [3.0, 4.0]}) as d:
                d.until("y")
                assert d.value("y").tolist() == [3.0, 8.0]
                d.run_to_end()
                assert set(d.changed()) == {"w"}
            assert gs_session.run(model.w).tolist() == [4.0, 10.0]

        def test_rolled_back(gs_debug, gs_session, model):
            with gs_debug(model.grow, {model.x: [3.0, 4.0]}, on_exit="rollback") as d:
                d.run_to_end()
            assert gs_session.run(model.w).tolist() == [1.0, 2.0]
    """)
    project.runpytest_subprocess("-q").assert_outcomes(passed=2)


def test_a_failing_test_shows_the_last_steps(project):
    project.makepyfile("""
        def test_wrong(gs_debug, model):
            with gs_debug(model.grow, {model.x: [3.0, 4.0]}) as d:
                d.run_to_end()
                assert d.value("w").tolist() == [0.0, 0.0]
    """)
    result = project.runpytest_subprocess("-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*GraphScope: the last 3 steps of grow*",
            "t=2 FWD y [[]Mul[]]  conftest.py:*",
            "t=3 UPD grow [[]AssignAdd[]]  conftest.py:*",
        ]
    )


def test_an_answer_in_a_failed_comparison_is_shown_as_text(project):
    project.makepyfile("""
        def test_why(gs_debug, model):
            with gs_debug(model.y, {model.x: [3.0, 4.0]}) as d:
                assert d.why("w") == None
    """)
    result = project.runpytest_subprocess("-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Why == NoneType*", "*w is not trained by this run*"])


def test_transcripts_are_written_and_compared(project):
    test = """
        def test_said(gs_debug, gs_transcript, model):
            with gs_debug(model.grow, {{model.x: [3.0, {number}]}}) as d:
                gs_transcript(d.script("until y\\nprint y"))
                gs_transcript(d.where())
    """
    project.makepyfile(test.format(number="4.0"))
    result = project.runpytest_subprocess("-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*pytest --gs-update-transcripts writes it*"])
    project.runpytest_subprocess("-q", "--gs-update-transcripts").assert_outcomes(passed=1)
    kept = (project.path / "transcripts" / "test_said.txt").read_text()
    assert kept.startswith("(gs 0/3 FWD)> until y\n t=2/3 FWD  y  [Mul]")
    project.runpytest_subprocess("-q").assert_outcomes(passed=1)
    project.makepyfile(test.format(number="5.0"))
    project.runpytest_subprocess("-q").assert_outcomes(failed=1)


def test_a_transcript_that_ends_early_is_noticed(project):
    test = """
        def test_said(gs_transcript):
            for text in {texts}:
                gs_transcript(text)
    """
    project.makepyfile(test.format(texts=["one", "two"]))
    project.runpytest_subprocess("-q", "--gs-update-transcripts").assert_outcomes(passed=1)
    project.makepyfile(test.format(texts=["one"]))
    result = project.runpytest_subprocess("-q")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the transcript kept in test_said.txt goes on*", "*two*"])


def test_gs_debug_opens_the_prompt_at_the_node_that_failed(project):
    project.makepyfile("""
        def test_fails(gs_session, model):
            gs_session.run(model.three, {model.x: [3.0, 4.0]})
    """)
    result = project.run(
        sys.executable, "-m", "pytest", "-q", "--gs-debug", stdin=b"print y\nwhy-not grow\n"
    )
    result.stdout.fnmatch_lines(
        [
            "*The next node fails: InvalidArgumentError*",
            "(gs * FWD)> print y",
            "   [[]3. 8.[]]",
            "(gs * FWD)> why-not grow",
        ]
    )


def test_a_debugger_needs_a_session(project):
    project.makepyfile("""
        def test_none(gs_debug):
            gs_debug("y")
    """)
    result = project.runpytest_subprocess("-q")
    result.stdout.fnmatch_lines(["*gs_debug needs a session: use the fixture gs_session*"])
