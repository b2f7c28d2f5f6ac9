"""The debug adapter, driven over pipes by a small editor: `editor.py`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from editor import Editor

PROGRAMS = Path(__file__).parent.parent / "programs"


@pytest.fixture
def editor(tmp_path):
    made = []

    def start(**options):
        made.append(Editor(tmp_path, **options))
        return made[-1]

    yield start
    for one in made:
        one.close()


TRAINING = """\
import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
W = tf.Variable(np.array([[1.0, -1.0], [0.5, 2.0]], np.float32), name="W")
b = tf.Variable(tf.zeros([2]), name="b")
with tf.name_scope("layer"):
    h = tf.nn.relu(tf.matmul(x, W) + b)
loss = tf.reduce_mean(tf.square(h), name="loss")
train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
X = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]], np.float32)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
print("before", round(float(sess.run(loss, {x: X})), 4))
for i in range(3):
    sess.run(train_step, {x: X})
print("after", round(float(sess.run(loss, {x: X})), 4))
"""


def test_a_script_is_stepped_and_ends(editor):
    e = editor()
    e.begin(TRAINING)
    assert e.stopped()["reason"] == "entry"
    assert e.here == "the run begins  t=0/3"
    assert e.go("stepIn")["reason"] == "step"
    assert e.t == 1
    e.ask("continue", threadId=1)
    assert e.end() == 0
    assert e.said("stdout") == "before 11.2083\nafter 0.0623\n"


def test_every_kind_of_breakpoint_and_the_way_back(editor):
    e = editor()
    asked = {}

    def configure():
        asked["lines"] = e.break_at("h = ", "X = ")
        asked["places"] = e.ask(
            "setFunctionBreakpoints",
            breakpoints=[{"name": "@ApplyGradientDescent"}, {"name": "lost"}, {"name": "Square*"}],
        )["breakpoints"]
        e.ask("setExceptionBreakpoints", filters=["nan", "op-error"])

    e.begin(TRAINING, configure, fetch="train_step")
    line, nothing = asked["lines"]
    apply, lost, square = asked["places"]
    assert not any(item["verified"] for item in (*asked["lines"], *asked["places"]))
    assert line["reason"] == "pending"

    # The run before the one that is fetched stops at the line too, behind each node that it made.
    stop = e.stopped()
    assert (stop["reason"], stop["hitBreakpointIds"]) == ("breakpoint", [line["id"]])
    assert e.here == "layer/MatMul [MatMul]  t=3/7 FWD"
    known = {n["breakpoint"]["id"]: n["breakpoint"] for n in e.events("breakpoint")}
    assert known[line["id"]]["verified"]
    assert known[apply["id"]]["verified"], "the place is there, and does not run for this fetch"
    assert not known[lost["id"]]["verified"]
    assert (
        "did you mean" in known[lost["id"]]["message"] or "no node" in known[lost["id"]]["message"]
    )
    assert not known[nothing["id"]]["verified"]

    e.ask("setBreakpoints", source={"path": str(e.program)}, breakpoints=[])
    stop = e.go("continue")
    assert (stop["reason"], stop["hitBreakpointIds"]) == ("function breakpoint", [square["id"]])
    assert e.here.startswith("Square [Square]")

    # A line of the plan's document, and a variable.
    e.ask("setFunctionBreakpoints", breakpoints=[])
    e.ask("continue", threadId=1)
    assert e.stopped()["reason"] == "entry"
    source, lines = e.plan()
    number = next(i for i, text in enumerate(lines, 1) if " layer/add = " in text)
    (planned,) = e.ask("setBreakpoints", source=source, breakpoints=[{"line": number}])[
        "breakpoints"
    ]
    assert planned["verified"]
    assert planned["line"] == number
    info = e.ask("dataBreakpointInfo", variablesReference=e.scopes()["Variables"], name="W")
    assert info["dataId"] == "%W"
    assert "write" in info["accessTypes"]
    (data,) = e.ask("setDataBreakpoints", breakpoints=[{"dataId": "%W", "accessType": "write"}])[
        "breakpoints"
    ]
    assert data["verified"]
    stop = e.go("continue")
    assert (stop["reason"], stop["hitBreakpointIds"]) == ("breakpoint", [planned["id"]])
    assert e.frames[0]["line"] == number
    stop = e.go("continue")
    assert (stop["reason"], stop["hitBreakpointIds"]) == ("data breakpoint", [data["id"]])
    assert "GradientDescent/update_W" in stop["text"]
    end = e.t

    # Back again: the variable has its value from before, and nothing is computed again.
    after = e.evaluate("W[0][0]")["result"]
    stop = e.go("reverseContinue")
    assert (stop["reason"], stop["hitBreakpointIds"]) == ("breakpoint", [planned["id"]])
    assert e.evaluate("W[0][0]")["result"] != after
    place = e.t
    assert e.go("stepBack", granularity="instruction")["reason"] == "step"
    assert e.t == place - 1
    e.go("stepIn")
    e.go("next", granularity="instruction")
    assert e.t == place + 1
    e.ask("setBreakpoints", source=source, breakpoints=[])
    e.go("continue")
    assert e.t == end
    e.ask("setDataBreakpoints", breakpoints=[])
    e.ask("continue", threadId=1)
    assert e.end() == 0


def test_scopes_show_values_and_set_them(editor):
    e = editor()
    e.begin(TRAINING, fetch="train_step")
    e.stopped()
    said = e.refused("evaluate", expression="h", context="hover")
    assert said.startswith("layer/Relu has not run yet")
    e.console("until grad(loss,W)")
    e.stopped()
    assert list(e.scopes()) == ["Inputs", "Output", "Feeds", "Variables", "Gradients"]

    # Lines, with what is inside of them by pages.
    (feed,) = e.scope("Feeds").values()
    assert feed["value"].startswith("f32[3,2]")
    assert feed["indexedVariables"] == 3
    reference = feed["variablesReference"]
    named = e.inside(reference, filter="named")
    assert (named["shape"]["value"], named["dtype"]["value"]) == ("[3, 2]", "float32")
    assert len(named) == feed["namedVariables"]
    rows = e.inside(reference, filter="indexed", start=1, count=2)
    assert list(rows) == ["[1]", "[2]"]
    assert e.inside(rows["[1]"]["variablesReference"], filter="indexed")["[0]"]["value"] == "3.0"
    assert e.evaluate(rows["[1]"]["evaluateName"])["result"].startswith("f32[2]")
    assert e.inside(reference, filter="indexed", start=3, count=9) == {}

    inputs, output = e.scope("Inputs"), e.scope("Output")
    assert all(line["name"][0] == "x" for line in inputs.values())
    assert len(output) == 1
    gradients = e.scope("Gradients")
    assert gradients["grad(loss,W)"]["value"].startswith("f32[2,2]")
    assert "presentationHint" not in e.scope("Variables")["W"], "a variable can be set"

    # A variable, one element of it, what the node gives.
    variables = e.scopes()["Variables"]
    assert e.ask("setVariable", variablesReference=variables, name="b", value="[5, 6]")["value"]
    assert e.evaluate("b")["result"] == "f32[2]  min 5  mean 5.5  max 6"
    inside = e.scope("Variables")["W"]["variablesReference"]
    row = e.inside(inside)["[0]"]["variablesReference"]
    assert e.ask("setVariable", variablesReference=row, name="[1]", value="7.5")["value"]
    assert e.evaluate("W[0, 1]")["result"] == "f32[]  7.5"
    assert e.events("stopped") == []
    said = e.refused("setVariable", variablesReference=variables, name="b", value="[1, 2, 3]")
    assert "shape" in said
    assert "There is no" in e.refused(
        "setVariable", variablesReference=variables, name="V", value="1"
    )
    here = e.t
    name = next(iter(e.scope("Output")))
    e.ask("setVariable", variablesReference=e.scopes()["Output"], name=name, value="1")
    assert e.t == here
    assert e.evaluate(name)["result"].endswith("min 1  mean 1  max 1")
    changed = next(iter(e.scope("Variables").values()))
    assert "changed" in changed["value"], "what has changed comes first"

    # A feed: the run begins again, and what was shown before is gone.
    old = e.scopes()["Feeds"]
    e.ask("setVariable", variablesReference=old, name="x", value="np.ones([2, 2])")
    assert e.stopped()["reason"] == "goto"
    assert e.t == 0
    assert "another place" in e.refused("variables", variablesReference=old)
    e.console("until layer/Relu")
    assert e.scope("Feeds")["x"]["value"].startswith("f32[2,2]")
    body = e.ask("setExpression", expression="x", value="np.zeros([1, 2])", frameId=1)
    assert body["value"].startswith("f32[1,2]")


def test_a_nan_is_caught_at_its_birth(editor):
    e = editor()
    script = TRAINING.replace("tf.square(h)", "tf.log(h - 2.0)")
    e.begin(script, lambda: e.ask("setExceptionBreakpoints", filters=["nan"]), stopOnEntry=False)
    stop = e.stopped()
    assert stop["reason"] == "exception"
    assert "Log" in stop["text"]
    assert e.here.startswith("Log [Log]")
    info = e.ask("exceptionInfo", threadId=1)
    assert info["exceptionId"] == "nan"
    assert "its inputs have none" in info["description"]
    assert "NaN" in e.scope("Output")["Log"]["value"]
    assert e.inside(e.scope("Output")["Log"]["variablesReference"])["first bad"]["value"]
    e.ask("terminate")
    assert e.end() == 0


FAILING = """\
import tensorflow as tf
x = tf.placeholder(tf.float32, [None], name="x")
y = tf.reshape(x, [2, 2], name="y")
z = tf.reduce_sum(y, name="z")
try:
    tf.Session().run(z, {x: [1.0, 2.0, 3.0]})
