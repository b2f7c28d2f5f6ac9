"""The benchmarks run: workers answer and agree, and figures become a table. Nothing is timed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from graphscope.debug.commands import commands_of  # noqa: E402
from graphscope.debug.debugger import Debugger  # noqa: E402
from tests.benchmarks import commands, goals, prompt, table  # noqa: E402
from tests.benchmarks.problems import problem  # noqa: E402
from tests.benchmarks.reference import MODELS, trained  # noqa: E402
from tests.benchmarks.results import Measured  # noqa: E402
from tests.benchmarks.steps import measure_steps  # noqa: E402
from tests.benchmarks.turns import Way, in_turns  # noqa: E402
from tests.benchmarks.workers import Worker, WorkerError  # noqa: E402


@pytest.fixture(scope="module")
def workers():
    with Worker("numpy") as by_hand, Worker("graphscope") as ours:
        yield [by_hand, ours]


def test_the_workers_reach_the_losses_of_the_reference(workers):
    found = measure_steps(workers, ["tiny", "softmax"], rounds=1, steps=2, tell=lambda _: None)
    assert {row: set(cells) for row, cells in found.items()} == {
        "tiny": {"numpy", "graphscope"},
        "softmax": {"numpy", "graphscope"},
    }
    for cells in found.values():
        assert all(one.loss_error < 1e-6 and one.weight_error < 1e-6 for one in cells.values())


def test_another_loss_is_noticed(workers, monkeypatch):
    from tests.benchmarks import steps

    def wrong(name, arrays, count):
        losses, weights = trained(name, arrays, count)
        return [losses[0], losses[1] + 1e-3], weights

    monkeypatch.setattr(steps, "trained", wrong)
    with pytest.raises(AssertionError, match=r"numpy, tiny: its losses are off by 1\.0e-03"):
        measure_steps(workers, ["tiny"], rounds=1, steps=2, tell=lambda _: None)


def test_a_worker_says_what_it_cannot(workers, tmp_path):
    path = tmp_path / "tiny.npz"
    np.savez(path, **problem("tiny"))
    assert workers[0].ask("build", "unheard of", str(path)) is None
    assert workers[0].ask("measure", "unheard of") is None
    with pytest.raises(WorkerError, match="graphscope: FileNotFoundError"):
        workers[1].ask("build", "tiny", str(tmp_path / "nowhere.npz"))
    assert workers[1].ask("build", "tiny", str(path)) == "tiny"  # it goes on


@pytest.mark.parametrize("name", ["tiny", "softmax", "mlp1", "lstm", "cnn50"])
def test_the_slopes_of_the_reference(name):
    """Along a direction they are what a small step changes."""
    arrays = {key: value.astype(np.float64) for key, value in problem(name).items()}
    x, y = arrays["x"], arrays["y"]
    if name != "tiny":
        x, y = x[:2], y[:2]
    random = np.random.RandomState(3)
    weights = [arrays[key] for key in sorted(arrays) if key[0] == "w"]
    way = [random.randn(*w.shape) for w in weights]
    _, slopes = MODELS[name](weights, x, y)
    ends = [
        MODELS[name]([w + h * v for w, v in zip(weights, way, strict=True)], x, y)[0]
        for h in (1e-6, -1e-6)
    ]
    told = sum((slope * v).sum() for slope, v in zip(slopes, way, strict=True))
    assert np.isclose((ends[0] - ends[1]) / 2e-6, told, rtol=1e-4)


def test_ways_take_turns():
    order = []
    ways = [
        Way("a", lambda: order.append("a"), calls=1),
        Way("b", lambda: order.append("b"), calls=2),
    ]
    times = in_turns(ways, rounds=3)
    assert order == ["a", "a", "b", "b", "b"] * 4  # the first call and the first round do not count
    assert {name: len(own) for name, own in times.items()} == {"a": 3, "b": 3}


RESULTS = {
    "tiny": {
        "numpy": Measured(0.23e-6, 0.25e-6, 0.0, 0.0),
        "graphscope": Measured(9e-6, 9.5e-6, 8e-8, 1.2e-7),
        "tf1": Measured(173e-6, 180e-6, 8e-8, 1.2e-7),
        "jax": Measured(14.4e-6, 15e-6, 7e-8, 1.2e-7),
        "micrograd": Measured(20e-6, 21e-6, 0.0, 0.0),
    },
    "lstm": {
        "graphscope": Measured(18e-3, 19e-3, 3e-7, 2e-7),
        "tf1": Measured(20e-3, 21e-3, 2e-7, 2e-7),
        "torch.nn": Measured(19.2e-3, 20e-3, 3e-7, 4e-7),
    },
    "import": {
        "numpy": Measured(0.118, 0.12),
        "graphscope": Measured(0.15, 0.16),
        "tf1": Measured(3.0, 3.1),
    },
}


def test_every_command_is_timed_at_the_prompt():
    known = {word: name for name, c in commands_of(Debugger).items() for word in (name, *c.aliases)}
    assert {known[line.partition(" ")[0]] for line in commands.LINES} == set(commands_of(Debugger))
    with pytest.raises(SystemExit, match="--only nonsense: the commands are"):
        commands.asked(commands.LINES, "plan,nonsense")


def test_the_times_of_commands_are_a_table():
    lines = commands.asked(commands.LINES, "why,breakpoints,undo,compare")
    found = commands.measured(commands.Opened(120), lines)
    assert list(found) == lines
    assert all(first > 0 and again > 0 and shown > 0 for first, again, shown in found.values())
    found = {"plan": (0.001, 0.002, 5), "check": (3.0, 4.0, 9), "plan --fast": (0.02, 0.1, 7)}
    assert commands.rows_of(found)[1:] == [
        ["check", "3000.0", "4000.0", "9", "over", "trains, on the side"],
        ["plan --fast", "20.0", "100.0", "7", "", ""],
        ["plan", "1.0", "2.0", "5", "", ""],
    ]


def test_a_table_of_figures():
    head, tiny, lstm, imported = table.rows_of(RESULTS)
    assert head == [
        "", "GraphScope", "numpy by hand", "TensorFlow 1", "torch", "JAX jit", "others", "error",
        "goal", "verdict",
    ]  # fmt: skip
    assert tiny == [
        "tiny graph, loss and 5 gradients", "9 us", "230 ns (0.03x)", "173 us (19.22x)", "",
        "14.4 us (1.60x)", "micrograd 20 us (2.22x)", "8e-08 / 1e-07",
        "1.6x jax (≥ 1.43); 19.2x tf1 (≥ 17); 2.22x micrograd (≥ 2); 9 us (≤ 10)", "met",
    ]  # fmt: skip
    assert lstm[0] == "LSTM 28x28, 128 units, unrolled"
    assert lstm[6] == "torch.nn.LSTM 19.2 ms (1.07x)"
    assert lstm[8:] == [
        "1.11x tf1 (≥ 1.15), off by 3%; 18 ms (≤ 17), off by 6%",
        "missed",
    ]
    assert imported[8:] == ["32 ms more than numpy (≤ 40); 20x tf1 (≥ 19)", "met"]
    page = table.page(RESULTS, {"CPU": "one", "day": "2026-01-01"})
    lines = page.splitlines()
    assert lines[2] == "CPU: one; day: 2026-01-01."
    assert lines[6].startswith("|  | GraphScope | numpy by hand |")
    assert sum(line.startswith("|") for line in lines) == 5


def test_more_threads_are_a_column():
    head, tiny, *_ = table.rows_of(RESULTS, {"tiny": {"graphscope": 1.0, "jax": 0.5}})
    assert head[8] == "more threads"
    assert tiny[8] == "GraphScope 1.00x, JAX jit 0.50x"


def test_every_goal_is_of_something_measured():
    """No row of a goal is misspelled: figures that are there are found."""
    everybody = ("graphscope", "numpy", "tf1", "jax", "micrograd", "plain", "torch.nn")
    one = {name: Measured(1.0, 1.0) for name in everybody}
    results = {row: one for goal in goals.goals() for row in goal.rows}
    for goal in goals.goals():
        assert len(goal.measured(results).split("; ")) >= len(goal.limits), goal.title
    verdicts = {goal.verdict({}) for goal in goals.goals() if goal.limits}
    assert verdicts == {"not measured"}


def test_the_command_line():
    command = [sys.executable, "-m", "tests.benchmarks", "--python", "pytorch=x"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "--python pytorch=x: NAMES are of" in done.stderr


def test_the_prompt_is_waited_for(tmp_path):
    pytest.importorskip("pexpect", reason="there are no pseudo-terminals on this system")
    screen = prompt.Screen(prompt.SCRIPT, tmp_path)
    assert screen.after("gs 0/1") > 0
    assert screen.after("source", "s\t") > 0
    screen.close()
