"""`graphscope completion`: what Tab offers in a shell."""

import re
import shutil
import subprocess
from contextlib import suppress

import pytest

from graphscope.cli import VERBS, main

BASH = shutil.which("bash")


@pytest.fixture
def script(capsys):
    """The script for a shell."""

    def printed(shell):
        assert main(["completion", shell]) == 0
        return capsys.readouterr().out

    return printed


@pytest.fixture
def tab(script, tmp_path):
    """What bash offers for the last of the words, in a folder with some files."""
    for name in ("train.py", "two words.py", "dream.txt"):
        (tmp_path / name).touch()
    (tmp_path / "drafts").mkdir()

    def offered(*words):
        given = " ".join(f"'{word}'" for word in ("graphscope", *words))
        done = subprocess.run(
            [BASH, "--norc", "-u", "-c", f"{script('bash')}\nCOMP_WORDS=({given})\n"
             f"COMP_CWORD={len(words)}\n_graphscope\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return sorted(filter(None, done.stdout.splitlines()))

    return offered


@pytest.mark.skipif(BASH is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["dr"], ["drafts", "draw", "dream.txt"]),
        (["wh"], ["why", "why-not"]),
        (["t"], ["train.py", "two words.py"]),
        (["--v"], ["--version"]),
        (["draw", "--fe"], ["--fetch"]),
        (["draw", "--l"], []),
        (["draw", "train.py", "--no-"], ["--no-fold", "--no-ladder"]),
        (["draw", "tr"], ["train.py"]),
        (["plan", "--fa"], ["--fast"]),
        (["updates", "--fe"], []),
        (["completion", "ba"], ["bash"]),
        (["edit", "--set"], ["--set-lr"]),
        (["-c", "plan", "--at-run", "3", "li"], ["lint"]),
        (["train.py", "tw"], ["two words.py"]),
    ],
)
def test_what_bash_offers(tab, words, offered):
    assert tab(*words) == offered


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_bash_offers_every_verb(tab):
    assert set(VERBS) <= set(tab(""))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_verb_and_option_is_in_the_script(script, shell):
    text = script(shell)
    for name, verb in VERBS.items():
        assert re.search(rf"\b{name}\b", text)
        for option in verb.options:
            assert (option in text) or f"-l {option[2:]}" in text or f"-s {option[1:]}" in text


@pytest.mark.parametrize("name", ["edit", "diff", "export", "doctor"])
def test_the_table_knows_the_options_that_a_verb_has(capsys, name):
    with suppress(SystemExit):  # argparse leaves by itself
        main([name, "--help"])
    described = capsys.readouterr().out
    found = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", described)) - {"-h"}
    assert found | {"--help"} == set(VERBS[name].options)