except tf.errors.InvalidArgumentError as error:
    print("caught", type(error).__name__)
"""


@pytest.mark.parametrize("filters", [["op-error"], []])
def test_an_operation_that_fails_stops_and_then_raises_in_the_script(editor, filters):
    e = editor()
    e.begin(FAILING, lambda: e.ask("setExceptionBreakpoints", filters=filters))
    assert e.stopped()["reason"] == "entry"
    stop = e.go("continue" if filters else "stepIn")
    assert stop["reason"] == "exception"
    assert "3" in stop["text"]
    assert e.t == 0
    info = e.ask("exceptionInfo", threadId=1)
    assert info["exceptionId"] == "InvalidArgumentError"
    assert "program.py:3" in info["details"]["stackTrace"]
    assert "f32[3]" in e.console("print x"), "looking around changes nothing"
    e.ask("continue", threadId=1)
    assert e.end() == 0
    assert "caught InvalidArgumentError" in e.said("stdout")


def test_a_run_that_nobody_looked_at_stops_where_it_has_failed(editor):
    """Catching failures alone does not slow down the runs that do not fail."""
    e = editor()
    script = (
        TRAINING.replace("for i in range(3):", "for i in range(40):")
        .replace("tf.matmul(x, W)", "tf.matmul(tf.reshape(x, [3, 2]), W)")
        .replace(
            "sess.run(train_step, {x: X})", "sess.run(train_step, {x: X[:3 if i < 30 else 2]})"
        )
    )
    e.begin(script, lambda: e.ask("setExceptionBreakpoints", filters=["op-error"]),
            stopOnEntry=False)  # fmt: skip
    stop = e.stopped()
    assert stop["reason"] == "exception"
    assert "hitBreakpointIds" in stop
    assert e.frames[-1]["name"].endswith("run 33")
    assert e.frames[-1]["line"] == e.line("sess.run(train_step")
    assert e.t > 0
    assert e.scope("Feeds")["x"]["value"].startswith("f32[2,2]")
    e.go("stepBack")
    assert e.go("continue")["reason"] == "exception"
    e.ask("continue", threadId=1)
    assert e.end() == 1
    assert "InvalidArgumentError" in e.said("stderr")


LOOP = """\
import tensorflow as tf
x = tf.constant([1.0, 2.0], name="x")

