"""The pytest plugin: fixtures, kept transcripts, the prompt at a failing node, points for tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from graphscope.debug.answers import Answer
from graphscope.debug.debugger import Debugger
from graphscope.engine.session import Session
from graphscope.graph.graph import Graph, get_default_session
from graphscope.learn.grading import MARKER, Credit, Graded, Mark, WrongMark, results

#: How many of the last stops a failing test shows.
_LAST = 20
_MADE = pytest.StashKey[list[Debugger]]()
_CREDIT = pytest.StashKey[Credit]()
_PLACE = pytest.StashKey[int]()
_FORGIVEN = re.compile(r"\b0x[0-9a-f]+\b")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("graphscope", "debugging of computation graphs")
    group.addoption(
        "--gs-debug",
        "--gs-pdb",
        action="store_true",
        help="open GraphScope's prompt at the node at which a test failed",
    )
    group.addoption(
        "--gs-update-transcripts",
        action="store_true",
        help="write the transcripts that gs_transcript compares, in place of comparing them",
    )
    group.addoption(
        "--gradescope",
        metavar="FILE",
        help="write the points of the tests marked graded as Gradescope's results.json",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    path = config.getoption("--gradescope")
    if path and not hasattr(config, "workerinput"):  # a worker of pytest-xdist hands on its reports
        config.pluginmanager.register(Sheet(Path(path)), "graphscope points")


@pytest.fixture
def gs_session() -> Iterator[Session]:
    """A session with a graph of its own, both the default ones inside the test."""
    with Graph().as_default() as graph, Session(graph=graph) as session:
        yield session


@pytest.fixture
def gs_debug(request: pytest.FixtureRequest) -> Callable[..., Debugger]:
    """``with gs_debug(train_op, {x: X}) as d``: a debugger of a run of the default session.

    session: another one. The last stops are shown when the test fails. Other options are those of
    `Debugger`.
    """
    made = request.node.stash.setdefault(_MADE, [])

    def debug(
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        session: Session | None = None,
        **options: Any,
    ) -> Debugger:
        session = get_default_session() if session is None else session
        if session is None:
            raise pytest.UsageError(
                "gs_debug needs a session: use the fixture gs_session, `with tf.Session():`, or "
                "gs_debug(..., session=...)"
            )
        debugger = Debugger(session, fetches, feed_dict, **options)
        made.append(debugger)
        return debugger

    return debug


class Kept:
    """The transcript of one test, and the file in which it is kept."""

    def __init__(self, path: Path, updating: bool) -> None:
        self._path = path
        self._updating = updating
        self._said = ""
        self._kept = path.read_text(encoding="utf-8") if path.exists() and not updating else ""

    def __call__(self, found: Any) -> None:
        """Compare a text, the next one of this test, with the kept one."""
        self._said += _normal(str(found))
        if self._updating:
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(self._said, encoding="utf-8")
            return
        name = self._path.name
        if not self._path.exists():
            pytest.fail(f"{name} is not there yet: pytest --gs-update-transcripts writes it")
        kept, self._kept = self._kept[: len(self._said)], self._kept[len(self._said) :]
        said, self._said = self._said, ""
        if said != kept:
            self._kept = ""  # one failure is enough
        assert said == kept, f"another transcript than in {name}"

    @property
    def rest(self) -> str:
        """What is kept and has not been said."""
        return "" if self._updating else self._kept.strip()


@pytest.fixture
def gs_transcript(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Compares a text (a transcript, an answer) with the one kept for this test in the folder
    ``transcripts``; pytest --gs-update-transcripts writes it."""
    path = Path(request.path).parent / "transcripts" / f"{_file_name(request.node.name)}.txt"
    kept = Kept(path, bool(request.config.getoption("--gs-update-transcripts")))
    yield kept
    if kept.rest:
        pytest.fail(f"the transcript kept in {path.name} goes on:\n{kept.rest}")


