"""What is said at a stop, line by line: why here; where; the source; in and out; why it runs at
all; what has been written and set."""

import numpy as np
import pytest

import graphscope as gs


@pytest.fixture
def d():
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    W = gs.Variable(200 * np.eye(3, dtype=np.float32), name="W")
    y = gs.nn.softmax(gs.matmul(x, W), name="y")
    loss = gs.negative(gs.reduce_sum(gs.log(y, name="logs"), name="sum"), name="loss")
    train = gs.train.GradientDescentOptimizer(0.5).minimize(loss, name="train")
    after = gs.group(train, name="after")
    session = gs.Session()
    session.run(W.initializer)
    return gs.debug(session, [loss, after], {x: np.eye(3)})


def test_a_breakpoint_on_the_way(d):
    d.brk("@Log if np.isinf(v).any()")
    d.until("y")
    d.set("y", d.value("y"))
    report = str(d.cont()).splitlines()
    assert report[0] == " Breakpoint 1."
    assert report[1] == " t=4/18 FWD  logs  [Log]"
    assert report[2].startswith("   test_stop_report.py:15  loss = ")
    assert report[3:] == [
        "   x0 y     f32[3,3]  min 0 mean 0.333 max 1",
        "   -> logs  f32[3,3]  min 0 mean 0     max 0 Inf 6 of 9",
        "   runs because: loss <- sum <- logs",
        "   set by hand: y:0",
    ]


def test_a_write_and_what_came_before(d):
    d.brk("%W")
    report = str(d.cont()).splitlines()
    assert report[0] == " W was written."
    assert report[1].split()[:2] == ["t=16/18", "UPD"]
    assert report[-2].startswith("   W  ")
    assert report[-1] == "   runs because: after <- train <- update W"
    assert str(d.step()).splitlines()[-1] == "   updated so far: W"


def test_it_is_the_same_each_time(d):
    d.brk("logs")
    first = str(d.cont())
    d.restart()
    assert str(d.cont()) == first
    d.goto("end")
    d.rcont()
    assert str(d.where()).startswith(str(d.stop))
