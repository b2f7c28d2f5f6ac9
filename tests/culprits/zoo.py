"""The bugs of the zoo, as programs among the others."""

from graphscope.learn import zoo

from .case import Culprit, Program, failing, label


def program(bug, broken):
    made = Program(debugger=zoo.debugger(bug, broken))
    if "explain" in bug.asks:
        made.error = failing(zoo.debugger(bug, broken).run_to_end)
    return made


for _bug in zoo.bugs():
    label(
        Culprit(
            lambda broken, bug=_bug: program(bug, broken),
            "zoo",
            _bug.guilty,
            _bug.asks,
            _bug.named,
            _bug.name,
        )
    )
