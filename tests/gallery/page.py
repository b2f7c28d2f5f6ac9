"""The gallery page and its pictures: how they are made, and where they are."""

import inspect
import re
from pathlib import Path

import graphscope as gs
from graphscope import compat
from graphscope.show import Picture

from .graphs import GRAPHS, adversaries, first_run, regression, sequence, trained

FOLDER = Path(__file__).parents[2] / "tutorials" / "gallery"
PAGE = FOLDER.parent / "gallery.md"

HEAD = """# Pictures of graphs

Each picture below is what `gs.draw(fetch)` makes of the program beside it, without any further
word: what is forward, backward or an update is found in the graph. `pytest tests/gallery` compares
every one of them with its text; `python -m tests.gallery --write` makes this page again.

How to read them: the forward pass goes down on the left, the gradient comes up on the right, each
operation in one row with its gradient; variables and their updates stand between. A tag is a feed,
a cylinder a variable, a box with a depth or a tab stands for many and opens with `expand=`. What is
dashed does not run for this fetch. The line under the title says what the run does.
"""

#: What a program uses that stands outside of its own function.
HELPERS = {
    "unrolled": (sequence, trained),
    "gan_discriminator": (adversaries,),
    "position": (first_run, regression),
}


def draw(entry):
    """The picture of an entry, in a graph of its own."""
    with compat.installed() as tf, gs.Graph().as_default():
        made = entry.build(tf)
        return made if isinstance(made, Picture) else gs.draw(made, **entry.options)


def program(name, entry):
    """The code of an entry, without its docstring."""
    functions = (*HELPERS.get(name, ()), entry.build)
    sources = [inspect.getsource(function) for function in functions]
    code = "\n\n\n".join(source.strip() for source in sources)
    code = re.sub(r"^@entry\((?:.|\n)*?\)\n(?=def )", "", code, flags=re.MULTILINE)
    code = code.replace(f'    """{entry.build.__doc__}"""\n', "")
    return code.strip()


def section(name, entry, picture):
    """A heading, what is to be seen, the picture, and the program."""
    told = " ".join(entry.build.__doc__.split())
    asked = ", ".join(f"{key}={value!r}" for key, value in entry.options.items())
    return f"""## {entry.title}

{told}

![{picture.title}: {picture.sentence}](gallery/{name}.svg)

<details><summary>The program{asked and f" (drawn with {asked})"}</summary>

```python
{program(name, entry)}
```

</details>
"""


def page(pictures):
    """The text of the page. pictures: by the names of their entries."""
    sections = [section(name, entry, pictures[name]) for name, entry in GRAPHS.items()]
    return "\n".join([HEAD, *sections])


def write():
    """Make the page and all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = {name: draw(entry) for name, entry in GRAPHS.items()}
    for name, picture in pictures.items():
        picture.save(FOLDER / f"{name}.dot")
        picture.save(FOLDER / f"{name}.svg")
    PAGE.write_text(page(pictures))
    return pictures
