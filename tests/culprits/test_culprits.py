"""Every labelled culprit is named, healthy twins are left in peace, and the README says so."""

import pytest

import graphscope as gs
from graphscope.debug.debugger import Debugger
from graphscope.learn.zoo.asking import ASKERS
from graphscope.ops.variable_store import disable_resource_variables, enable_resource_variables

from . import score
from .case import CULPRITS, opened


@pytest.fixture(scope="module")
def results():
    return score.everything()


def test_every_labelled_culprit_is_named(results):
    broken, _ = results
    missed = {(r.culprit, r.command) for r in broken if not r.right}
    # A gap that is filled must be taken from the list.
    assert missed == score.GAPS


def test_no_healthy_twin_is_warned_of(results):
    _, healthy = results
    assert [(r.culprit, r.command, r.said) for r in healthy if not r.right] == []


def test_the_readme_says_what_the_score_is(results):
    assert score.in_readme() == score.section(*results), "run: python -m tests.culprits --write"


def test_there_are_programs_of_every_kind():
    assert len(CULPRITS) >= 95
    asked = {command for label in CULPRITS.values() for command in label.asks}
    assert asked == set(ASKERS)


@pytest.mark.parametrize("name", CULPRITS)
def test_a_program_and_its_twin_differ_in_one_thing(name):
    """Both are programs of about the same size, and the guilty node is there to be named."""
    label = CULPRITS[name]
    sizes, names = [], set()
    for broken in (True, False):
        with gs.Graph().as_default() as graph:
            program = label.build(broken)
            if program.debugger is not None:
                graph = program.debugger.session.graph
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
    "a_dead_relu",
    "a_logarithm_in_the_branch_that_is_not_taken",
    "a_nan_in_a_variable",
    "all_weights_zero_in_both_layers",
    "broadcasting",
    "cut_by_argmax",
    "two_trainers_in_one_run_and_a_count_of_both",
    "inputs_and_labels_shuffled_apart",
    "softmax_before_a_softmax_cross_entropy",
    "uninitialized-slot",
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
