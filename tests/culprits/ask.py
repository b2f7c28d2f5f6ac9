"""Asking: what the commands name in a program, as in the zoo; of an error, also of one that came
when the program was built."""

from graphscope.learn.zoo import asking
from graphscope.learn.zoo.asking import meant


def said(d, program, questions):
    """What each command that is asked names in the program."""
    others = {command: asked for command, asked in questions.items() if command != "explain"}
    yield from asking.said(d, others)
    if "explain" in questions:
        answer = None if program.error is None else d.explain(program.error)
        told = answer is not None and answer.kind.name == questions["explain"]
        yield "explain", ((meant(answer.node),) if told else ())