def body(i, total):
    grown = total * 2.0
    return i + 1, grown + 1.0

with tf.name_scope("sums"):
    last = tf.while_loop(lambda i, total: i < 3, body, [0, x])[1]
result = tf.reduce_sum(last, name="result")
print(tf.Session().run(result))
"""


def test_loops_are_stepped_into_out_of_and_over(editor):
    e = editor()
    e.begin(LOOP, lambda: e.break_at("grown = "))
    e.stopped()
    _, lines = e.plan()
    assert any("each iteration of sums/while/While" in line for line in lines)
    for iteration in (1, 2):
        assert e.go("continue")["reason"] == "breakpoint"
        node, loop, *others = e.frames
        assert node["name"].startswith("sums/while/mul [Mul]")
        assert loop["name"] == f"iteration {iteration} of sums/while/While"
        assert loop["source"] == node["source"]
        assert lines[loop["line"] - 1].split()[1] == "sums/while/While"
        assert lines[node["line"] - 1].split()[1] == "sums/while/mul"
        names = [frame["name"] for frame in others]
        assert names[:3] == ["in sums/while", "in sums", "made by body"]
        assert names[-1] == "<module>: sess.run(result)  run 1"
        assert others[2]["line"] == 5
    assert e.evaluate("iteration")["result"] == "i32[]  2"
    e.ask("setBreakpoints", source={"path": str(e.program)}, breakpoints=[])
    e.go("stepOut")  # of the iteration
    assert "iteration" not in e.frames[1]["name"] or "iteration 2" in e.frames[1]["name"]
    while "iteration" in e.frames[1]["name"]:
        e.go("stepOut")
    assert e.here.startswith("sums/while/While [While]")
    e.go("stepBack")  # over all of it
    assert e.t < 4
    assert "iteration" not in e.frames[1]["name"]
    e.go("stepIn")
    e.go("next")
    e.ask("continue", threadId=1)
    assert e.end() == 0
    assert e.said("stdout") == "38.0\n"


def test_conditions_counts_and_messages(editor):
    e = editor()

    def configure():
        source = {"path": str(e.program)}
        wishes = [
            {"line": e.line("loss ="), "condition": "run > 3 and v.ndim == 0"},
            {"line": e.line("h ="), "hitCondition": "sometimes"},
            {"line": e.line("h ="), "condition": "1 +"},
            {"line": e.line("h ="), "logMessage": "h is {np.max(h)} in run {run}, {{so}}"}
        ]  # fmt: skip
        found = e.ask("setBreakpoints", source=source, breakpoints=wishes)["breakpoints"]
        assert [item.get("reason") for item in found] == ["pending", "failed", "failed", "pending"]
        assert "is no count of hits" in found[1]["message"]
        assert "not an expression" in found[2]["message"]
        places = [{"name": "@ApplyGradientDescent", "hitCondition": "%4"}]
        e.ask("setFunctionBreakpoints", breakpoints=places)

    e.begin(TRAINING, configure, stopOnEntry=False)
    assert e.stopped()["reason"] == "function breakpoint"
    assert e.frames[-1]["name"].endswith("run 4")  # two variables a run: the second run of three
    assert e.here.startswith("GradientDescent/update_b")
    said = e.said("console")
    assert "in run 2" in said
    assert "in run 4" in said
    stop = e.go("continue")
    assert stop["reason"] == "breakpoint"
    assert e.here.startswith("loss [Mean]")
    assert e.frames[-1]["name"].endswith("run 6")
    e.ask("continue", threadId=1)
    assert e.end() == 0


def test_a_breakpoint_where_a_run_is_called_stops_before_it(editor):
    e = editor()
    e.begin(TRAINING, lambda: e.break_at("sess.run(train_step", condition="run > 3"),
            stopOnEntry=False)  # fmt: skip
    stop = e.stopped()
    assert stop["reason"] == "breakpoint"
    assert stop["hitBreakpointIds"] == [1]
    assert e.here.startswith("the run begins  t=0/")
    assert e.frames[-1]["line"] == e.line("sess.run(train_step")
    assert e.events("breakpoint")[-1]["breakpoint"]["verified"]
    # Behind the end of a run comes the next one.
    e.go("stepOut")
    assert e.here.partition("t=")[2].startswith("18/18") or e.t > 10
    stop = e.go("next")
    assert stop["reason"] == "breakpoint"
    assert e.t == 0
    assert e.frames[-1]["name"].endswith("run 5")
    e.break_at()
    e.go("stepOut")
    stop = e.go("next")
    assert stop["reason"] == "step"
    assert e.frames[-1]["name"].endswith("run 6")
    # And before its start the end of the one before.
    e.go("stepBack")
    assert e.frames[-1]["name"].endswith("run 5")
    e.ask("disconnect")
    assert e.process.wait(30) == 0


def test_the_console_takes_commands_and_expressions(editor):
    e = editor()
    e.begin(TRAINING, fetch="train_step", atRun=2)
    e.stopped()
    assert e.frames[-1]["name"].endswith("run 4")
    assert "W" in e.console("updates")
    assert e.console("W[0][0] + 1").startswith("f32[]")
    assert e.console("eval big = W.max()") is not None
    assert e.console("! big * 0") == " 0.0"
    assert e.events("stopped") == []
    assert "t=4/" in e.console("step 4")
    assert e.event("continued")["threadId"] == 1
    assert e.stopped()["reason"] == "step"
    assert e.t == 4
    assert "or 'step'?" in e.refused("evaluate", expression="setp", context="repl")
    assert "no node" in e.refused("evaluate", expression="V + 1", context="repl")
    assert "takes a whole number" in e.refused("evaluate", expression="step x", context="repl")
    found = e.ask("completions", text="print lay", column=10)["targets"]
    kind = "MatMul  f32[?,2]"
    assert {"label": "layer/MatMul", "detail": kind, "start": 7, "length": 3} in found
    assert "updates" in [
        word["label"] for word in e.ask("completions", text="up", column=3)["targets"]
    ]
    assert e.evaluate("W", "clipboard")["result"].count(" ") >= 2
    e.console("break @ApplyGradientDescent")
    assert e.go("continue")["reason"] == "breakpoint"
    assert "this run" in e.console("why W") or "W" in e.console("why W")
    e.console("delete")
    e.console("next-run")
    assert e.stopped()["reason"] == "step"
    assert e.frames[-1]["name"].endswith("run 5")
    e.console("quit")
    assert e.end() == 0
    assert "after" not in e.said("stdout")


def test_jumps_to_lines_and_watches_of_nodes(editor):
    e = editor()
    e.begin(TRAINING)
    e.stopped()
    sources = [source["name"] for source in e.ask("loadedSources")["sources"]]
    assert sources[0] == "program.py"
    assert [event["source"]["name"] for event in e.events("loadedSource")] == sources[1:]
    source, lines = e.plan()
    at = len(lines)
    (target,) = e.ask("gotoTargets", source=source, line=at)["targets"]
    assert e.go("goto", targetId=target["id"])["reason"] == "goto"
    assert e.frames[0]["line"] == at
    assert e.refused("goto", threadId=1, targetId=10**6) == "There is no such place in this run."
    info = e.ask("dataBreakpointInfo", name="layer/Relu")
    assert info["dataId"] == "layer/Relu:0"
    assert info["accessTypes"] == ["write"]
    asked = [{"dataId": info["dataId"]}]
    assert e.ask("setDataBreakpoints", breakpoints=asked)["breakpoints"][0]["verified"] is True
    e.ask("continue", threadId=1)
    stop = e.stopped()
    assert stop["reason"] == "data breakpoint"
    assert "layer/Relu" in stop["text"]
    e.ask("disconnect")
    assert e.process.wait(30) == 0


SLOW = """\
import time
import numpy as np
import tensorflow as tf
x = tf.placeholder(tf.float32, [2], name="x")
y = tf.while_loop(lambda i, a: i < {count}, lambda i, a: (i + 1, a * 0.5), [0, x])[1]
late = tf.tanh(y, name="late")
sess = tf.Session()
print(sess.run(late, {{x: [1.0, 2.0]}}))
{after}
"""


def test_the_adapter_answers_while_a_run_goes_on(editor):
    e = editor()
    e.begin(SLOW.format(count=10_000_000, after=""))
    e.stopped()
    e.ask("continue", threadId=1)
    assert e.ask("threads")["threads"] == [{"id": 1, "name": "sess.run"}]
    assert e.refused("stackTrace", threadId=1) == "The run is moving. pause stops it."
    assert "is moving" in e.refused("evaluate", expression="y", context="watch")
    # A breakpoint that is set now stops the run that goes on.
    (one,) = e.ask(
        "setFunctionBreakpoints", breakpoints=[{"name": "while/mul", "hitCondition": ">5"}]
    )["breakpoints"]
    stop = e.stopped()
    assert stop["hitBreakpointIds"] == [one["id"]]
    e.ask("setFunctionBreakpoints", breakpoints=[])
    e.ask("continue", threadId=1)
    e.ask("pause", threadId=1)
    assert e.stopped()["reason"] == "pause"
    assert e.t > 10
    e.ask("stepOut", threadId=1)  # of one iteration; pause comes while it goes, or behind it
    e.ask("pause", threadId=1)
    e.stopped()
    e.ask("continue", threadId=1)
    e.ask("terminate")
    assert e.end() == 0


@pytest.mark.parametrize("way", ["terminate", "disconnect", "hang up"])
def test_a_script_that_does_not_end_is_ended(editor, way):
    e = editor()
    e.begin(SLOW.format(count=2, after="while True: time.sleep(60)"), stopOnEntry=False)
    while "[0.2" not in e.event("output")["output"]:
        pass
    e.ask("pause", threadId=1)
    assert e.refused("scopes", frameId=1).startswith("The script runs")
    if way == "hang up":
        e.process.stdin.close()
        assert e.process.wait(30) in (0, 1)
    elif way == "terminate":
        e.ask("terminate")
        assert e.end() == 0
    else:
        e.ask("disconnect")
        assert e.process.wait(30) in (0, 1)


def test_what_the_script_says_is_no_part_of_the_protocol(editor):
    e = editor()
    script = """\
