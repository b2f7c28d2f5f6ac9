"""The plan as a document of lines."""

import numpy as np

import graphscope as gs
from graphscope.show.document import document


def document_of(fetches):
    with gs.Session() as session:
        d = gs.debug(session, fetches)
        return document(d.plan, d.names, d.fetched), d.plan


def test_one_line_a_node_in_the_order_of_the_run():
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [None, 2], name="x")
        w = gs.Variable(np.zeros((2, 3), np.float32), name="w")
        y = gs.matmul(x, w, name="y")
        parts = gs.unstack(gs.transpose(y), name="parts")
        made, plan = document_of([parts[0] + parts[2], y])
    head, *lines = made.text.splitlines()
    assert head.startswith("# sess.run(")
    assert head.endswith("runs 5 nodes, in this order.")
    assert [line.split()[1] for line in lines] == [op.name for op in plan.nodes]
    assert any("y = MatMul(x, w/read)" in line and "f32[?,3]" in line for line in lines)
    assert lines[-1].split("  ")[1].endswith("AddV2(parts, parts:2)")
    assert [made.line(op) for op in plan.nodes] == list(range(2, 7))
    assert [made.node(number) for number in range(2, 7)] == list(plan.nodes)


def test_bodies_stand_before_their_owner_and_every_node_has_a_line():
    with gs.Graph().as_default():
        x = gs.constant([1.0, 2.0], name="x")

        def body(i, a):
            return i + 1, gs.cond(gs.reduce_sum(a) > 0, lambda: a * 2.0, lambda: a - 1.0)

        last = gs.while_loop(lambda i, a: i < 3, body, [0, x])[1]
        slope = gs.gradients(last, x)[0]
        made, plan = document_of([last, slope])
    lines = made.text.splitlines()
    for op in plan.everything:
        assert made.node(made.line(op)) is op
    for words in ("the test of while/While", "each iteration of while/While",
                  "when true, for while/cond/If", "when false, for while/cond/If"):  # fmt: skip
        remark = next(i for i, line in enumerate(lines, 1) if line.strip() == f"# {words}")
        assert made.node(remark) is None
        owner = made.line(next(op for op in plan.everything if op.name == words.split()[-1]))
        assert remark < owner
        following = made.next_node(remark)
        assert remark < following[0] <= owner
    assert made.next_node(len(lines) + 1) is None
    assert made.node(0) is None
    assert made.line(None) == 1


def test_a_run_of_nothing_is_a_line():
    with gs.Graph().as_default():
        made, _ = document_of(gs.constant(1.0))
    assert len(made.text.splitlines()) == 1
    assert made.next_node(1) is None
