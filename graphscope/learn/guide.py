"""A lesson, led: predict, run, explain, change, check. Enter goes on, and nothing is locked."""

from __future__ import annotations

import difflib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console, RenderableType

from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.graph.graph import reset_default_graph
from graphscope.learn.answers import Verdict
from graphscope.learn.attempt import attempted, checked
from graphscope.learn.lesson import Exercise, Lesson, Part, Prediction, Prose, Typed
from graphscope.learn.progress import Progress
from graphscope.repl.lines import Lines
from graphscope.repl.prompt import Prompt
from graphscope.repl.script import debug_script
from graphscope.show.pages import inline, page
from graphscope.show.text import Copied, faint, line, render, strong

_HOW = "Enter goes on. Any command of the prompt may be typed in between; Ctrl-D leaves."
_CHANGE = (
    "Change {file} in your editor; Enter checks it. hint and solution help, reset begins anew, "
    "leave leaves. Any other line is a command of the prompt, asked of {file} as it is now."
)


class Guide:
    """Leads through one lesson. The programs run in the current folder, on copies that the learner
    may change."""

    def __init__(self, lesson: Lesson, lines: Lines, screen: Console, progress: Progress) -> None:
        self.lesson = lesson
        self._lines = lines
        self._screen = screen
        self._progress = progress
        self._pending: tuple[Prediction, str] | None = None
        self._left = False

    def lead(self) -> int:
        """All of the lesson. Returns the exit code: 0 also when it was left."""
        lesson = self.lesson
        self._progress.at = lesson.name
        self._progress.save()
        self.say(line(strong(f"Lesson {lesson.number}. {lesson.title}")))
        for name in dict.fromkeys((lesson.script, lesson.file)):
            self._copied(lesson.folder_file(name))
        self.say(line(faint(_HOW)))
        self._walk(lesson.parts)
        if lesson.exercise is not None and not self._left:
            self._exercise(lesson.exercise)
        if not self._left:
            self._walk(lesson.after)
        self.say(line(faint("graphscope learn goes on from here.")))
        return 0

    def say(self, what: RenderableType) -> None:
        self._screen.print(what, crop=False)  # listings are there to be read whole

    def read(self, prompt: str, debugger: Debugger | None = None) -> str | None:
        """A line of the learner; None when there are no more, and the lesson is left."""
        while not self._left:
            try:
                return self._lines.read(prompt, debugger)
            except KeyboardInterrupt:
                continue
            except EOFError:
                self._left = True
        return None

    # ---- the parts -----------------------------------------------------------------------------

    def _walk(self, parts: Iterable[Part]) -> None:
        rest = list(parts)
        while rest and not self._left:
            part = rest.pop(0)
            if isinstance(part, Typed):
                self._typed(part, rest)
            else:
                self.present(part)
        self._reveal()

    def present(self, part: Prose | Prediction) -> None:
        """Show prose; ask for a prediction."""
        self._reveal()
        self._screen.print()
        if isinstance(part, Prose):
            self.say(page(part.text))
            return
        self.say(line(strong("Predict. "), inline(part.question)))
        for letter, choice in part.choices.items():
            self.say(line(f"{letter}) ", inline(choice), indent=3))
        said = self.read(f"{', '.join(part.choices)}, or Enter to skip> ")
        self._pending = (part, (said or "").strip().rstrip(")"))

    def _reveal(self) -> None:
        """Say whether what was predicted is so."""
        if self._pending is None or self._left:
            return
        asked, said = self._pending
        self._pending = None
        answer = f"{asked.answer}) {asked.choices[asked.answer]}"
        if said == asked.answer:
            begin = f"You said {said}, and so it is."
        else:
            begin = f"You said {said}; it is {answer}." if said else f"It is {answer}."
        self._screen.print()
        self.say(line(strong("Predicted. "), inline(f"{begin} {asked.because}")))

    def _typed(self, typed: Typed, rest: list[Part]) -> None:
        """Run a command line, with the conversation that follows it on the page."""
        self._screen.print()
        words = shlex.split(typed.text)
        if not _goes_on(rest) or not words[-1].endswith(".py"):
            if self._go_on(typed):
                _run(words)
            return
        self.say(line(strong(f"$ {typed.text}")))
        at_run = int(words[words.index("--at-run") + 1]) if "--at-run" in words else 1
        reset_default_graph()  # a command line begins with an empty one
        debug_script(words[-1], [], _Guided(self, rest), self._screen, at_run)
        while rest and isinstance(rest[0], Typed) and not rest[0].in_shell:
            rest.pop(0)  # the program ended before

    def _go_on(self, typed: Typed) -> bool:
        """Wait for Enter before a command line."""
        while (self.read(f"Enter runs  {typed.text}> ") or "").strip():
            self.say(line(faint("At GraphScope's own prompt commands work; here Enter goes on.")))
        return not self._left

    # ---- the exercise --------------------------------------------------------------------------

    def _exercise(self, exercise: Exercise) -> None:
        self._screen.print()
        self.say(line(strong("Exercise")))
        self.say(page(exercise.task))
        self._screen.print()
        self.say(line(faint(_CHANGE.format(file=Path(self.lesson.file).name))))
        while not self._left:
            said = self.read(f"(learn {self.lesson.number})> ")
            words = "leave" if said is None else said.strip() or "check"
            try:
                if self._passes(words, exercise):
                    return
            except DebugError as error:  # what is wrong ends no lesson
                self.say(line(strong(str(error))))

    def _passes(self, words: str, exercise: Exercise) -> bool:
        """Do a line at the exercise; whether it was a check that has passed."""
        if words == "check":
            return self.check(exercise).passed
        if words == "leave":
            self._left = True
        elif words in ("solution", "solution --now"):
            self.solution(words.endswith("--now"))
        elif words in ("hint", "reset"):
            getattr(self, words)()
        else:
            self._ask(words)
        return False

    def check(self, exercise: Exercise) -> Verdict:
        """Run the learner's program, and say whether the facts hold."""
        name, progress = self.lesson.name, self._progress
        progress.tried[name] = progress.tried.get(name, 0) + 1
        verdict = self._verdict(exercise)
        if verdict.passed and name not in progress.done:
            progress.done.append(name)
        progress.save()
        self.say(render(verdict))
        return verdict

    def _verdict(self, exercise: Exercise) -> Verdict:
        file = Path(self.lesson.file).name
        if not Path(file).is_file():
            raise DebugError(f"There is no file {file} here; graphscope learn reset brings it.")
        return checked(attempted(Path(file)), exercise)

    def hint(self) -> None:
        """The next hint; it names the nodes of the learner's own program."""
        exercise = self.lesson.exercise
        hints = exercise.hints if exercise else ()
        if exercise is None or not hints:
            raise DebugError(f"Lesson {self.lesson.number} has no hints.")
        shown = min(self._progress.hints.get(self.lesson.name, 0) + 1, len(hints))
        self._progress.hints[self.lesson.name] = shown
        self._progress.save()
        names = self._verdict(exercise).names
        text = re.sub(r"\b[A-Z]{3,}\b", lambda m: str(names.get(m[0], m[0])), hints[shown - 1])
        self.say(line(strong(f"Hint {shown} of {len(hints)}. "), inline(text)))

    def solution(self, now: bool = False) -> None:
        """What to change, as lines taken away and lines put in their place.

        Errors: DebugError before a first attempt, unless `now`.
        """
        lesson = self.lesson
        if not now and not self._progress.tried.get(lesson.name):
            raise DebugError("Try once; then the solution is shown (or at once: solution --now).")
        given = lesson.folder_file(lesson.file).read_text(encoding="utf-8").splitlines()
        solved = lesson.solution.read_text(encoding="utf-8").splitlines()
        for changed in difflib.unified_diff(given, solved, lineterm="", n=1):
            if not changed.startswith(("---", "+++", "@@")):
                self.say(Copied(changed))

    def reset(self) -> None:
        """The program as the lesson gives it, and no hints or attempts counted."""
        file = self.lesson.folder_file(self.lesson.file)
        shutil.copy(file, file.name)
        self._progress.forget(self.lesson.name)
        self._progress.save()
        self.say(line(f"{file.name} is as it was."))

    def _ask(self, text: str) -> None:
        """A command of the prompt, asked of the program as it is now, after its last run."""
        attempt = attempted(Path(Path(self.lesson.file).name))
        if not attempt.runs:
            self.say(line(f"{attempt.path.name} makes no run, so there is nothing to ask it."))
            return
        with attempt.graph.as_default():
            Prompt(attempt.runs[-1].debug(), self._lines, self._screen).do(text)

    def _copied(self, file: Path) -> None:
        """A copy in the current folder, unless the learner has one already."""
        if Path(file.name).exists():
            self.say(line(f"{file.name} is here already, and is used as it is."))
        else:
            shutil.copy(file, file.name)
            self.say(line(f"{file.name} is put into this folder; it is yours to change."))


