"""The commands of the command line that work on files: what is typed, done and said."""
