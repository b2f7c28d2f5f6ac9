"""path, find, info, inputs, outputs and code: how things hang together, and who made them."""

import linecache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wayfinding import HERE, Loop, Trained, call, names, odd, started

import graphscope as gs
from graphscope.debug import DebugError, UnknownPlace
from graphscope.debug.questions.path import Along
from graphscope.debug.questions.presence import Presence
from graphscope.debug.questions.tree import Direction
from graphscope.debug.questions.why_not import Absence
from graphscope.engine.plan import Phase


@pytest.fixture
def looped():
    program = Loop()
    return started([program.loss], {program.a: 3.0})


# ---- path --------------------------------------------------------------------------------------


def test_a_path_with_its_values(trained):
    found = call(trained, "path w loss")
    assert names(found.nodes) == [
        "w", "w/read", "layer/MatMul", "layer/y", "Square", "truediv", "loss",
    ]  # fmt: skip
    assert (found.along, found.backwards, found.cut, found.fed) == (Along.SLOPE, False, None, ())
    np.testing.assert_array_equal(found.hops[3].value, [[3.0], [4.0]])
    assert [hop.t for hop in found.hops] == [None, 1, *range(3, 8)]
    assert [hop.presence for hop in found.hops[:2]] == [Presence.GIVEN, Presence.RUNS]


def test_a_path_is_found_from_either_end(trained):
    there, back = trained.path("w", "loss"), trained.path("loss", "w")
    assert (back.nodes, back.backwards) == (there.nodes, True)
    assert "w leads to loss in 6 steps" in str(back)


def test_where_the_gradient_is_cut():
    program = Trained()
    d = program.debug(program.sharp, program.loss)
    d.run_to_end()
    found = d.path("w", "sharp")
    assert (found.along, found.cut.name) == (Along.DATA, "sharp")
    text = " ".join(str(found).split())
    assert "8<-- the gradient ends here (wayfinding.py:" in text
    assert "try: use the number itself in the loss, and round it only to show it" in text
    # No gradient is missed where there are no numbers to have one.
    assert d.path("step", "step").cut is None


def test_a_path_along_which_a_gradient_comes_back_is_preferred_to_a_shorter_one():
    x = gs.placeholder(gs.float32, [2], name="x")
    deep = gs.tanh(gs.tanh(gs.tanh(x)))
    y = gs.reshape(deep, gs.shape(x), name="y")
    found = started(y, {x: [1.0, 2.0]}).path("x", "y")
    assert (found.along, len(found.hops)) == (Along.SLOPE, 5)


def test_a_path_that_is_only_an_order(trained):
    found = trained.path("w", "step/read")
    assert found.along is Along.NOTHING
    order = trained.path("Adam/update_w/ApplyAdam", "Adam")
    assert order.along is Along.CONTROL
    assert "no value gets there" in str(order)
    assert order.nodes[-1].name == "Adam"
    assert "then" in str(order)


def test_no_path_says_what_the_two_have_in_common(trained):
    found = trained.path("x", "w")
    assert (found.hops, found.along) == ((), Along.NOTHING)
    assert (found.common, found.meeting.name) == (None, "layer/MatMul")
    assert str(found) == (
        " No path leads from self.x to self.w, nor back.\n   Both lead to layer/MatMul."
    )
    alone = gs.constant(1.0, name="alone")
    trained = started([alone, trained.plan.fetches[0]], {"x:0": np.ones((1, 2))})
    found = trained.path("alone", "loss")
    assert (found.common, found.meeting) == (None, None)
    assert "They have nothing to do with each other." in str(found)


def test_a_feed_in_the_middle_is_avoided_or_named():
    x = gs.placeholder(gs.float32, [], name="x")
    a = gs.negative(x, name="a")
    b = gs.negative(gs.negative(gs.negative(x)), name="b")
    y = gs.add(a, b, name="y")
    d = started([y, b], {x: 1.0, a: 5.0})
    assert "a" not in names(d.path("x", "y").nodes)  # longer, and not cut
    assert d.path("x", "y").fed == ()
    d = started([y], {a: 5.0, b: 6.0})
    found = d.path("x", "y")
    assert found.fed == (a,)
    assert "In this run a:0 is fed, which cuts the path." in str(found)
    assert d.path("x", "b").fed == (b,)