class _Guided:
    """The learner's lines at GraphScope's prompt. An empty one does the next of the lesson."""

    interactive = False

    def __init__(self, guide: Guide, rest: list[Part]) -> None:
        self._guide = guide
        self._rest = rest

    def read(self, prompt: str, debugger: Debugger | None = None) -> str:
        rest = self._rest
        while rest and not isinstance(rest[0], Typed):
            if not _goes_on(rest):
                raise EOFError
            part = rest.pop(0)
            assert not isinstance(part, Typed)
            self._guide.present(part)
        if not rest or not isinstance(rest[0], Typed) or rest[0].in_shell:
            raise EOFError
        self._guide.say(line(faint(f"Enter does: {rest[0].text}")))
        said = self._guide.read(prompt, debugger)
        if said is None:
            raise EOFError
        if said.strip():
            return said
        done = rest.pop(0)
        assert isinstance(done, Typed)
        return done.text


def _goes_on(rest: Iterable[Part]) -> bool:
    """Whether this conversation goes on behind the prose: what is typed next is no command line."""
    following = next((part for part in rest if isinstance(part, Typed)), None)
    return following is not None and not following.in_shell


def _run(words: list[str]) -> None:
    """A command line of a lesson."""
    name, *rest = words
    programs = {"python": [], "graphscope": ["-m", "graphscope"]}
    sys.stdout.flush()
    subprocess.run([sys.executable, *programs.get(name, []), *rest], check=False)
