"""Every labelled culprit is named, healthy twins are left in peace, and the README says so."""

import pytest

import graphscope as gs
from graphscope.debug.debugger import Debugger
from graphscope.ops.variable_store import disable_resource_variables, enable_resource_variables

from . import score
from .ask import ASKERS, known
from .case import CULPRITS, opened

#: Those of the zoo of bugs seen in the wild; Z15 needs checkpoints.
ZOO = {f"Z{i}" for i in range(1, 19)} - {"Z15"}


@pytest.fixture(scope="module")
def results():
    return score.everything()


def test_every_labelled_culprit_is_named(results):
    broken, _ = results
    missed = {(r.culprit, r.command) for r in broken if not r.right}
    # A gap that is filled must be taken from the list.
    assert missed == {gap for gap in score.GAPS if gap[1] in known()}


def test_no_healthy_twin_is_warned_of(results):
    _, healthy = results
    assert [(r.culprit, r.command, r.said) for r in healthy if not r.right] == []


def test_the_readme_says_what_the_score_is(results):
    assert score.in_readme() == score.section(*results), "run: python -m tests.culprits --write"


def test_there_are_programs_of_every_kind():
    assert len(CULPRITS) >= 44
    assert {label.zoo for label in CULPRITS.values() if label.zoo} == ZOO
    asked = {command for label in CULPRITS.values() for command in label.asks}
    assert asked == set(ASKERS)
    assert {"why", "why_not", "needs", "updates", "lint", "check", "explain"} <= set(known())


@pytest.mark.parametrize("name", CULPRITS)
def test_a_program_and_its_twin_differ_in_one_thing(name):
    """Both are programs of about the same size, and the guilty node is there to be named."""
    label = CULPRITS[name]
    sizes, names = [], set()
    for broken in (True, False):
        with gs.Graph().as_default() as graph:
            program = label.build(broken)
            sizes.append(len(graph.operations))
            if program.before is not None:
                opened(program)
            names |= {op.name for op in graph.operations} if broken else set()
    assert min(sizes) >= 0.3 * max(sizes)
    wanted = {label.named.get(command, label.guilty) for command in label.asks}
    assert wanted - {None} <= names


def test_a_command_that_names_everything_would_not_pass(monkeypatch):
    """The score is no formality: an answer that names every node is an alarm on a twin."""
    label = CULPRITS["softmax_before_a_softmax_cross_entropy"]

    class Everything:
        def __init__(self, d):
            self.findings = [type("F", (), {"node": op, "rule": ""}) for op in d.plan.nodes]

    monkeypatch.setattr(Debugger, "lint", lambda d: Everything(d))
    assert not all(r.right for r in score.alarms(label) if r.command == "lint")

    class Nothing:
        findings = ()

    monkeypatch.setattr(Debugger, "lint", lambda d: Nothing())
    assert not all(r.right for r in score.named(label) if r.command == "lint")


#: Programs whose culprit has the same name when variables are resources.
OF_RESOURCES = (
    "a_column_less_a_vector",
    "a_dead_relu",
    "a_logarithm_in_the_branch_that_is_not_taken",
    "a_nan_in_a_variable",
    "a_step_counted_twice_by_a_falling_rate",
    "all_weights_zero_in_both_layers",
    "an_initializer_made_before_the_optimizer",
    "cut_by_argmax",
    "inputs_and_labels_shuffled_apart",
    "softmax_before_a_softmax_cross_entropy",
)


@pytest.fixture
def resources():
    enable_resource_variables()
    yield
    disable_resource_variables()


def test_resource_variables_are_seen_through(resources):
    for name in OF_RESOURCES:
        assert all(result.right for result in score.named(CULPRITS[name])), name
    for label in CULPRITS.values():
        assert [r for r in score.alarms(label) if r.command == "lint" and not r.right] == []
