"""Notebooks: a notebook is executed by a real kernel, and converted to a page."""

import html
import json
import re

import numpy as np
import pytest

import graphscope as gs
from graphscope.debug.answers import Answer
from graphscope.debug.errors import DebugError
from graphscope.show import notebooks

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

CELLS = [
    "%load_ext graphscope",
    """\
import json
from IPython.core.completer import provisionalcompleter
def completed(*lines):
    found = {}
    with provisionalcompleter():
        for line in lines:
            words = get_ipython().Completer.completions(line, len(line))
            found[line] = [word.text for word in words]
    print(json.dumps(found))""",
    'completed("%gs up")',
    """\
import graphscope as tf
import numpy as np
x = tf.placeholder(tf.float32, [None, 2], name="x")
W = tf.Variable(np.ones((2, 2), np.float32), name="W")
frozen = tf.Variable(np.ones(2, np.float32), name="frozen", trainable=False)
loss = tf.reduce_mean(tf.square(tf.matmul(x, W) + frozen), name="loss")
train_step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
X = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
print(sess.run(loss, {x: X}))""",
    "loss",
    "tf.get_default_graph()",
    'completed("%gs up", "%gs plan tr", "%gs until lo", "%gs until tr", "%gs until zz")',
    "%gs updates train_step",
    "%gs step 2",
    "%gs why frozen",
    "%%gs\nuntil grad(loss,W)\n# a remark\nprint W\n-print nowhere\nnext",
    "%gs -f loss needs",
    "%gs -f train_step where",
    "%gs feed x = X[:1] * 2",
    "%gs nonsense",
    "%gs print",
    "sess.run(loss, {x: X[:1]})",
    "%gs plan",
    "%gs film",
    "%gs -f Square,loss plan",
    "%gs updates train_step --json",
    "%gs -s sess -f nowhere plan",
    "tf.reset_default_graph()\na = tf.constant(1.0)",
    "tf.reset_default_graph()\na = tf.constant(1.0)",
    "d = tf.debug(sess, train_step, {x: X})\nd.run_to_end()",
    "d.draw()",
    "W2 = tf.Variable(1.0)",
    "W2 = tf.Variable(1.0)",
    "%gs",
    "%unload_ext graphscope",
    "print(get_ipython().find_line_magic('gs'), tf.Session.run.__module__.endswith('session'))",
]


def executed(cells, folder):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    return notebook


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return executed(CELLS, tmp_path_factory.mktemp("notebook"))


@pytest.fixture
def outputs(notebook):
    """The outputs of the cell that begins with a text."""

    def of(source, number=0):
        found = [cell for cell in notebook.cells if cell.source.startswith(source)]
        return found[number].outputs

    return of


def said(outputs, name="stdout"):
    return "".join(o.text for o in outputs if o.output_type == "stream" and o.name == name)


def data(outputs):
    (shown,) = [o for o in outputs if o.output_type in ("execute_result", "display_data")]
    return shown.data


def without_tags(text):
    return html.unescape(re.sub("<[^>]*>", "", text))


def test_no_cell_fails(notebook):
    assert all(o.output_type != "error" for cell in notebook.cells for o in cell.outputs)


def test_graphs_and_tensors_are_pictures(outputs):
    shown = data(outputs("loss"))
    assert shown["text/plain"] == "<tf.Tensor 'loss:0' shape=() dtype=float32>"
    assert shown["image/svg+xml"].startswith("<svg")
    assert "MatMul" in shown["image/svg+xml"]
    shown = data(outputs("tf.get_default_graph"))
    assert re.fullmatch(r"<tf.Graph of \d+ operations, 2 variables>", shown["text/plain"])
    assert "the graph" in shown["image/svg+xml"]
    assert (
        "ApplyGradientDescent" in shown["image/svg+xml"] or "train_step" in shown["image/svg+xml"]
    )


