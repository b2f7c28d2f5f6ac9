"""A debug adapter: sess.run is stepped in an editor, forwards and backwards.

``graphscope dap`` speaks the Debug Adapter Protocol on stdin and stdout, which VS Code, Neovim
(nvim-dap), Emacs (dap-mode, dape) and others understand. The plan of a run is a document with one
line a node; its lines and those of the script can have breakpoints.

VS Code takes an adapter from an extension, and none is published for this one. A folder with this
``package.json``, opened once with "Developer: Install Extension from Location...", is enough::

    {
      "name": "graphscope", "publisher": "local", "version": "0.0.1",
      "engines": {"vscode": "^1.70.0"},
      "contributes": {
        "breakpoints": [{"language": "python"}, {"language": "plaintext"}],
        "debuggers": [{
          "type": "graphscope", "label": "GraphScope", "languages": ["python"],
          "program": "/path/to/venv/bin/graphscope", "args": ["dap"]
        }]
      }
    }

and in a project's ``.vscode/launch.json``::

    {
      "version": "0.2.0",
      "configurations": [{
        "type": "graphscope", "request": "launch", "name": "Step through sess.run",
        "program": "${file}", "args": [], "stopOnEntry": true
      }]
    }

nvim-dap::

    local dap = require("dap")
    dap.adapters.graphscope = {type = "executable", command = "graphscope", args = {"dap"}}
    dap.configurations.python = {{
      type = "graphscope", request = "launch", name = "Step through sess.run",
      program = "${file}", stopOnEntry = true,
    }}

The words of launch.json:

program:     the script, a TensorFlow 1 program. args, cwd, env: as for any program.
stopOnEntry: stop where the first run begins (the default), or only at breakpoints.
fetch:       the run at whose start to stop is the first that fetches this: a name of the graph or
             of Python, or a pattern. atRun: it is the N-th of them.

What the editor's words mean here:

Step Into    one node; into a branch or a loop. Step Over: a scope, a branch, a loop or an iteration
             of it as a whole. Step Out: to the end of it. Step Back: what Step Over does, back.
             Behind the end of a run each of them goes on to the next one. By instructions, as in
             machine code, each of them is one node.
Pause        the next node, or the next run; ``set_trace()`` in the script does the same. Runs of
             other threads than the script's own go on beside it.
Breakpoints  on a line of the script stop behind the nodes which that line has made, and before the
             run that it calls; on a line of the plan behind its node. Conditions and counts of hits
             are those of the prompt: ``np.max(v) > 3``, ``%10``. A log message shows ``{loss}``.
             Function breakpoints are places: ``@Log``, ``dense/*``, ``%W``, ``upd``. Data
             breakpoints watch a variable, or what a node gives. Exceptions: a NaN is born, ...
Console      any command of the prompt (`graphscope.debug`), or an expression.
Values       can be set: a variable's, what a node gives (the run goes on from there), a feed's (the
             run begins again), and single elements of them.

Each of these is a command of the prompt: ``record`` and ``export pytest`` in the console keep what
was done in the editor.
"""

from __future__ import annotations

import inspect

from graphscope.repl.words import told

USAGE = """\
usage: graphscope dap

A debug adapter on stdin and stdout: editors start it, and nobody types to it.

"""


def main(words: list[str]) -> int:
    """Do what the words behind `dap` say; returns the exit code."""
    if words in (["-h"], ["--help"]):
        print(USAGE + inspect.cleandoc(__doc__ or ""))
        return 0
    if words:
        return told(f"dap takes no words, and not {' '.join(words)}")
    from graphscope.repl.dap.serving import serve

    return serve()