def test_into_and_out_of_loops_and_branches(looped):
    looped.run_to_end()
    inside = looped.path("a", "double")
    assert names(inside.nodes) == ["a", "loop/Identity_1", "loop/double"]
    assert inside.hops[-1].value == 24.0
    out = looped.path("double", "loss")
    assert [op.type for op in out.nodes] == ["Mul", "While", "Identity", "If", "Identity", "Square"]
    assert out.along is Along.SLOPE
    assert names(looped.path("hundredfold", "loss").nodes)[:2] == [
        "choice/hundredfold", "choice/If",
    ]  # fmt: skip
    assert looped.path("loop/Less", "loss").along is Along.DATA  # a truth value has no gradient


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("path w", "path needs a word after it: path START GOAL"),
        ("path w nix", "no node 'nix'"),
        ("path w @Identity", "name one of them"),
        ("path", "path needs a word"),
    ],
)
def test_wrong_words_behind_path(trained, line, message):
    with pytest.raises(DebugError, match=message):
        call(trained, line)


@st.composite
def dags(draw):
    count = draw(st.integers(2, 8))
    return [
        sorted(draw(st.sets(st.integers(0, i - 1), max_size=2))) if i else [] for i in range(count)
    ]


def built(edges):
    made = []
    for i, inputs in enumerate(edges):
        terms = [made[j] for j in inputs]
        made.append(gs.add_n(terms, name=f"n{i}") if terms else gs.constant(1.0, name=f"n{i}"))
    return made


def distances(edges, start):
    """By brute force: the number of edges of a shortest path to each node."""
    found = {start: 0}
    for _ in edges:
        for i, inputs in enumerate(edges):
            lengths = [found[j] + 1 for j in inputs if j in found]
            if lengths:
                found[i] = min([*lengths, found.get(i, len(edges))])
    return found


@settings(max_examples=60, deadline=None)
@given(dags(), st.data())
def test_a_path_is_a_shortest_one(edges, data):
    with gs.Graph().as_default():
        made = built(edges)
        d = started(made)
        i, j = (data.draw(st.integers(0, len(edges) - 1)) for _ in range(2))
        found = d.path(made[i], made[j])
        there, back = distances(edges, i).get(j), distances(edges, j).get(i)
        assert len(found.hops) - 1 == (
            there if there is not None else back if back is not None else -1
        )
        for one, other in zip(found.nodes, found.nodes[1:], strict=False):
            assert one in [tensor.op for tensor in other.inputs]
        assert found.backwards == (there is None and back is not None)


# ---- find --------------------------------------------------------------------------------------


def test_names_come_before_types_and_lines(trained):
    found = call(trained, "find MATMUL")
    assert [row.where for row in found.rows] == sorted(
        (row.where for row in found.rows), key=("name", "Python name", "type", "line").index
    )
    assert found.rows[0].node.name == "layer/MatMul"
    assert found.searched == len(trained.session.graph.operations)
    forward = found.rows[0]
    assert (forward.presence, forward.t, forward.phase) == (Presence.RUNS, 3, Phase.FORWARD)
    assert {row.where for row in found.rows} >= {"name", "line"}


def test_python_names_and_what_does_not_run():
    program = Trained()
    d = program.debug(program.loss)
    row = next(row for row in d.find("train$").rows if row.where == "Python name")
    assert (row.presence, row.t) == (Presence.ABSENT, None)
    assert d.find("^w$").rows[0].presence is Presence.GIVEN
    assert d.find("^x$").rows[0].presence is Presence.FED


def test_find_by_type(trained):
    assert names(call(trained, "find . -t matmul").nodes) == [
        "layer/MatMul",
        "gradients/layer/MatMul_grad/MatMul",
        "gradients/layer/MatMul_grad/MatMul_1",
    ]
    assert {op.type for op in call(trained, "find -t *Adam w").nodes} == {"ApplyAdam"}


def test_find_nothing(trained):
    found = call(trained, "find losss")
    assert (found.rows, found.hint) == ((), "did you mean 'loss'?")
    assert "matches 'losss'. did you mean 'loss'?" in str(found)
    with pytest.raises(DebugError, match=r"'\(' is not a regular expression"):
        call(trained, "find (")
    with pytest.raises(DebugError, match="find needs a word after it: find PATTERN"):
        call(trained, "find")


def test_long_lists_are_cut_off_and_it_is_said():
    for _ in range(60):
        gs.constant(1.0, name="many")
    found = started(gs.constant(2.0)).find("many")
    assert len(found.rows) == 60
    assert "and 20 more: a longer word finds fewer" in str(found)


# ---- info --------------------------------------------------------------------------------------


