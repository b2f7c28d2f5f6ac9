"""The rules of `lint`: each looks at the graph of a fetch for one thing that is usually a mistake.

A rule is a function of a `View` that yields hints. It must be silent on every healthy program: a
learner who is warned for nothing does not read the next warning. The rules are in one file a theme.
"""
