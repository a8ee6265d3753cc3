"""
Scripts that complete a command line, for four shells.

All that may be completed is written out in them, so that the Tab key starts no program.
"""

from collections.abc import Callable, Mapping, Sequence

from gharial.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """
    A command or a flag.

    Attributes:
        names: Its names.
        text: What it does.
        needs_value: Whether the next word is its value.
        choices: The values that it may have, if these are known.
        takes_file: Whether its value is a file.

    """

    names: tuple[str, ...]
    text: str
    needs_value: bool = False
    choices: tuple[str, ...] = ()
    takes_file: bool = False

    @property
    def is_flag(self) -> bool:
        """Whether it is no command."""
        return self.names[0].startswith("-")


Words = Mapping[tuple[str, ...], Sequence[Word]]


def completion_script(shell: str, words: Words, *, describe: bool) -> str:
    """
    Return the script for a shell.

    Args:
        shell: One of `SHELLS`.
        words: By command, what may come after it.
        describe: Whether shells that can are to show what words do.

    """
    return SHELLS[shell](words, describe)


def _bash(words: Words, describe: bool) -> str:  # noqa: FBT001 - called from the table
    # It shows words only.
    paths = [" ".join(path) for path in words if path]
    known = "|".join(f'"{path}"' for path in paths)
    cases = []
    for path, found in words.items():
        name = " ".join(path)
        commands = " ".join(each.names[0] for each in found if not each.is_flag)
        flags = " ".join(name for each in found if each.is_flag for name in each.names)
        values = [
            f'            {"|".join(each.names)}) values="{" ".join(each.choices)}" ;;'
            for each in found
            if each.choices
        ]
        files = [
            name
            for each in found
            if each.needs_value and not each.choices
            for name in each.names
        ]
        lines = [
            f'        "{name}")',
            f'            words="{commands}" flags="{flags}"',
        ]
        if values or files:
            lines.append('            case "$before" in')
            lines += [f"    {line}" for line in values]
            if files:
                lines.append(f"                {'|'.join(files)}) return ;;")
            lines.append("            esac")
        cases.append("\n".join([*lines, "            ;;"]))
    return f"""# bash completion of gharial
_gharial() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
    local command="" words="" flags="" values="" next i
    for ((i = 1; i < COMP_CWORD; i++)); do
        next="${{command:+$command }}${{COMP_WORDS[i]}}"
        case "$next" in
            {known}) command="$next" ;;
        esac
    done
    # The sign is a word of its own.
    if [[ "$word" == "=" ]]; then
        word=""
    elif [[ "$before" == "=" ]]; then
        before="${{COMP_WORDS[COMP_CWORD-2]}}"
    fi
    case "$command" in
{chr(10).join(cases)}
    esac
    if [[ -n "$values" ]]; then
        words="$values"
    elif [[ "$word" == -* ]]; then
        words="$flags"
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
# Where nothing fits, it is a file.
complete -o default -F _gharial gharial
"""


def _zsh(words: Words, describe: bool) -> str:  # noqa: FBT001 - called from the table
    cases = [_zsh_function(words, path, describe=describe) for path in words]
    return f"""#compdef gharial
# zsh completion of gharial

{chr(10).join(cases)}
if [[ "$funcstack[1]" == "_gharial" ]]; then
    _gharial "$@"
else
    compdef _gharial gharial
fi
"""


def _zsh_function(words: Words, path: tuple[str, ...], *, describe: bool) -> str:
    found = words[path]
    commands = [each for each in found if not each.is_flag]
    lines = []
    for each in found:
        if not each.is_flag:
            continue
        text = _plain(each.text) if describe else ""
        text = f"[{text}]" if text else ""
        value = ""
        if each.needs_value or each.choices:
            colon = ":" if each.needs_value else "::"
            action = f"({' '.join(each.choices)})" if each.choices else "_files"
            if not each.choices and not each.takes_file:
                action = " "
            value = f"{colon}value:{action}"
        for name in each.names:
            end = "=" if name.startswith("--") and value else ""
            lines.append(f"'*{name}{end}{text}{value}'")
    function = "_".join(("_gharial", *path))
    if not commands:
        lines.append("'*:file:_files'")
        flags = " \\\n        ".join(lines)
        return f"{function}() {{\n    _arguments -s \\\n        {flags}\n}}\n"
    lines += ["'1: :->command'", "'*:: :->arguments'"]
    flags = " \\\n        ".join(lines)
    names = "\n            ".join(
        _quoted(f"{each.names[0]}:{_plain(each.text)}" if describe else each.names[0])
        for each in commands
    )
    inner = "\n            ".join(
        f"{each.names[0]}) {function}_{each.names[0]} ;;"
        for each in commands
        if (*path, each.names[0]) in words
    )
    return f"""{function}() {{
    local state
    local -a commands
    _arguments -C \\
        {flags}
    case "$state" in
    command)
        commands=(
            {names}
        )
        _describe command commands
        ;;
    arguments)
        case "$words[1]" in
            {inner}
        esac
        ;;
    esac
}}
"""


