"""Notebooks: ``%load_ext graphscope`` gives ``%gs``, the commands of the prompt in a cell.

``%gs updates train_step`` asks about a fetch, ``%gs why W`` about the last ``sess.run``, and
``%gs step 3`` goes on in it; ``%%gs`` takes one command a line. What is stepped is a rehearsal: the
session keeps nothing of it, unless ``%gs commit`` says so.

Graphs, tensors, pictures and answers show themselves as pictures and coloured text without any of
this: see `graphscope.show.notebooks`. ``%gs film`` is a run that is stepped by keys, in the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from typing import Any
from weakref import WeakKeyDictionary

from graphscope.debug.commands import Command, commands_of
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Output, Words
from graphscope.debug.errors import DebugError
from graphscope.debug.scripting import sentence
from graphscope.debug.stops import Stops
from graphscope.engine.session import Session
from graphscope.graph import nest
from graphscope.graph.graph import Graph, Operation, get_default_graph, get_default_session
from graphscope.graph.source import call_files
from graphscope.repl.attach import Call, Feeds, replace_run
from graphscope.repl.completing import completed
from graphscope.repl.own import introduce
from graphscope.show.text import plural

COMMANDS = commands_of(Debugger)

#: So many fetches are known with the place to which they were stepped.
_KNOWN = 8

#: So many words are offered.
_COMPLETED = 200

#: What a fetch is known by: its session, and the names of what it fetches.
Key = tuple[Session, tuple[str, ...]]

USAGE = """\
%gs [-f FETCH] [-s SESSION] COMMAND      a command of the prompt: %gs help lists them