def test_answers_are_the_text_of_the_prompt_in_colours(outputs):
    shown = data(outputs("%gs updates"))
    assert "frozen" in shown["text/plain"]
    assert without_tags(shown["text/html"]) == shown["text/plain"]
    assert "<span style=" in shown["text/html"]
    stop = data(outputs("%gs step 2"))["text/plain"]
    assert stop.startswith(" t=2/")
    assert "In[4]:" in stop, "a line of a cell is called by the cell's number"
    assert "trainable" in data(outputs("%gs why frozen"))["text/plain"]


def test_a_cell_of_commands_reads_like_a_session(outputs):
    found = outputs("%%gs")
    prompts = [line for line in said(found).splitlines() if line.startswith("(gs ")]
    assert [line.partition("> ")[2] for line in prompts] == [
        "until grad(loss,W)", "print W", "print nowhere", "next",
    ]  # fmt: skip
    assert said(found, "stderr") == "The graph has no node 'nowhere'.\n"
    answers = [o.data["text/plain"] for o in found if o.output_type == "display_data"]
    assert len(answers) == 3
    assert "W:0  f32[2,2]" in answers[1]


def test_each_fetch_keeps_its_place_and_the_last_run_is_what_is_meant(outputs):
    assert "x" in data(outputs("%gs -f loss"))["text/plain"]
    assert "t=0/" not in data(outputs("%gs -f train_step where"))["text/plain"]
    assert "The run begins" in data(outputs("%gs feed"))["text/plain"]
    assert "loss" in data(outputs("%gs plan"))["text/plain"].splitlines()[0]


def test_what_is_wrong_is_a_sentence(outputs):
    assert said(outputs("%gs nonsense"), "stderr").startswith("There is no command 'nonsense'")
    assert "print needs a word after it" in said(outputs("%gs print"), "stderr")
    assert "%gs [-f FETCH]" in said(outputs("%gs", -1))


def test_fetches_go_by_names_of_the_graph_too(outputs):
    plan = data(outputs("%gs -f Square,loss"))["text/plain"]
    assert plan.splitlines()[0].count("Square") or "6 nodes" in plan
    assert '"kind": "Updates"' in data(outputs("%gs updates train_step --json"))["text/plain"]
    assert "no node 'nowhere'" in said(outputs("%gs -s"), "stderr")


def test_a_cell_that_runs_again_is_told_what_it_has_done(outputs):
    assert said(outputs("W2 = "), "stderr") == ""
    again = said(outputs("W2 = ", 1), "stderr")
    assert "once more" in again
    assert "tf.reset_default_graph()" in again
    for number in (0, 1):
        assert said(outputs("tf.reset_default_graph()", number), "stderr") == ""


def test_a_film_is_a_page_and_a_still_picture(outputs):
    shown = data(outputs("%gs film"))
    assert set(shown) == {"text/plain", "text/html", "image/png"}
    widget = shown["text/html"]
    assert "<iframe srcdoc=" in widget
    assert 'sandbox="allow-scripts"' in widget
    page = html.unescape(re.search('srcdoc="([^"]*)"', widget)[1])
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert "http://" not in re.sub("http://www.w3.org/[^\"' ]*", "", page)
    # What takes scripts, frames and styles away leaves the picture, with its sentence.
    left = re.sub(r"<iframe.*?</iframe>", "", widget, flags=re.DOTALL)
    left = re.sub(r' style="[^"]*"', "", left)
    assert re.search(r'<div[^>]*><img src="data:image/png;base64,[^"]+" alt="sess.run', left)
    assert "height:0" not in left


def test_a_picture_and_a_stop_of_python(outputs):
    assert data(outputs("d = "))["text/plain"].startswith(" ")
    shown = data(outputs("d.draw()"))
    assert shown["image/svg+xml"].startswith("<svg")
    assert "text/html" not in shown, "it would be shown in place of the picture"


def test_the_notebook_becomes_a_page(notebook):
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    body, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert body.count("<iframe ") == 1
    assert "srcdoc=" in body
    assert body.count("data:image/svg+xml") >= 3
    assert "trainable" in without_tags(body)


