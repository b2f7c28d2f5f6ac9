"""``graphscope learn``: what it says, what it keeps, and what a page must not be."""

import json
import shutil
from pathlib import Path

import pytest

from graphscope.cli import main
from graphscope.learn import linting, notebooks, shelf
from graphscope.learn.lesson import BadLesson, read


@pytest.fixture
def learn(tmp_path, monkeypatch, capsys):
    """Give words to ``graphscope learn`` in a folder of its own, with answers; what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def give(*words, answers=None):
        if answers is not None:
            (tmp_path / "answers.txt").write_text(answers)
            words = [*words, "--script", str(tmp_path / "answers.txt")]
        code = main(["learn", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return give


def solve(number):
    lesson = shelf.lesson(number)
    shutil.copy(lesson.solution, lesson.solution.name)


# ---- a lesson that is led ----------------------------------------------------------------------


def test_a_lesson_from_its_beginning_to_its_end(learn, transcript):
    code, said, err = learn(
        "0", answers="b\n\nprint total\n\nnonsense\n\n\n\n\n\n\nhint\nplan\nleave\n"
    )
    assert (code, err) == (0, "")
    transcript.kept(said, "learn/a_lesson.txt")


def test_a_prediction_is_skipped_by_enter_and_a_wrong_one_blocks_nothing(learn):
    _, skipped, _ = learn("0", answers="\n\n")
    assert "You said" not in skipped
    assert "It is b)" in skipped
    _, wrong, _ = learn("0", answers="a\n\n")
    assert "You said a; it is b)" in wrong


def test_the_check_passes_when_the_program_does_what_was_asked(learn):
    learn("reset", "0")
    code, said, _ = learn("check", "0")
    assert code == 1
    assert "Not yet." in said
    solve("0")
    code, said, _ = learn("check", "0")
    assert (code, said) == (0, " Passed. 3 of 3 facts hold.\n")
    listed = json.loads(learn("list", "--json")[1])
    assert [x["number"] for x in listed["lessons"] if x["done"]] == ["00"]


def test_the_next_lesson_comes_after_the_one_that_is_done(learn):
    _, said, _ = learn(answers="")
    assert said.startswith(" Lesson 00.")
    solve("0")
    learn("check")
    _, said, _ = learn(answers="")
    assert said.startswith(" Lesson 01.")


def test_hints_come_one_by_one_and_name_the_learners_own_node(learn):
    learn("reset", "0")
    program = Path("00_hello_graph.py")
    program.write_text(
        program.read_text().replace("total * c", 'tf.multiply(total, c, name="mine")')
    )
    said = [learn("hint", "0")[1] for _ in range(4)]
    assert [text.split(".")[0] for text in said] == [
        f" Hint {number} of 3" for number in (1, 2, 3, 3)
    ]
    assert "mine" in said[2]
    assert "OPERATION" not in said[2]


def test_the_solution_is_shown_after_a_try(learn):
    learn("reset", "0")
    code, _, err = learn("solution", "0")
    assert code == 2
    assert "Try once" in err
    assert "+product = total * c + 1.0" in learn("solution", "0", "--now")[1]
    learn("check", "0")
    assert "+product = total * c + 1.0" in learn("solution", "0")[1]


def test_what_is_wrong_at_the_exercise_ends_no_lesson(learn):
    typed = ["", "", "", "", "", "", "", "", "solution", "nonsense", "solution --now", "plan"]
    code, said, err = learn("0", answers="\n".join([*typed, "leave", ""]))
    assert (code, err) == (0, "")
    assert "Try once" in said
    assert "There is no command 'nonsense'" in said
    assert "+product = total * c + 1.0" in said
    assert "2 nodes will run for product" in said
    Path("00_hello_graph.py").unlink()


def test_what_the_learner_has_changed_is_not_overwritten(learn):
    Path("00_hello_graph.py").write_text("print('mine')\n")
    _, said, _ = learn("0", answers="\n\n")
    assert "00_hello_graph.py is here already" in said
    assert Path("00_hello_graph.py").read_text() == "print('mine')\n"


def test_a_program_that_fails_is_told_as_such(learn):
    Path("00_hello_graph.py").write_text("import graphscope as tf\ntf.constant([1, [2]])\n")
    code, said, _ = learn("check", "0")
    assert code == 1
    assert "The program fails with ValueError" in said
    Path("00_hello_graph.py").write_text(
        "import graphscope as tf\ntf.Session().run(tf.constant(1))\n"
    )
    assert "has no product any more" in learn("check", "0")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["27"], "There is no lesson '27'"),
        (["06_when_does_it_updat"], "did you mean '06_when_does_it_update'"),
        (["nowhere.md"], "There is no file nowhere.md"),
        (["check", "0"], "There is no file 00_hello_graph.py here; graphscope learn reset"),
        (["--lint", "nowhere.md"], "there is no file nowhere.md"),
    ],
)
def test_wrong_words_are_one_sentence(learn, words, sentence):
    code, _, err = learn(*words)
    assert code == 2
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_progress_that_somebody_else_wrote_is_left_alone(learn):
    Path("state/graphscope").mkdir(parents=True)
    Path("state/graphscope/learn.json").write_text('{"level": 9}')
    code, _, err = learn("list")
    assert code == 2
    assert "learn.json is not what learn has written" in err
    assert Path("state/graphscope/learn.json").read_text() == '{"level": 9}'


# ---- pages -------------------------------------------------------------------------------------

PAGE = """\
---
lesson: 50
title: Of a teacher
script: ours.py
teaches: plan
---