def test_the_card_of_a_node(trained):
    card = call(trained, "info layer/MatMul")
    assert (card.name, card.runs, card.phase, card.t) == ("layer/MatMul", True, Phase.FORWARD, 3)
    assert [shown.tensor.name for shown in card.inputs] == ["x:0", "w/read:0"]
    np.testing.assert_array_equal(card.outputs[0].value, [[3.0], [4.0]])
    assert card.attrs == {"transpose_a": "False", "transpose_b": "False"}
    assert names(card.users) == ["layer/y"]
    assert set(card.derived) >= {
        trained.session.graph.get_operation_by_name("gradients/layer/MatMul_grad/MatMul_1")
    }
    assert (card.inside, card.why_not, card.why_no_value) == (None, None, "")
    assert card.doc.startswith("The product of matrices") or card.doc


def test_info_is_breakpoints_or_a_node(trained):
    trained.brk("loss")
    for line in ("info", "info b", "info breakpoints"):
        assert [row.spec for row in call(trained, line).rows] == ["loss"]
    for line in ("info loss", "info node loss", "node loss", "ni loss", "info ."):
        assert call(trained, line).node.name == "loss"
    assert call(trained, "ni").node.name == "loss"


def test_a_node_that_is_called_b():
    d = started(gs.identity(gs.constant(1.0), name="b"))
    assert call(d, "info node b").node.name == "b"


def test_cards_of_what_is_no_step(trained):
    assert trained.info("w").presence is Presence.GIVEN
    assert "there before the run begins" in str(trained.info("w"))
    assert trained.info("x").presence is Presence.FED
    assert trained.info("w").why_not is None
    absent = trained.info("sharp")
    assert absent.why_not.absence is Absence.NOT_NEEDED
    assert "does not run" in str(absent)
    assert "It would run for self.sharp" in str(absent)
    later = trained.info("Adam")
    assert (later.times, later.t > trained.t, later.runs) == ((), True, True)
    assert f"runs at t={later.t}" in str(later)
    assert "has not run yet" in later.why_no_value


def test_cards_of_nodes_of_a_backward_pass(trained):
    card = trained.info("gradients/layer/MatMul_grad/MatMul_1")
    assert card.phase is Phase.BACKWARD
    assert "part of the gradient of layer/MatMul" in str(card)


def test_cards_of_nodes_in_loops_and_branches(looped):
    card = looped.info("double")
    assert (card.inside.type, card.times, card.t) == ("While", (), None)
    assert "may run later" in str(card)
    looped.until("If")
    card = looped.info("double")
    assert len(card.times) == 3
    assert "ran 3 times, last at t=9" in str(card)
    assert "inside loop/While [While]" in str(card)
    looped.run_to_end()
    assert "has not been called" in str(looped.info("hundredfold"))
    assert looped.info("loop/While").attrs["body"].startswith("a body of ")


def test_cards_of_odd_nodes():
    d = started(*odd())
    d.run_to_end()
    for op in d.session.graph.operations:
        assert str(d.info(op))
    assert d.info("whole").attrs["value"] == "[1, 2, 3]"


@pytest.mark.parametrize(
    "line", ["info nix", "info node nix", "ni %nix", "li nix", "lo nix", "code nix"]
)
def test_unknown_nodes(trained, line):
    with pytest.raises(UnknownPlace, match="The graph has no"):
        call(trained, line)


# ---- trees -------------------------------------------------------------------------------------


def lines(tree):
    return [(row.depth, row.node.name, row.seen_at, row.hidden) for row in tree.rows]


def test_only_what_goes_in_directly(trained):
    assert lines(call(trained, "inputs layer/MatMul")) == [
        (0, "layer/MatMul", None, 0),
        (1, "x", None, 0),
        (1, "w/read", None, 1),
    ]


def test_trees_stop_at_what_was_shown_before():
    x = gs.constant(1.0, name="x")
    y = gs.square(x, name="y")
    z = gs.add(y, y * y, name="z")
    d = started(z)
    assert lines(call(d, "li z -r")) == [
        (0, "z", None, 0),
        (1, "y", None, 0),
        (2, "x", None, 0),
        (1, "mul", None, 0),
        (2, "y", 2, 0),
    ]
    assert str(d.inputs("z", r=True)).splitlines()[-1].split() == [
        "#5",
        "y",
        "[Square]",
        "t=1",
        "see",
        "#2",
    ]


def test_a_depth(trained):
    assert max(row.depth for row in call(trained, "li loss -d 2").rows) == 2
    assert call(trained, "li -d 2 loss").rows == call(trained, "li loss -r -d 2").rows
    hidden = {row.node.name: row.hidden for row in call(trained, "li loss -d 2").rows}
    assert hidden == {"loss": 0, "truediv": 0, "Square": 1, "truediv/y": 0, "Const": 0}
    for wrong, message in (("-d 0", "1 or more"), ("-d x", "whole number"), ("-d", "needs a word")):
        with pytest.raises(DebugError, match=message):
            call(trained, f"li loss {wrong}")