def test_a_line_is_completed(outputs):
    before, after = (json.loads(said(outputs("completed(", number))) for number in (0, 1))
    assert "updates" in before["%gs up"], "before anything has run"
    assert "updates" in after["%gs up"]
    assert "train_step" in after["%gs plan tr"]
    assert "loss" in after["%gs until lo"]
    assert "train_step" not in after["%gs until tr"], "the last run was that of loss"
    assert "--json" not in after["%gs until zz"]


def test_it_can_be_unloaded(outputs):
    assert said(outputs("print(get_ipython()")) == "None True\n"


# ---- without a kernel --------------------------------------------------------------------------


@pytest.fixture
def d():
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [None, 2], name="x")
        W = gs.Variable(np.ones((2, 2), np.float32), name="W")
        loss = gs.reduce_sum(gs.tanh(gs.matmul(x, W)), name="loss")
        train = gs.train.AdamOptimizer(0.1).minimize(loss)
        with gs.Session() as session:
            session.run(gs.global_variables_initializer())
            yield gs.debug(session, train, {x: np.ones((1, 2))})


ASKED = ["step 3", "updates", "why W", "needs", "plan", "feeds", "vars", "vars --slots", "print W",
         "where", "list all", "who W", "path x loss", "find MatMul", "node loss", "inputs loss",
         "code .", "flow W", "lint", "nan", "order", "breakpoints", "help", "help step", "cost",
         "explain", "why-not init", "diff 0 2", "eval W.max()", "check"]  # fmt: skip


def test_every_answer_has_the_same_letters_with_and_without_colours(d):
    kinds = set()
    for line in ASKED:
        answer = d.onecmd(line).data
        if not isinstance(answer, Answer):
            continue
        kinds.add(type(answer))
        text = answer._repr_mimebundle_()["text/plain"]
        assert without_tags(answer._repr_html_()).split("\n") == text.split("\n"), line
        assert text == "\n".join(notebooks.cut(str(answer).split("\n")))
    assert len(kinds) > 20


def test_a_debugger_is_the_place_where_it_stands(d):
    d.step(2)
    assert d._repr_mimebundle_() == {"text/plain": str(d.stop)}
    assert without_tags(d._repr_html_()) == str(d.stop)


def test_long_answers_are_cut(d):
    answer = d.list("all")
    rows = answer.rows * 200
    long = type(answer)(rows, answer.end, answer.names)
    text = long._repr_mimebundle_()["text/plain"]
    assert len(text.splitlines()) == notebooks.LINES + 1
    assert text.endswith("print(...) shows all")
    assert without_tags(long._repr_html_()) == text
    assert long._repr_html_().count("<span") == long._repr_html_().count("</span>")


def test_what_is_not_drawn(d, monkeypatch):
    graph = d.session.graph
    assert gs.Graph()._repr_svg_() is None
    assert graph._repr_svg_().startswith("<svg")
    monkeypatch.setattr(notebooks, "DRAWN", 10)
    assert graph._repr_svg_() is None
    assert graph.get_tensor_by_name("loss:0")._repr_svg_() is None


def test_what_is_inside_of_a_loop_is_said_and_not_drawn():
    with gs.Graph().as_default() as graph:
        inner = []

        def body(i):
            inner.append(i + 1)
            return inner[-1]

        out = gs.while_loop(lambda i: i < 3, body, [0])
        assert inner[0]._repr_svg_() is None
        assert out._repr_svg_().startswith("<svg")
        assert graph._repr_svg_().startswith("<svg")


def test_without_anything_that_draws_there_is_text(d, monkeypatch):
    film = d.film(end=1)

    def nothing(*_):
        raise DebugError("Nothing can draw here.")

    monkeypatch.setattr(notebooks, "still_of", nothing)
    assert film._repr_html_() is None
    assert film._repr_png_() is None
    assert "2 frames" in film._repr_mimebundle_()["text/plain"]
