"""Things to learn from: the demo and its program."""
