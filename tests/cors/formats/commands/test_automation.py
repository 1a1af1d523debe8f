"""Commands in workflows, Makefiles, justfiles and programs: what those tools make of them, nothing run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_apis

A = "https://a.example"
CALL = "aws apigatewayv2 update-api --api-id abc --cors-configuration"
RUN = f"{CALL} AllowOrigins={A}"


def origins(value: Any) -> tuple[str, ...]:
    """The origins that the one command of a document sets."""
    name, (api,) = read_apis(value if isinstance(value, str) else json.dumps(value))
    assert (name, api.name) == ("cli", "abc")
    return api.policy.allow_origins


@pytest.mark.parametrize(
    "document",
    [
        {"script": [RUN]},
        {"script": [["echo", RUN]]},
        {"script": ["echo", [RUN]]},
        {"script": ["echo", {"if": "x"}, RUN]},
        {"script": ["cat > c.json <<E", json.dumps({"AllowOrigins": [A]}), "E", f"{CALL} file://c.json"]},
        {"script": ["O=" + A, f"{CALL} AllowOrigins=$O"]},
        {"script": [], "jobs": {"a": {"run": RUN}}},
        {"scripts": {"deploy": RUN}},
        {"scripts": {"deploy": [RUN]}},
        [{"run": RUN}],
        [[{"tasks": [{"shell": RUN}]}]],
        {"a": {"b": {"c": [{"d": [{"e": {"f": [{"run": RUN}]}}]}]}}},
        {"name": RUN.replace(A, "https://b.example"), "run": RUN},
        {"run": RUN, "steps": [{"run": "echo https://b.example"}]},
        {"env": {"O": A}, "run": f"{CALL} AllowOrigins=${{{{ env.O }}}}"},
        {"vars": {"O": A}, "run": f"{CALL} AllowOrigins=${{{{vars.O}}}}"},
        {"env": {"O": A}, "jobs": [{"env": {"O": A}, "run": f"{CALL} AllowOrigins=$O"}]},
        {"env": {"O": A, "N": 3}, "run": f"{CALL} AllowOrigins=$O"},
        "steps: &s\n  - &r\n    run: " + RUN + "\nagain: *s\nmore: [*r, *r]\n",
    ],
)
def test_a_workflow(document: Any) -> None:
    assert origins(document) == (A,)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"env": {"O": A}, "run": f"O=x\n{CALL} AllowOrigins=$O"}, "$O is"),
        ({"env": {"O": 3}, "run": f"{CALL} AllowOrigins=$O"}, "$O is"),
        ({"steps": [{"run": "!Ref X"}, {"run": f"{CALL} AllowOrigins=$O"}]}, "$O is"),
        ({"name": RUN}, "No CORS configuration"),
        ({"run": "echo hello"}, "No CORS configuration"),
        ({"run": "aws s3api put-bucket-cors --cors-configuration x"}, "an S3 bucket"),
    ],
)
def test_a_workflow_without_a_value(document: Any, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(json.dumps(document))
    assert words in caught.value.message


MAKE = f"cors:\n\t{CALL} AllowOrigins="


@pytest.mark.parametrize(
    "text",
    [
        f"{MAKE}{A}\n",
        f"cors: build lint\n\t@{RUN}\n",
        f"cors::\n\t-@+{RUN}\n",
        f"cors:\n# deploys\n\n\t# and more\n\t{RUN}\n",
        f"cors:\n\techo a\n\n\t{CALL} \\\n\t  AllowOrigins={A}\n",
        f"cors:\r\n\t{CALL} \\\r\n\t  AllowOrigins={A}\r\n",
        f"O = {A}\n{MAKE}$(O)\n",
        f"O := {A}\n{MAKE}${{O}}\n",
        f"O ::= {A}\n{MAKE}$(O)\n",
        f"O ?= {A} # the page\n{MAKE}$(O)\n",
        f"export O = {A}\n{MAKE}$(O)\n",
        f"H = a.example\nO = https://$(H)\n{MAKE}$(O)\n",
        f"{MAKE}$(O)\n\nO = {A}\n",
        f"cors:\n\tO={A} && {CALL} AllowOrigins=$$O\n",
        f"P = {'p' * 200}\nH = a.example\nO = https://$(H)\ncors:\n\techo {'$(P)' * 9}\n\t{CALL} AllowOrigins=$(O)\n",
        f"O = x\ncors:\n\techo $(O) $(MISSING)\n\t{RUN}\n",
    ],
)
def test_a_makefile(text: str) -> None:
    assert origins(text) == (A,)


@pytest.mark.parametrize("shown", ["$(O)", "${O}", "$$O", "$(shell date)"])
def test_a_makefile_without_a_value(shown: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(f"P = {A}\n{MAKE}{shown}\n")
    assert "is worked out by the shell" in caught.value.message


@pytest.mark.parametrize(
    "variables",
    [
        f"ifdef X\nO := {A}\nelse\nO := b\nendif",
        f"O := {A}\nO += ,b",
        f"O := {A}\nall: O := b",
        f"O := {A}\nall: export O=b",
        "O != cat origin",
        f"O ?= {A}\nO = b",
    ],
)
def test_a_makefile_with_several_values(variables: str) -> None:
    with pytest.raises(FormatError, match="is worked out by the shell"):
        read_apis(f"{variables}\n{MAKE}$(O)\n")


@pytest.mark.parametrize("variables", [f"O := {A}\nO ?= b", f"O := {A}\nO = {A}", f"override O = {A} # x"])
def test_a_makefile_with_one_value(variables: str) -> None:
    assert origins(f"{variables}\n{MAKE}$(O)\n") == (A,)


def test_variables_of_a_makefile_that_never_end() -> None:
    for text in (f"O = $(O)\n{MAKE}$(O)\n", f"O = $(P)$(P)\nP = $(O)$(O)\n{MAKE}$(O)\n"):
        with pytest.raises(FormatError):
            read_apis(text)


@pytest.mark.parametrize(
    "text",
    [
        f"cors:\n    {RUN}\n",
        f"cors:\n    @{RUN}\n",
        f'o := "{A}"\n\ncors:\n    {CALL} AllowOrigins={{{{o}}}}\n',
        f"o := '{A}'\n\ncors:\n  @-{CALL} AllowOrigins={{{{ o }}}}\n",
        f"cors o='x':\n    {RUN}\n",
    ],
)
def test_a_justfile(text: str) -> None:
    assert origins(text) == (A,)


@pytest.mark.parametrize(
    "command",
    ['echo "O=b" >> "$GITHUB_ENV"', "echo O=b >> $GITHUB_ENV", "echo 'export O=b' >> $BASH_ENV",
     "echo '##vso[task.setvariable variable=O]b'"],
)  # fmt: skip
def test_a_variable_that_an_earlier_step_changes(command: str) -> None:
    steps = [{"run": command}, {"run": f"{CALL} AllowOrigins=$O"}]
    with pytest.raises(FormatError, match=r"\$O is worked out by the shell"):
        origins({"env": {"O": A}, "steps": steps})
    other = [{"run": command.replace("O=b", "P=b").replace("=O", "=P")}, steps[1]]
    assert origins({"env": {"O": A}, "steps": other}) == (A,)


@pytest.mark.parametrize(
    "text",
    [
        f"@echo off\nrem CORS\n{RUN}",
        f"@ECHO OFF\r\nSETLOCAL\r\nIF 1==1 (\r\n  {RUN}\r\n)\r\n",
        f"@{RUN}",
        f'{CALL} \'{{\\"AllowOrigins\\":[\\"{A}\\"]}}\'',
        f'$c = \'{{ \\"AllowOrigins\\": [\\"{A}\\"] }}\'\n{CALL} $c',
    ],
)
def test_a_script_of_windows(text: str) -> None:
    assert origins(text) == (A,)


OPTION = f"AllowOrigins={A}"
WORDS = ["apigatewayv2", "update-api", "--api-id", "abc", "--cors-configuration"]
LISTED = ", ".join(f'"{word}"' for word in [*WORDS, OPTION])


@pytest.mark.parametrize(
    "program",
    [
        f'import os\nos.system("{RUN}")',
        f"import os\nos.system('{RUN}')",
        f'import os\nos.system("""\n{RUN}\n""")',
        f"import os\nos.system('''\n{CALL} \\\n {OPTION}\n''')",
        f"import x from 'y';\nx(`{RUN}`);",
        f'import os\nrun(["aws", {LISTED}])',
        f"import x from 'y';\nx('aws', [{LISTED}]);",
        f'import os\nrun("echo hello")\nrun(["aws", {LISTED}], check=True)',
        "import os\nos.system(\"" + CALL + f" '{{\\\"AllowOrigins\\\": [\\\"{A}\\\"]}}'\")",
        "import os\nrun([\"aws\", " + LISTED.replace(f'"{OPTION}"', f'"{{\\"AllowOrigins\\": [\\"{A}\\"]}}"') + "])",
        f"import os\nos.system('echo \"it\\'s\"')\nos.system('{RUN}')",
        f'import os\nos.system("echo aws")\nos.system("{RUN}")',
        f'import os\nos.system("{RUN}',
    ],
)  # fmt: skip
def test_a_program(program: str) -> None:
    assert origins(program) == (A,)


@pytest.mark.parametrize(
    "program",
    [
        'import os\nrun(["aws", "s3", "ls"])',
        'import os\nos.system("echo apigatewayv2 --cors")',
        f"import os\n# {RUN}",
    ],
)
def test_a_program_without_a_command(program: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(program)
    assert "program code" in caught.value.message
