"""Print the score; with --write, put it into the README too."""

import sys

from .score import everything, section, table, write


def main():
    broken, healthy = everything()
    print("\n".join(table(broken, healthy)))
    for result in broken:
        if not result.right:
            print(f"{result.command} does not name the culprit of {result.culprit}: {result.said}")
    for result in healthy:
        if not result.right:
            print(f"{result.command} warns of the healthy twin of {result.culprit}: {result.said}")
    if "--write" in sys.argv:
        write(section(broken, healthy))


main()
