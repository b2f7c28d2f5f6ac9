"""Writes `printed.json`: what the zoo's programs and their twins print in real TensorFlow.

python tests/learn/make_printed.py PYTHON     (one that has TensorFlow 1.15)
"""

import json
import subprocess
import sys
from pathlib import Path

from graphscope.learn import zoo
from graphscope.learn.zoo.opening import program

FILE = Path(__file__).with_name("printed.json")


def printed(python, bug, broken):
    with program(bug, broken) as path:
        return subprocess.run([python, path], capture_output=True, text=True).stdout


def main():
    found = {
        bug.name: {
            "broken": printed(sys.argv[1], bug, True),
            "healthy": printed(sys.argv[1], bug, False),
        }
        for bug in zoo.bugs()
    }
    FILE.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
