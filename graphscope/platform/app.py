"""`run`: the entry point of scripts with flags (tf.app)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from graphscope.platform import flags


def run(main: Callable[..., Any] | None = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Read the flags, call `main` with the words that are left, and end with what it returns.

    main: the script's own function `main` when left out. argv: the command line, program first;
    sys.argv when left out. ``--help`` lists the flags. Source: tf.app.run.
    """
    words = list(sys.argv if argv is None else argv)
    function = main or sys.modules["__main__"].main
    try:
        rest = flags.FLAGS(words, known_only=True)
        if {"--help", "-help", "-h"} & set(rest[1:]):
            print(f"{sys.modules['__main__'].__doc__ or 'flags:'}\n\n{flags.FLAGS.get_help()}")
            sys.exit(1)
        flags.check_required(flags.FLAGS)
    except flags.Error as error:
        sys.stderr.write(f"FATAL Flags parsing error: {error}\nPass --help to see help on flags.\n")
        sys.exit(1)
    sys.exit(function(rest))