def _normal(text: str) -> str:
    lines = (_FORGIVEN.sub("0x..", line.rstrip()) for line in text.splitlines())
    return "\n".join(lines) + "\n"


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """An answer in a failed comparison is shown as the prompt would show it."""
    answers = [side for side in (left, right) if isinstance(side, Answer)]
    if not answers or op not in ("==", "is"):
        return None
    return [f"{type(left).__name__} {op} {type(right).__name__}", *str(answers[0]).splitlines()]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    report = yield
    _grade(item, report)
    if call.when == "call" and report.failed:
        for debugger in item.stash.get(_MADE, []):
            stops = [str(step) for step in _last_steps(debugger)]
            title = f"GraphScope: the last {len(stops)} steps of {', '.join(debugger.fetched)}"
            report.sections.append((title, "\n".join(stops)))
    return report


def _last_steps(debugger: Debugger) -> Iterator[str]:
    steps = debugger.timeline.steps[max(debugger.t - _LAST, 0) : debugger.t]
    for step in steps:
        where = step.node.source.where if step.node.source else ""
        yield f"t={step.t} {step.phase} {step.node.name} [{step.node.type}]  {where}"


def pytest_exception_interact(node: Any, call: pytest.CallInfo[Any], report: Any) -> None:
    """With --gs-debug: the prompt, at the run that failed or at the last one that was debugged."""
    if not node.config.getoption("--gs-debug") or call.excinfo is None:
        return
    from graphscope.repl.here import opened_at

    capture = node.config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)
    try:
        opened_at(call.excinfo.value, node.stash.get(_MADE, []))
    finally:
        if capture is not None:
            capture.resume_global_capture()


# ---- points ------------------------------------------------------------------------------------


@pytest.fixture
def gs_credit(request: pytest.FixtureRequest) -> Credit:
    """``gs_credit(1, "W is trained")``: gives some of the points of a test that is marked graded,
    which it keeps when it fails later on."""
    credit: Credit | None = request.node.stash.get(_CREDIT, None)
    if credit is None:
        raise pytest.UsageError("gs_credit is for tests that are marked: @pytest.mark.graded(2)")
    return credit


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for number, item in enumerate(items):
        marker = item.get_closest_marker("graded")
        if marker is None:
            continue
        try:
            mark = Mark(*marker.args, **marker.kwargs)
        except (WrongMark, TypeError) as error:
            said = str(error).replace("Mark.__init__()", "graded()")
            raise pytest.UsageError(f"{item.nodeid}: {said}") from None
        item.stash[_CREDIT] = Credit(mark)
        item.stash[_PLACE] = number


def _grade(item: pytest.Item, report: pytest.TestReport) -> None:
    """Write on the report of a marked test what it got, when this part of it decides that."""
    credit = item.stash.get(_CREDIT, None)
    if credit is None or report.when == "teardown" or (report.when == "setup" and report.passed):
        return
    graded = Graded(
        test=item.nodeid,
        place=item.stash[_PLACE],
        **asdict(credit.mark),
        score=credit.mark.points if report.passed else credit.given,
        passed=report.passed,
        output="\n".join([*credit.reasons, *([] if report.passed else [_lesson(report)])]),
    )
    item.user_properties.extend(graded.properties)
    vars(report)["graded"] = asdict(graded)  # pytest-xdist takes it along


def _lesson(report: pytest.TestReport) -> str:
    """Why the test failed: the message alone, which for the assertions of `graphscope.testing` is
    the explanation; where there is none, what pytest says."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message).removeprefix("AssertionError: ")
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)


class Sheet:
    """Takes the results of the marked tests, and writes them for Gradescope at the end."""

    def __init__(self, path: Path) -> None:
        self.path, self.start = path, time.perf_counter()
        self.graded: dict[str, Graded] = {}
        self.problems: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if found := vars(report).get("graded"):
            self.graded[report.nodeid] = Graded(**found)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(f"{report.nodeid} cannot be loaded:\n{report.longreprtext}")

    def pytest_sessionfinish(self) -> None:
        ordered = sorted(self.graded.values(), key=lambda one: one.place)
        seconds = time.perf_counter() - self.start
        text = results(ordered, seconds, "\n".join(self.problems))
        self.path.write_text(text, encoding="utf-8")