Without -f it is about the last sess.run, or about what was asked last. FETCH and SESSION are names
of the notebook or of the graph; several fetches are separated by commas. A command that takes no
words takes a fetch: %gs updates train_step. Expressions may use the notebook's variables:
%gs feed x = X[:10]. %%gs takes one command a line."""


class Noted(Call):
    """A call that the notebook remembers."""

    @property
    def key(self) -> Key:
        return self.session, tuple(_names(self.fetches))


class Notebook:
    """What ``%gs`` knows: the last run, and the debuggers of the fetches that were asked about."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._stops = Stops()
        self._last: Noted | None = None
        self._known: dict[Key, Debugger] = {}
        #: What the fetches that ran last were fed.
        self._fed: dict[Key, Feeds] = {}
        self._current: Debugger | None = None
        #: The last run came after the current debugger was asked for.
        self._is_news = False
        #: The cells that have added nodes to a graph.
        self._cells: WeakKeyDictionary[Graph, set[str]] = WeakKeyDictionary()
        self._before: tuple[Graph | None, int] = None, 0
        self._run: Callable[..., Any] | None = None
        self._run_before: Callable[..., Any] | None = None

    # ---- beginning and ending ------------------------------------------------------------------

    def load(self) -> None:
        self._shell.register_magic_function(self.gs, "line_cell", "gs")
        self._shell.events.register("pre_run_cell", self._before_cell)
        self._shell.events.register("post_run_cell", self._after_cell)
        self._shell.set_hook("complete_command", self._completed, str_key="%gs")
        call_files(self._cell_of)
        self._listen()

    def unload(self) -> None:
        self._shell.magics_manager.magics["line"].pop("gs", None)
        self._shell.magics_manager.magics["cell"].pop("gs", None)
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        self._shell.events.unregister("post_run_cell", self._after_cell)
        call_files(None)
        if Session.run is self._run and self._run_before is not None:
            replace_run(self._run_before)

    def _listen(self) -> None:
        """Remember the runs from now on."""
        if Session.run is self._run:
            return
        notebook, before = self, Session.run

        def run(
            session: Session, fetches: Any, feed_dict: Feeds = None, *more: Any, **named: Any
        ) -> Any:
            notebook._called(Noted(session, fetches, feed_dict))
            return before(session, fetches, feed_dict, *more, **named)

        self._run, self._run_before = run, before
        replace_run(run)

    def _called(self, call: Noted) -> None:
        """Remember a call: as the last one, and what its fetches were fed."""
        self._last, self._is_news = call, True
        self._fed.pop(call.key, None)
        self._fed[call.key] = call.feeds
        for old in list(self._fed)[:-_KNOWN]:
            del self._fed[old]

    def _cell_of(self, filename: str) -> str | None:
        """``In[3]``: the cell whose code a file is."""
        numbers = getattr(self._shell.compile, "_filename_map", {})
        return f"In[{numbers[filename]}]" if filename in numbers else None

    def _completed(self, shell: Any, event: Any) -> list[str]:
        """The words that can stand at the end of a line: commands, and what each of them takes."""
        words = event.line.partition("gs")[2].lstrip()
        if self._current is None and self._last is None:
            return [name for name in COMMANDS if name.startswith(words)]
        debugger = self._debugger("", "")
        introduce(debugger)
        return completed(debugger, words).words[:_COMPLETED]

    # ---- cells that run again ------------------------------------------------------------------

    def _before_cell(self, info: Any) -> None:
        self._listen()
        graph = get_default_graph()
        self._before = graph, len(graph.operations)

    def _after_cell(self, result: Any) -> None:
        """A cell that adds its nodes a second time has made other nodes: nobody expects that."""
        text = getattr(getattr(result, "info", None), "raw_cell", None) or ""
        graph, (before, size) = get_default_graph(), self._before
        more = len(graph.operations) - (size if graph is before else 0)
        known = self._cells.setdefault(graph, set())
        if more > 0 and text in known:
            print(_again(graph, more), file=sys.stderr)
        if more > 0:
            known.add(text)

    # ---- %gs -----------------------------------------------------------------------------------

    def gs(self, line: str, cell: str | None = None) -> Any:
        """A command of GraphScope's prompt on the last sess.run: %gs help."""
        try:
            words = line.strip()
            if cell is None and not words:
                print(USAGE)
                return None
            debugger, rest = self._meant(words)
            if cell is None:
                return self._told(debugger.onecmd(rest))
            for each in (text.strip() for text in cell.splitlines()):
                if each and not each.startswith("#") and not self._shown(debugger, each):
                    break
        except (DebugError, ValueError) as error:
            print(sentence(error), file=sys.stderr)
        return None

    def _told(self, output: Output) -> Any:
        """The answer, which the notebook shows; what is wrong is said, and stops no notebook."""
        if output.error is not None:
            print(output.text.strip(), file=sys.stderr)
        return output.data

    def _shown(self, debugger: Debugger, line: str) -> bool:
        """Do a line of a cell, and show it like a session; False when the cell ends here."""
        from IPython.display import display

        print(f"{debugger.prompt}{line.removeprefix('-').strip()}", flush=True)
        output = debugger.onecmd(line.removeprefix("-").strip())
        answer = self._told(output)
        if answer is not None:
            display(answer)  # type: ignore[no-untyped-call]
        return output.error is None or line.startswith("-")

    def _meant(self, words: str) -> tuple[Debugger, str]:
        """The debugger that a line is about, and the line without the words that say so."""
        options: dict[str, str] = {}
        while (first := words.split(" ", 1)[0]) in ("-f", "--fetch", "-s", "--session"):
            _, _, words = words.partition(" ")
            value, _, words = words.strip().partition(" ")
            if not value:
                raise DebugError(f"{first} needs a word after it.\n{USAGE}")
            options[first.lstrip("-")[0]] = value
            words = words.strip()
        if "f" not in options:
            words, options = _with_fetch(words, options)
        return self._debugger(options.get("f", ""), options.get("s", "")), words

    def _debugger(self, fetch: str, session: str) -> Debugger:
        """The debugger of a fetch, or of the last run."""
        if not fetch and not session:
            if self._last is not None and (self._is_news or self._current is None):
                return self._begun(self._last)
            if self._current is not None:
                return self._current
            raise DebugError("Nothing has run yet. Name what you mean: %gs -f train_step updates")
        chosen = self._session(session)
        if not fetch:
            if self._last is None or self._last.session is not chosen:
                raise DebugError(f"{session} has run nothing yet: name a fetch, %gs -f FETCH ...")
            return self._begun(self._last)
        fetches = self._fetches(fetch, chosen)
        call = Noted(chosen, fetches, self._feeds(Noted(chosen, fetches, None)))
        is_last = self._last is not None and self._last.key == call.key
        if call.key in self._known and not (is_last and self._is_news):
            self._current = self._known[call.key]
            return self._current
        return self._begun(call)

    def _begun(self, call: Noted) -> Debugger:
        """Another debugger, at the start of the run."""
        made = Debugger(call.session, call.fetches, call.feeds, self._stops, on_exit="rollback")
        made.surroundings = self._shell.user_ns
        if self._current is not None:
            made.history.words = self._current.history.words
        self._known.pop(call.key, None)
        self._known[call.key] = self._current = made
        self._is_news = False
        for old in list(self._known)[:-_KNOWN]:
            del self._known[old]
        return made

    def _session(self, name: str) -> Session:
        """The session of a name; without one, that of the last run, the default one, or the only
        one of the notebook. Errors: DebugError when there is none."""
        known = self._shell.user_ns
        if name:
            found = known.get(name)
            if not isinstance(found, Session):
                raise DebugError(f"{name} is no session of this notebook.")
            return found
        if self._last is not None:
            return self._last.session
        sessions = [value for value in known.values() if isinstance(value, Session)]
        default = get_default_session() or (sessions[-1] if sessions else None)
        if default is None:
            raise DebugError("There is no session. Try: sess = tf.Session()")
        return default

    def _fetches(self, text: str, session: Session) -> Any:
        """What the words fetch: names of the notebook's, or of the graph's."""
        found = [self._fetch(word.strip(), session) for word in text.split(",") if word.strip()]
        return found[0] if len(found) == 1 else found

    def _fetch(self, word: str, session: Session) -> Any:
        value = self._shell.user_ns.get(word)
        if value is not None and any(True for _ in _names(value)):
            return value
        place = Debugger(session, [], None).locations
        op = place.one(word)
        return place.tensor(word) if op.outputs else op

    def _feeds(self, call: Noted) -> Feeds:
        """What these fetches were fed when they ran last; else what the session's last run was fed,
        which fits most of the time."""
        if call.key in self._fed:
            return self._fed[call.key]
        last = self._last
        return last.feeds if last is not None and last.session is call.session else None