def _fish(words: Words, describe: bool) -> str:  # noqa: FBT001 - called from the table
    lines = ["# fish completion of gharial"]
    for path, found in words.items():
        seen = "; and ".join(f"__fish_seen_subcommand_from {name}" for name in path)
        commands = [each.names[0] for each in found if not each.is_flag]
        if commands:
            none_yet = f"not __fish_seen_subcommand_from {' '.join(commands)}"
            seen = f"{seen}; and {none_yet}" if seen else none_yet
            lines.append(f"complete -c gharial -f -n '{seen}'")
        for each in found:
            lines.append(_fish_line(each, seen, describe=describe))
    return "\n".join(lines) + "\n"


def _fish_line(word: Word, seen: str, *, describe: bool) -> str:
    parts = [f"complete -c gharial -n '{seen}'"]
    if word.is_flag:
        parts += [
            f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
            for name in word.names
        ]
    else:
        parts.append(f"-a {word.names[0]}")
    if word.choices:
        parts.append(f"-x -a '{' '.join(word.choices)}'")
    elif word.needs_value:
        parts.append("-r -F" if word.takes_file else "-x")
    if describe and word.text:
        parts.append(f"-d {_fish_quoted(word.text)}")
    return " ".join(parts)


def _powershell(words: Words, describe: bool) -> str:  # noqa: FBT001 - from the table
    entries = []
    for path, found in words.items():
        items = [
            f"            @({_doubled(name)}, {_doubled(each.text if describe else name)})"
            for each in found
            for name in each.names
        ]
        body = ",\n".join(items)
        entries.append(f"        {_doubled(' '.join(path))} = @(\n{body}\n        )")
    values = [
        f"        {_doubled(' '.join((*path, name)).strip())} = "
        f"@({', '.join(map(_doubled, each.choices))})"
        for path, found in words.items()
        for each in found
        for name in each.names
        if each.choices
    ]
    return f"""# PowerShell completion of gharial
Register-ArgumentCompleter -Native -CommandName gharial -ScriptBlock {{
    param($word, $tree, $position)
    $words = @{{
{chr(10).join(entries)}
    }}
    $values = @{{
{chr(10).join(values)}
    }}
    $command = ''
    $before = ''
    foreach ($element in $tree.CommandElements | Select-Object -Skip 1) {{
        if ($element.Extent.EndOffset -ge $position) {{ break }}
        $before = $element.ToString()
        $next = "$command $before".Trim()
        if ($words.ContainsKey($next)) {{ $command = $next }}
    }}
    $known = $values["$command $before".Trim()]
    if ($known) {{
        $known | Where-Object {{ $_ -like "$word*" }} | ForEach-Object {{
            [System.Management.Automation.CompletionResult]::new($_)
        }}
        return
    }}
    $words[$command] | Where-Object {{ $_[0] -like "$word*" }} | ForEach-Object {{
        [System.Management.Automation.CompletionResult]::new(
            $_[0], $_[0], 'ParameterValue', $_[1])
    }}
}}
"""


# What means something in zsh's own descriptions, in which nothing can be quoted twice.
_PLAIN = str.maketrans({"[": "(", "]": ")", ":": ",", "'": None, "`": None, "$": None})


def _plain(text: str) -> str:
    return text.translate(_PLAIN).replace("\\", "")


def _quoted(text: str) -> str:
    return f"'{text}'"


def _fish_quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _doubled(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


SHELLS: Mapping[str, Callable[[Words, bool], str]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
    "powershell": _powershell,
}
"""What makes the script, by shell."""
