"""What the variables, files and here documents of a script give to a command, as bash gives them."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from apis.cors.formats import FormatError, read_apis
from apis.cors.policy import CorsPolicy

X, Y = "https://a.example", "https://b.example"
CALL = "aws apigatewayv2 update-api --api-id a --cors-configuration"
JSON = json.dumps({"AllowOrigins": [X]})
ORIGIN = f"AllowOrigins={X}"
PASSED = {
    f"{CALL} {ORIGIN}": ORIGIN,
    f"O={X}\n{CALL} AllowOrigins=$O": ORIGIN,
    f"O='{X}'\n{CALL} \"AllowOrigins=${{O}}\"": ORIGIN,
    f'O="{X}"; {CALL} "AllowOrigins=$O,$O"': f"{ORIGIN},{X}",
    f"O=$'https\\x3a//a.example' && {CALL} AllowOrigins=\"$O\"": ORIGIN,
    f"export O={X}\n{CALL} AllowOrigins=$O": ORIGIN,
    f"readonly O={X}\n{CALL} AllowOrigins=$O": ORIGIN,
    f"declare -x O={X}\n{CALL} AllowOrigins=$O": ORIGIN,
    f"typeset -r O={X}\n{CALL} AllowOrigins=$O": ORIGIN,
    f"O={X} P={Y}\n{CALL} AllowOrigins=$O,$P": f"{ORIGIN},{Y}",
    f"H=a.example\nO=https://$H\n{CALL} AllowOrigins=$O": ORIGIN,
    f"H=a\n{CALL} AllowOrigins=https://${{H}}.example": ORIGIN,
    f"{CALL} AllowOrigins=${{O:-{X}}}": ORIGIN,
    f"{CALL} AllowOrigins=${{O-{X}}}": ORIGIN,
    f"{CALL} AllowOrigins=${{O:={X}}}": ORIGIN,
    f"O={X}\n{CALL} AllowOrigins=${{O:-{Y}}}": ORIGIN,
    f"{CALL} {ORIGIN},MaxAge=$((60 * 60))": f"{ORIGIN},MaxAge=3600",
    f"{CALL} {ORIGIN},MaxAge=$((60*60*24))": f"{ORIGIN},MaxAge=86400",
    f"{CALL} {ORIGIN},MaxAge=$((30 + 2 * 15))": f"{ORIGIN},MaxAge=60",
    f"{CALL} {ORIGIN},AllowHeaders=a$": f"{ORIGIN},AllowHeaders=a$",
    f"{CALL} \"{ORIGIN},AllowHeaders=$\"": f"{ORIGIN},AllowHeaders=$",
    f"{CALL} AllowOrigins='{X}','{Y}'": f"{ORIGIN},{Y}",
    f'{CALL} "AllowOrigins=\\"{X}\\""': f'AllowOrigins="{X}"',
    f"{CALL} AllowOrigins=https\\://a.exam\\\nple": ORIGIN,
    f"{CALL} \"AllowOrigins=https://a.exam\\\nple\"": ORIGIN,
    f"{CALL} $'AllowOrigins=https\\u003a//a.example'": ORIGIN,
    f"{CALL} '{JSON}'": JSON,
    f"C=$(cat <<'E'\n{JSON}\nE\n)\n{CALL} \"$C\"": JSON,
    f"{CALL} \"$(cat <<E\n{JSON}\nE\n)\"": JSON,
    f"O={X}\n{CALL} \"$(cat <<E\n{{\"AllowOrigins\": [\"$O\"]}}\nE\n)\"": JSON,
    f"{CALL} \"$(cat <<-E\n\t{JSON}\n\t\tE\n)\"": JSON,
    f"O={X}\ncat > c.json <<\"E\"\n{{\"AllowOrigins\": [\"$\"]}}\nE\n{CALL} \"$(cat c.json)\"":
        '{"AllowOrigins": ["$"]}',
    f"cat > c.json <<'E'\n{JSON}\n\nE\n{CALL} \"$(cat c.json)\" || true; {CALL} {ORIGIN}": ORIGIN,
    f"N=60\n{CALL} {ORIGIN},MaxAge=$((N * $N))": f"{ORIGIN},MaxAge=3600",
    f"if true; then O={X}; fi\n{CALL} AllowOrigins=${{O:-{Y}}}": ORIGIN,
    f"tee -a c.json d.json >/dev/null <<E\n{JSON}\nE\n{CALL} \"$(cat d.json)\"": JSON,
    f"{CALL} \"$(cat <<E\n{{\"AllowOrigins\": [\"https://a.exam\\\nple\"], \"AllowHeaders\": [\"x\\$\"]}}\nE\n)\"":
        '{"AllowOrigins": ["https://a.example"], "AllowHeaders": ["x$"]}',
    f"cat > c.json <<E\n{JSON}\nE\n{CALL} \"$(cat c.json)\"": JSON,
    f"cat <<E > c.json\n{JSON}\nE\n{CALL} \"`cat c.json`\"": JSON,
    f"tee c.json >/dev/null <<E\n{JSON}\nE\n{CALL} \"$(cat c.json)\"": JSON,
    f"echo '{JSON}' > c.json\n{CALL} \"$(cat c.json)\"": JSON,
    f"printf '%s' '{JSON}' >c.json; {CALL} \"$(cat c.json)\"": JSON,
    f"cat > a.json <<E\n{{}}\nE\ncat > b.json <<F\n{JSON}\nF\n{CALL} \"$(cat b.json)\"": JSON,
    f"cat <<A >a.json; cat <<B >b.json\n{{}}\nA\n{JSON}\nB\n{CALL} \"$(cat b.json)\"": JSON,
    f"# it's a comment\n{CALL} {ORIGIN} # and it's another": ORIGIN,
    f"O={X} # it's mine\n{CALL} AllowOrigins=$O": ORIGIN,
    f"{CALL} {ORIGIN}#x": f"{ORIGIN}#x",
    f"set -e\nif {CALL} {ORIGIN}; then true; fi": ORIGIN,
    f"({CALL} {ORIGIN})": ORIGIN,
    f"true && {CALL} {ORIGIN} || false": ORIGIN,
    f"{CALL} {ORIGIN} > out.txt 2>&1": ORIGIN,
    f"{CALL} {ORIGIN} 2>/dev/null >>out.txt </dev/null": ORIGIN,
    f"{CALL} >out.txt {ORIGIN} 2>err.txt --region eu-west-1": ORIGIN,
    f"{CALL} {ORIGIN} | cat": ORIGIN,
    f"{CALL} {ORIGIN}&\nwait": ORIGIN,
    f"for id in a b; do\n  {CALL} {ORIGIN} --tags n=$id\ndone": ORIGIN,
    f"f() {{ local O={X}; {CALL} AllowOrigins=$O; }}\nf": ORIGIN,
}  # fmt: skip
"""Scripts, and what bash passes on as the option of the command."""


def policy(text: str) -> CorsPolicy:
    """The policy of the one API of a script."""
    (api,) = read_apis(text)[1]
    return api.policy


def test_bash_passes_these_values(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    called = (
        f'aws() {{ while [ "$1" != --cors-configuration ]; do shift; done; printf "%s\\0" "$2" >{noted}; }}\n'
        f'aws_of() {{ ( . "$1" ); cat {noted}; }}\n'
    )
    for number, script in enumerate(PASSED):
        (tmp_path / f"{number:02}.sh").write_text(script + "\n")
    done = subprocess.run(
        ["bash", "--norc", "-c", f'{called} for script in ./*.sh; do aws_of "$script" >&3; done 3>&1 >/dev/null 2>&1'],
        capture_output=True, check=True, cwd=tmp_path, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert dict(zip(PASSED, done.stdout.decode().split("\0")[:-1], strict=True)) == PASSED


@pytest.mark.parametrize("script", PASSED)
def test_a_script_sets_what_bash_passes_on(script: str) -> None:
    assert policy(script) == policy(f"--cors-configuration {shlex.quote(PASSED[script])}")


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        (f"O={X}\nO={Y}\n{CALL} AllowOrigins=$O", "$O is"),
        (f"for O in {X} {Y}; do {CALL} AllowOrigins=$O; done", "$O is"),
        (f"cat x | while read -r O P; do {CALL} AllowOrigins=${{P:-{X}}}; done", "${P:-https://a.example} is"),
        (f"{CALL} {ORIGIN},MaxAge=$((60", "$(( is"),
        (f"read O\n{CALL} AllowOrigins=$O", "$O is"),
        (f"if x; then O={X}; else O={Y}; fi\n{CALL} AllowOrigins=${{O:-{X}}}", "${O:-https://a.example} is"),
        (f"O=$(date)\n{CALL} AllowOrigins=$O", "$O is"),
        (f"{CALL} AllowOrigins=$(date)", "$(date) is"),
        (f"{CALL} AllowOrigins=`date`", "`date` is"),
        (f"{CALL} \"AllowOrigins=${{O%/}}\"", "${O%/} is"),
        (f"{CALL} AllowOrigins=${{!O}}", "${!O} is"),
        (f"{CALL} AllowOrigins=$1", "$1 is"),
        (f"{CALL} AllowOrigins=\"$@\"", "$@ is"),
        (f"{CALL} AllowOrigins=$O,$P", "$O is"),
        (f"P={X}\n{CALL} AllowOrigins=$P,$O", "$O is"),
        (f"{CALL} \"$(cat c.json)\"", "$(cat c.json) is"),
        (f"echo {X} > a\n{CALL} \"$(cat a a)\"", "$(cat a a) is"),
        (f"echo {X} > a\n{CALL} \"$(cat a; date)\"", "$(cat a; date) is"),
        (f"echo $O > a\n{CALL} \"$(cat a)\"", "$(cat a) is"),
        (f"{CALL} {ORIGIN},MaxAge=$((60 - 1))", "$((60 - 1)) is"),
        (f"{CALL} {ORIGIN},MaxAge=$((9999999999))", "$((9999999999)) is"),
        (f"{CALL} {ORIGIN},MaxAge=$((N * 60))", "$((N * 60)) is"),
        (f"{CALL} AllowOrigins=${{{{ secrets.O }}}}", "${{ secrets.O }} is"),
        (f"{CALL} AllowOrigins=$env:ORIGIN", "$env:ORIGIN is"),
        (f"{CALL} AllowOrigins={'$(echo ' * 40}x{')' * 40}", "is worked out by the shell"),
        (f"O={X}\nO+=,{Y}\n{CALL} AllowOrigins=$O", "$O is worked out by the shell"),
        (f"O={X}\nexport O+=,{Y}\n{CALL} AllowOrigins=$O", "$O is worked out by the shell"),
        (f"$o = '{X}'\n$o += ',{Y}'\n{CALL} AllowOrigins=$o", "$o is worked out by the shell"),
        (f"{CALL} 'AllowOrigins=$O'", "$O is worked out by the shell, but not in single quotes"),
        (f"O={X}\n{CALL} \"AllowOrigins=\\$O\"", "$O is worked out by the shell, but not in single quotes"),
        (f"cat > c.json <<E\n{{\"AllowOrigins\": [\"$O\"]}}\nE\n{CALL} file://c.json", "$O is"),
        (f"{CALL} AllowOrigins=%O%", "%O% is"),
    ],
)  # fmt: skip
def test_what_only_running_a_script_shows_is_refused_as_it_is_written(script: str, shown: str) -> None:
    with pytest.raises(FormatError) as caught:
        policy(script)
    assert (caught.value.field, shown in caught.value.message) == ("--cors-configuration", True), caught.value.message


@pytest.mark.parametrize(
    ("script", "notes"),
    [
        (f"O={X}\n{CALL} AllowOrigins=$O", [f"$O is {X}, as this script states."]),
        (f"O={X}\n{CALL} AllowOrigins=${{O}}", [f"${{O}} is {X}, as this script states."]),
        (f"set O={X}\n{CALL} AllowOrigins=%O%", [f"%O% is {X}, as this script states."]),
        (f"{CALL} {ORIGIN},MaxAge=$((60*2))", ["$((60*2)) is 120, as this script states."]),
        (f"O={X}\nN=shop\n{CALL} AllowOrigins=$O --name $N", [f"$O is {X}, as this script states."]),
    ],
)
def test_a_variable_that_is_put_in_is_noted(script: str, notes: list[str]) -> None:
    (api,) = read_apis(script)[1]
    assert list(api.notes) == notes


@pytest.mark.parametrize(
    "script",
    [
        f"set O={X}\r\n{CALL} AllowOrigins=%O%\r\n",
        f"SET \"O={X}\"\n{CALL} AllowOrigins=%O%",
        f"$o = \"{X}\"\n{CALL} \"AllowOrigins=$o\"",
        f"$o = '{X}'\n{CALL} AllowOrigins=${{o}}",
        f"{CALL} `\r\n  AllowOrigins={X}",
        f"{CALL} ^\r\n  AllowOrigins={X}",
        f"{CALL} \\\r\n  AllowOrigins={X}",
    ],
)  # fmt: skip
def test_scripts_of_windows(script: str) -> None:
    assert policy(script).allow_origins == (X,)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (f"{CALL} 'AllowOrigins=x", 1),
        (f'\n{CALL} "AllowOrigins=x', 2),
        (f"set -e\n\n{CALL} \\\n 'AllowOrigins=x\n\n", 4),
        (f"\n{CALL} $'\\'\nx\\'", 2),
    ],
)
def test_a_quote_that_is_not_closed_has_the_line_on_which_it_opens(script: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        policy(script)
    assert caught.value.line == line
