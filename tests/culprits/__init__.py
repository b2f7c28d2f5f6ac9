"""Broken programs with healthy twins: do the debugger's commands name the culprit?

Each program is a function ``build(broken)``: the broken one and its twin differ in one thing. Its
label says which node (or variable) is guilty, and which commands have to name it; on the twin they
have to be silent. ``python -m tests.culprits`` prints the score.
"""