# Of a teacher

> **Predict.** What?
> - a) this
> - b) that
>
> <details><summary>Answer</summary>
>
> b. So it is.
> </details>

```python
y = tf.add(1.0, 2.0)
```

```console
$ graphscope ours.py
```

```console
(gs 0/1 FWD)> plan
```

## Exercise

Add one.

<details><summary>Hint 1</summary>
One?
</details>
<details><summary>Hint 2</summary>
Two.
</details>
<details><summary>Hint 3</summary>
Three.
</details>

```python check
assert debug(y).result == 4.0, f"It is {debug(y).result}."
```

## After

The end.
"""
OURS = "import graphscope as tf\n\ny = tf.add(1.0, 2.0)\ntf.Session().run(y)\n"


def written(folder, text):
    """A page with its program and solution in a folder; its path."""
    (folder / "solutions").mkdir(exist_ok=True)
    (folder / "ours.py").write_text(OURS)
    (folder / "solutions" / "ours.py").write_text(OURS.replace("2.0", "3.0"))
    path = folder / "50_ours.md"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The page with what really is said."""
    return linting.rewritten(read(written(tmp_path_factory.mktemp("page"), PAGE)))


@pytest.fixture
def page(tmp_path, filled):
    """Write the page, with other words in the place of some; its path."""
    return lambda old="", new="": written(tmp_path, filled.replace(old, new, 1) if old else filled)


def test_a_teachers_own_page_is_a_lesson(page, learn):
    path = page()
    assert linting.findings(path) == []
    assert "1 node will run for y" in path.read_text()
    assert learn("--lint", str(path))[:2] == (
        0,
        "50_ours.md is a lesson, and shows what happens.\n",
    )
    _, said, _ = learn(str(path), answers="b\n\nleave\n")
    assert "You said b, and so it is." in said


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("teaches: plan", "teaches: plan, step, back", "teaches 3 commands; 2 are enough"),
        ("teaches: plan", "teaches: step", "It says that it teaches step, and nobody types that."),
        ("> **Predict.**", "> **Guess.**", "Nothing is predicted"),
        ("tf.add(1.0, 2.0)\n```", "tf.add(2.0, 2.0)\n```", "are not in ours.py"),
        ("Hint 3", "Help", "The exercise has 2 hints"),
        ("== 4.0", "== 3.0", "The check passes before anything is changed"),
        ("== 4.0", "== 5.0", "The solution does not pass the check: It is 4.0."),
        ("assert debug(y)", "assert debug(z)", "The solution does not pass the check: The program"),
        ("assert debug(y)", "assert y.nothing", "The check fails at `assert y.nothing.result"),
        ("## Exercise", "## Task", "There is no `## Exercise`."),
        ("The end.", "![](none.svg)", "There is no picture none.svg."),
        ("script: ours.py", "script: other.py", "There is no script other.py"),
    ],
)
def test_what_is_wrong_with_a_page_is_said(page, old, new, sentence):
    path = page(old, new)
    assert any(sentence in found for found in linting.findings(path)), linting.findings(path)


def test_a_page_that_shows_something_else_is_found(page):
    path = page("1 node will run", "2 nodes will run")
    (found,) = linting.findings(path)
    assert found == (
        "`plan` says ' 1 node will run for y; 0 of the graph will not.', and the page "
        "' 2 nodes will run for y; 0 of the graph will not.'."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# Nothing\n", "a.md:1: a lesson begins with lines between two lines of ---."),
        ("---\nlesson: 1\n---\n", "a.md:1: title, script is missing between the dashes."),
        ("---\nnumber: 1\n---\n", "a.md:2: 'number: 1' is none of lesson, title"),
        (PAGE.replace("> b. So", "> So"), "a.md:10: a prediction needs choices"),
        (PAGE.replace("$ graphscope ours.py\n", "Hello\n"), "a.md:23: a console begins with $"),
        (PAGE.replace("python check", "python"), "a.md: the exercise has no ```python check```."),
    ],
)
def test_a_page_that_cannot_be_read_says_where(tmp_path, text, sentence):
    (tmp_path / "a.md").write_text(text)
    with pytest.raises(BadLesson) as caught:
        read(tmp_path / "a.md")
    assert str(caught.value).startswith(sentence)


def test_seconds_may_be_others_where_the_page_says_so(tmp_path):
    varying = PAGE.replace("```console", "```console varying").replace(")> plan", ")> cost")
    varying = varying.replace("teaches: plan", "teaches: cost")
    varying = varying.replace("0/1 FWD)> cost", "0/1 FWD)> goto end\n(gs 1/1 FWD)> cost")
    path = written(tmp_path, varying)
    path.write_text(linting.rewritten(read(path)))
    assert linting.findings(path) == []


# ---- notebooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["00", "05"])
def test_a_lesson_is_a_notebook(learn, tmp_path, number):
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    assert learn("notebook", number, "-o", "lesson.ipynb")[0] == 0
    notebook = nbformat.read("lesson.ipynb", 4)
    nbformat.validate(notebook)
    folder = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=60, resources=folder).execute()
    outputs = [cell.outputs for cell in notebook.cells if cell.source.startswith("%gs")]
    assert outputs
    for shown in outputs:
        assert shown[0].output_type == "execute_result", shown


def test_all_lessons_have_notebooks_that_are_valid():
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    for lesson in shelf.lessons():
        nbformat.validate(nbformat.reads(notebooks.notebook(lesson), 4))