def test_along_control_edges_only_when_asked(trained):
    assert "Adam/update" in names(call(trained, "inputs Adam/value -c").nodes)
    assert "Adam/update" not in names(call(trained, "inputs Adam/value").nodes)
    update = call(trained, "outputs Adam/update_w/ApplyAdam -c")
    assert "Adam/update" in names(update.nodes)
    assert all(row.tensor is None for row in update.rows)
    assert "(only the order)" in str(update)


def test_what_takes_nothing_and_what_is_used_by_nothing(trained):
    assert "It takes nothing." in str(call(trained, "inputs x"))
    assert "It is used by nothing." in str(call(trained, "outputs Adam"))


def test_trees_through_loops_and_odd_nodes(looped):
    looped.run_to_end()
    tree = call(looped, "inputs loss -r")
    assert {"loop/While", "choice/If", "a"} <= set(names(tree.nodes))
    assert str(tree)
    with gs.Graph().as_default():
        d = started(*odd())
        d.run_to_end()
        for op in d.session.graph.operations:
            assert str(d.inputs(op, r=True))
            assert str(d.outputs(op, r=True, c=True))


def test_a_deep_graph_needs_no_recursion():
    x = start = gs.constant(1.0)
    for _ in range(3000):
        x = gs.negative(x)
    d = started(x)
    assert len(call(d, f"inputs {x.op.name} -r -d 5000").rows) == 3001
    assert len(call(d, f"outputs {start.op.name} -r").rows) == 21
    text = str(d.inputs(x, d=5000))
    assert "and 2881 lines more: -d 3 shows three levels" in text


@settings(max_examples=60, deadline=None)
@given(dags(), st.integers(1, 5), st.data())
def test_a_tree_shows_everything_within_its_depth(edges, depth, data):
    with gs.Graph().as_default():
        made = built(edges)
        d = started(made)
        i = data.draw(st.integers(0, len(edges) - 1))
        near = {j for j, length in distances(edges, i).items() if length <= depth}
        tree = d.outputs(made[i], d=depth)
        assert set(names(tree.nodes)) == {f"n{j}" for j in near}
        assert tree.direction is Direction.OUTPUTS
        before = {j for j in range(len(edges)) if distances(edges, j).get(i, 99) <= depth}
        tree = d.inputs(made[i], d=depth)
        assert set(names(tree.nodes)) == {f"n{j}" for j in before}
        for row in tree.rows:  # a reference goes back, to the same node
            assert row.seen_at is None or tree.rows[row.seen_at - 1].node is row.node
            assert row.seen_at is None or row.seen_at < row.number
        assert [row.number for row in tree.rows] == list(range(1, len(tree.rows) + 1))


# ---- code --------------------------------------------------------------------------------------


def test_the_lines_around_the_present_node(trained):
    found = call(trained, "code")
    line = trained.timeline.here.node.source.lineno
    row = found[line]
    assert (row.here, row.wanted) == (True, True)
    assert [r.number for r in found.rows] == list(range(line - 8, line + 9))
    assert row.text == linecache.getline(found.file, line).rstrip("\n")
    assert row.result.op.name == "loss"
    assert (row.value, row.gradient) == (12.5, 1.0)
    w = found[trained.session.graph.get_operation_by_name("w").source.lineno]
    assert w.gradient == pytest.approx(np.hypot(3.0, 11.0))
    assert w.result.op.name == "w"
    assert found.loss.name == "loss"


def test_gradients_are_there_once_the_loss_is(trained):
    trained.goto(3)
    assert {row.gradient for row in trained.code().rows} == {None}
    trained.run_to_end()
    line = trained.session.graph.get_operation_by_name("w").source.lineno
    assert trained.code(f"{HERE}:{line}")[line].gradient == pytest.approx(np.hypot(3.0, 11.0))


def test_the_line_of_an_optimizer_has_no_result_but_many_nodes(trained):
    line = trained.session.graph.get_operation_by_name("Adam").source.lineno
    row = trained.code("Adam")[line]
    assert row.result is None
    assert len(row.nodes) > 10
    assert "BWD" in str(trained.code("Adam"))


