"""``graphscope completion SHELL``: a script for the shell that completes verbs, options and files.

It is made from the table of verbs, so that it knows what they know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphscope.errors import did_you_mean
from graphscope.repl.verbs import Verb
from graphscope.repl.words import told

#: The options before a verb or a script, and whether a word stands behind them.
OPTIONS = {
    "-c": True,
    "-x": True,
    "--at-run": True,
    "--tui": False,
    "--help": False,
    "--version": False,
}

HELP = """\
usage: graphscope completion bash|zsh|fish

Prints a script for the shell: Tab then completes verbs, options and files.

bash  eval "$(graphscope completion bash)"   in ~/.bashrc
zsh   eval "$(graphscope completion zsh)"    in ~/.zshrc, behind compinit
fish  graphscope completion fish | source   in ~/.config/fish/config.fish
"""

_BASH = """\
_graphscope() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" verb="" at=1 words=""
    while [ "$at" -lt "$COMP_CWORD" ]; do
        case "${{COMP_WORDS[at]}}" in
            {taking}) at=$((at + 1)) ;;
            -*) ;;
            *) verb="${{COMP_WORDS[at]}}"; break ;;
        esac
        at=$((at + 1))
    done
    case "$verb" in
        "") if [ "${{word#-}}" != "$word" ]; then words="{options}"; else words="{verbs}"; fi ;;
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [ "${{word#-}}" = "$word" ]; then
        local file
        while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$word")
    fi
}}
complete -o filenames -F _graphscope graphscope
"""

_ZSH = """\
#compdef graphscope
_graphscope() {{
    local word="${{words[CURRENT]}}" verb="" at=2
    local -a verbs found
    verbs=(
{described}
    )
    while (( at < CURRENT )); do
        case "${{words[at]}}" in
            {taking}) (( at++ )) ;;
            -*) ;;
            *) verb="${{words[at]}}"; break ;;
        esac
        (( at++ ))
    done
    case "$verb" in
        "") if [[ "$word" == -* ]]; then found=({options}); else _describe verb verbs; fi ;;
{cases}
    esac
    (( $#found )) && compadd -- $found
    [[ "$word" == -* ]] || _files
}}
compdef _graphscope graphscope
"""


def completion(words: Sequence[str], verbs: Mapping[str, Verb]) -> int:
    """Print the script for a shell. Returns the exit code."""
    if list(words) in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    if len(words) != 1 or words[0] not in SHELLS:
        hint = did_you_mean(words[0], SHELLS) if len(words) == 1 else ""
        known = "completion takes a shell: graphscope completion bash|zsh|fish"
        return told(f"{known}; {hint}" if hint else known)
    print(SHELLS[words[0]](verbs), end="")
    return 0


def _bash(verbs: Mapping[str, Verb]) -> str:
    return _BASH.format(
        taking=_taking(),
        options=" ".join(OPTIONS),
        verbs=" ".join(verbs),
        cases=_cases(verbs, 'words="{}"'),
    )


def _zsh(verbs: Mapping[str, Verb]) -> str:
    return _ZSH.format(
        taking=_taking(),
        options=" ".join(OPTIONS),
        described="\n".join(f"        {_quoted(f'{n}:{v.sentence}')}" for n, v in verbs.items()),
        cases=_cases(verbs, "found=({})"),
    )


def _fish(verbs: Mapping[str, Verb]) -> str:
    first, at = "__fish_use_subcommand", "__fish_seen_subcommand_from"
    lines = [f"complete -c graphscope -n {first} {_fish_option(o)}" for o in OPTIONS]
    for name, verb in verbs.items():
        lines.append(f"complete -c graphscope -n {first} -a {name} -d {_quoted(verb.sentence)}")
        seen = f"complete -c graphscope -n '{at} {name}'"
        lines += [f"{seen} {_fish_option(option)}" for option in verb.options]
        lines += [f"{seen} -f -a '{' '.join(verb.given)}'"] if verb.given else []
    return "\n".join(lines) + "\n"


#: What makes the script of each shell.
SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}


def _taking() -> str:
    return "|".join(option for option, takes in OPTIONS.items() if takes)


def _cases(verbs: Mapping[str, Verb], setting: str) -> str:
    """For each verb what can stand behind it, as the branches of a ``case``."""
    known = {name: [*verb.options, *verb.given] for name, verb in verbs.items()}
    return "\n".join(
        f"        {name}) {setting.format(' '.join(words))} ;;"
        for name, words in known.items()
        if words
    )


def _fish_option(option: str) -> str:
    return f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