import os, subprocess, sys
print("plain", end="")
print(" and more")
sys.stderr.write("wrong\\n")
os.write(1, b"by number\\n")
subprocess.run([sys.executable, "-c", "print('by another')"])
try:
    input()
except EOFError:
    print("nothing to read")
print(sys.argv[1:], os.path.basename(os.getcwd()), os.environ["COLOUR"])
sys.stdout.buffer.write("Δ\\n".encode())
sys.stdout.flush()
raise ValueError("the end")
"""
    folder = e.folder / "there"
    folder.mkdir()
    e.begin(script, args=["one", "two words"], cwd=str(folder), env={"COLOUR": "red"})
    assert e.end() == 1
    found = e.events("output")
    out = "".join(event["output"] for event in found if event["category"] == "stdout")
    wrong = "".join(event["output"] for event in found if event["category"] == "stderr")
    for line in ("plain and more\n", "by number\n", "by another", "nothing to read\n", "Δ\n"):
        assert line in out
    assert "['one', 'two words'] there red\n" in out
    assert wrong.startswith("wrong\nTraceback")
    assert 'program.py", line 14, in <module>' in wrong
    assert "graphscope" not in wrong
    assert wrong.endswith("ValueError: the end\n")


def test_set_trace_of_the_script_stops_at_the_next_run(editor):
    e = editor()
    script = TRAINING.replace("for i in range(3):\n", "from graphscope import set_trace\n"
                              "for i in range(3):\n    if i == 2: set_trace()\n")  # fmt: skip
    e.begin(script, stopOnEntry=False)
    assert e.stopped()["reason"] == "pause"
    assert e.frames[-1]["name"].endswith("run 5")
    e.ask("continue", threadId=1)
    assert e.end() == 0


def test_without_debugging_it_only_runs(editor):
    e = editor()
    e.begin(TRAINING, lambda: e.break_at("h ="), noDebug=True)
    assert e.end() == 0
    assert e.events("stopped") == []


def test_wrong_messages_get_a_sentence_and_lose_nothing(editor):
    e = editor()

    def refusal():
        answer = e.response()
        assert answer["success"] is False
        return answer["message"]

    for raw in (
        b"Content-Length: 5\r\n\r\n{abc}",
        b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc",
        b"Content-Length: 6\r\n\r\n[1, 2]",
        b"Content-Length: many\r\n\r\n",
        b"Hello\r\n\r\n",
    ):
        e.send(raw)
        assert refusal().endswith(".")
    for message in ({}, {"type": "request"}, {"type": "request", "command": "next"},
                    {"type": "event", "event": "stopped", "seq": 1}):  # fmt: skip
        data = json.dumps(message).encode()
        e.send(data)
        assert refusal().endswith(".")
    assert e.refused("launch", program="x.py") == "The first request is initialize, not launch."
    e.ask("initialize", adapterID="graphscope")
    assert "no request 'disassemble'" in e.refused(
        "disassemble", memoryReference="0", instructionCount=1
    )
    assert "There is no file" in e.refused("launch", program="nowhere.py")
    assert "program is a text" in e.refused("launch", program="")
    assert e.refused("attach", name="x").startswith("A script is launched here")
    assert "not begun" in e.refused("next", threadId=1)
    assert "no such document" in e.refused("source", sourceReference=7)
    assert "no exception filter" in e.refused("setExceptionBreakpoints", filters=["raised"])
    assert e.refused("setBreakpoints", source={}).startswith("path is a text")
    path = e.folder / "program.py"
    path.write_text(TRAINING)
    e.ask("launch", program=str(path))
    assert "launched already" in e.refused("launch", program=str(path))
    e.ask("configurationDone")
    e.stopped()
    number = e.post("variables", variablesReference=99)
    assert "not there any more" in refusal()
    e.send(json.dumps({"seq": number + 1, "type": "request", "command": "scopes"}).encode())
    assert "frameId is a whole number" in refusal()
    data = {"seq": number + 2, "type": "request", "command": "next", "arguments": [1]}
    e.send(json.dumps(data).encode())
    assert "JSON object" in refusal()
    assert e.go("stepBack")["description"].startswith("This is the start of the run")
    assert e.t == 0
    e.go("stepIn")
    assert e.t == 1, "nothing is lost"


def test_lines_that_are_counted_from_nought(editor):
    e = editor(linesStartAt1=False)
    e.begin(LOOP, lambda: e.ask(
        "setBreakpoints", source={"path": str(e.program)}, breakpoints=[{"line": 4}]
    ))  # fmt: skip
    e.stopped()
    assert e.frames[0]["line"] == 0
    assert e.go("continue")["reason"] == "breakpoint"
    assert e.frames[0]["name"].startswith("sums/while/mul")


@pytest.mark.parametrize("name", ["mlp_two_layers.py", "queue_by_hand.py", "maps_and_scans.py"])
def test_programs_of_learners_run_to_their_end(editor, name):
    e = editor()

    def configure():
        e.ask("setFunctionBreakpoints", breakpoints=[{"name": "upd", "hitCondition": "1"}])

    e.begin(PROGRAMS / name, configure)
    e.stopped()
    for _ in range(3):
        e.go("stepIn")
        for scope in e.scopes().values():
            for line in e.inside(scope).values():
                if line["variablesReference"]:
                    e.inside(line["variablesReference"])
    e.ask("setFunctionBreakpoints", breakpoints=[])
    e.ask("continue", threadId=1)
    assert e.end() == 0


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "graphscope", *words], capture_output=True, text=True, timeout=60
    )


def test_the_command_says_how_editors_use_it():
    done = run("dap", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: graphscope dap\n")
    package = done.stdout.partition("is enough::")[2]
    configuration = package.partition("``.vscode/launch.json``::")[2]
    (adapter,) = json.loads(package.partition("and in a")[0])["contributes"]["debuggers"]
    assert (adapter["type"], adapter["args"]) == ("graphscope", ["dap"])
    text = configuration.partition("nvim-dap::")[0]
    assert json.loads(text)["configurations"][0]["type"] == "graphscope"
    assert run("dap", "now").returncode == 2


def test_what_was_done_in_an_editor_can_be_recorded_and_replayed(editor):
    e = editor()
    e.begin(TRAINING, fetch="train_step")
    e.stopped()
    e.go("next", granularity="instruction")
    e.go("stepIn")
    e.ask("setVariable", variablesReference=e.scopes()["Variables"], name="b", value="[1, 2]")
    e.go("stepBack", granularity="instruction")
    recording = e.folder / "session.gsr"
    e.console(f"record {recording}")
    e.ask("terminate")
    e.end()
    done = run("replay", str(recording))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 commands replayed, 0 differ" in done.stdout
    assert "set %b = [1, 2]" in done.stdout


def test_requests_that_follow_at_once_are_all_answered(editor):
    """An editor need not wait: what comes behind `continue` finds a run that goes on."""
    e = editor()
    e.begin(SLOW.format(count=10_000_000, after=""))
    e.stopped()
    for _ in range(20):
        asked = [
            e.post("continue", threadId=1),
            e.post("setFunctionBreakpoints", breakpoints=[]),
            e.post("stackTrace", threadId=1),
            e.post("pause", threadId=1),
        ]
        answers = {answer["request_seq"]: answer for answer in (e.response() for _ in asked)}
        assert [answers[number]["success"] for number in asked] == [True, True, False, True]
        assert e.stopped()["reason"] == "pause"
    before = e.t
    asked = [
        e.post("evaluate", expression="nowhere", context="watch"),
        e.post("evaluate", expression="x", context="watch"),
        e.post("next", threadId=1, granularity="instruction"),
        e.post("pause", threadId=1),
    ]
    answers = {answer["request_seq"]: answer for answer in (e.response() for _ in asked)}
    assert [answers[number]["success"] for number in asked] == [False, True, True, True]
    e.stopped()
    assert e.t == before + 1
    asked = [e.post("continue", threadId=1), e.post("terminate")]
    answers = {answer["request_seq"]: answer for answer in (e.response() for _ in asked)}
    assert answers.keys() == set(asked)  # what is to go on may have ended by then
    assert answers[asked[1]]["success"]
    assert e.end() == 0