def _with_fetch(words: str, options: dict[str, str]) -> tuple[str, dict[str, str]]:
    """``updates train_step`` in two: behind a command that takes no words stands a fetch."""
    name, _, rest = words.partition(" ")
    found = Words({known.name: known.aliases for known in COMMANDS.values()}).get(name)
    command = COMMANDS.get(found) if found else None
    if command is None or _takes_words(command):
        return words, options
    fetch, _, flags = rest.strip().partition(" ")
    if not fetch or fetch.startswith((">", "-")):
        return words, options
    return f"{name} {flags}".strip(), {**options, "f": fetch}


def _takes_words(command: Command) -> bool:
    parameters = list(signature(command.method).parameters.values())[1:]
    return any(p.kind is not Parameter.KEYWORD_ONLY for p in parameters)


def _names(fetches: Any) -> Iterator[str]:
    """The names of what is fetched; none for what cannot be."""
    for element in nest.flatten(fetches):
        op = getattr(element, "op", element)
        if isinstance(element, str):
            yield element
        elif isinstance(op, Operation):
            yield str(getattr(element, "name", op.name))


def _again(graph: Graph, more: int) -> str:
    return (
        f"GraphScope: this cell has added its {more} {plural(more, 'node')} to the graph once "
        "more. The old ones are still there, and the new ones have names that end in _1, _2; the "
        f"graph has {len(graph.operations)} nodes now. tf.reset_default_graph() before it begins a "
        "new graph."
    )


# ---- what IPython calls --------------------------------------------------------------------------

_LOADED: list[Notebook] = []


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext graphscope``"""
    unload_ipython_extension(shell)
    _LOADED.append(Notebook(shell))
    _LOADED[0].load()


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext graphscope``"""
    while _LOADED:
        _LOADED.pop().unload()