def test_a_whole_file_and_a_line_of_it(trained):
    whole = call(trained, f"code {HERE}")
    assert whole.rows[0].number == 1
    assert not any(row.wanted for row in whole.rows)
    some = call(trained, f"ls {HERE}:20")
    assert [row.number for row in some.rows if row.wanted] == [20]
    assert [row.number for row in call(trained, f"ps {HERE}:1").rows] == list(range(1, 10))


def test_lines_that_made_nodes_of_other_runs():
    program = Trained()
    d = program.debug(program.loss)
    line = d.session.graph.get_operation_by_name("Adam").source.lineno
    row = d.code("Adam")[line]
    assert (row.nodes, row.result) == ((), None)
    assert row.elsewhere > 10
    assert "not in this run: " in str(d.code("Adam"))


def test_before_anything_has_run_it_is_the_first_node():
    d = Trained().debug()
    assert any(row.wanted and not row.here for row in d.code().rows)


def test_code_through_loops(looped):
    for _ in range(5):
        looped.step()
        assert str(looped.code())
    looped.run_to_end()
    assert str(looped.code(HERE))


def test_wrong_files(trained):
    with pytest.raises(DebugError, match=r"No node of the graph was made in 'nix\.py'; "):
        trained.code("nix.py")
    with pytest.raises(DebugError, match=r"did you mean 'wayfinding\.py'"):
        trained.code("wayfindin.py")


def test_a_file_that_is_gone():
    scope = {"gs": gs}
    exec(compile("y = gs.constant(1.0, name='y') * 2.0", "gone.py", "exec"), scope)
    d = started(scope["y"])
    with pytest.raises(DebugError, match=r"The text of gone\.py is not there any more"):
        d.code()


# ---- text --------------------------------------------------------------------------------------


def test_the_text_of_a_path(trained, transcript):
    transcript.same(
        str(trained.path("w", "layer/y")),
        """ self.w leads to layer/y in 3 steps; a gradient comes back along them.
       w [VariableV2]     given  f32[2,1]  mean 1.5
   ->  read w [Identity]  t=1    f32[2,1]  mean 1.5
   ->  MatMul [MatMul]    t=3    f32[2,1]  mean 3.5
   ->  y [Add]            t=4    f32[2,1]  mean 3.5""",
    )


def test_the_text_of_a_search(trained, transcript):
    line = trained.session.graph.get_operation_by_name("sharp").source.lineno
    transcript.same(
        str(trained.find("sharp")),
        f""" 1 of {len(trained.session.graph.operations)} operations match 'sharp'
 -    sharp [Round] = self.sharp  {HERE}:{line}""",
    )


def test_the_text_of_a_node(trained, transcript):
    op = trained.session.graph.get_operation_by_name("layer/MatMul")
    transcript.same(
        str(trained.info(op)),
        f""" layer/MatMul  [MatMul]  linear  FWD  ran at t=3
   {op.definition.doc.partition(chr(10))[0]}
   {HERE}:{op.source.lineno}  {op.source.text}
   in   x:0             f32[?,2]  f32[2,2]  mean 1
   in   w/read:0        f32[2,1]  f32[2,1]  mean 1.5
   out  layer/MatMul:0  f32[?,1]  f32[2,1]  mean 3.5
   attributes: transpose_a=False, transpose_b=False
   used by: y
   its gradient: layer/MatMul_grad/MatMul, layer/MatMul_grad/MatMul_1""",
    )


def test_the_text_of_a_tree(trained, transcript):
    transcript.same(
        str(trained.inputs("layer/y", d=2)),
        """ #1  y [Add]                t=4    f32[2,1]  mean 3.5
 #2    MatMul               t=3    f32[2,1]  mean 3.5
 #3      x [Placeholder]    fed    f32[2,2]  mean 1
 #4      read w [Identity]  t=1    f32[2,1]  mean 1.5  (1 more)
 #5    read b [Identity]    t=2    f32[1]  0
 #6      b [VariableV2]     given  f32[1]  0""",
    )


def test_the_text_of_the_program(transcript):
    program = Loop()
    d = started([program.out], {program.a: 3.0})
    d.run_to_end()
    found = d.code(f"{HERE}:{program.out.op.source.lineno}")
    first = found.rows[0].number
    text = str(found).splitlines()
    assert text[0].split() == [HERE, ">", "here", "*", "asked", "for"]
    start = program.a.op.source.lineno
    at = next(i for i, line in enumerate(text) if line.split()[:1] == [str(start)])
    transcript.same(
        "\n".join(text[at : at + 2]),
        f"""   {start}          self.a = gs.placeholder(gs.float32, [], name="a")
         a  f32[]  3""",
    )
    assert first == program.out.op.source.lineno - 8
