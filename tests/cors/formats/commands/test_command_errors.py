"""What the errors of commands name, and how long a name may be."""

from __future__ import annotations

import pytest

from apis.cors.formats import read_apis
from tests.cors.formats.refusals import refusal

A = "https://a.example"
UPDATE = "aws apigatewayv2 update-api --api-id a --cors-configuration"
LONG = "K" * 100


@pytest.mark.parametrize(
    ("start", "option"),
    [
        ("apigatewayv2 update-api --api-id", "--cors-configuration"),
        ("apigatewayv2 create-api --protocol-type HTTP --name", "--cors-configuration"),
        ("lambda create-function-url-config --auth-type NONE --function-name", "--cors"),
        ("lambda update-function-url-config --function-name", "--cors"),
    ],
)
def test_a_targets_name_has_two_hundred_characters(start: str, option: str) -> None:
    for given, shown in (("n" * 200, "n" * 200), ("n" * 201, "n" * 200)):
        name, [found] = read_apis(f"aws {start} {given} {option} AllowOrigins={A}")
        assert (name, found.name, found.policy.to_aws()) == ("cli", shown, {"AllowOrigins": [A]})


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("={a=1}", "is a list of texts, a number or true or false, and begins here with {."),
        ("='a", "has a quote that is not closed."),
        (f"=a,{LONG}=b", "is there twice. Keep the one that is meant."),
        ("=['a'b]", "there should be a “,” before “b]”."),
        ("=[a", "a “,” is missing at the end."),
        (
            "=a b",
            "is not one of the six CORS fields, which are AllowOrigins, AllowHeaders, AllowMethods, ExposeHeaders,",
        ),
    ],
)
def test_a_fields_name_has_64_characters_in_errors(rest: str, message: str) -> None:
    error = refusal(f'{UPDATE} "{LONG}{rest}"')
    assert error.field == LONG[:64]
    assert str(error).startswith(f"{LONG[:64]}: {message}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{UPDATE} 'AllowOrigins={A}", 1),
        (f'echo 1\n{UPDATE} "AllowOrigins={A}', 2),
        (f"echo 1\n\n{UPDATE} $'AllowOrigins={A}", 3),
        (f'echo 1\n{UPDATE} "AllowOrigins={A},\\"$B', 2),
    ],
)
def test_a_quote_that_is_not_closed_has_its_line(text: str, line: int) -> None:
    error = refusal(text)
    assert (error.message, error.line) == ("A quote is opened here and not closed.", line)


def test_a_command_has_the_line_of_its_first_word() -> None:
    one = f" aws apigatewayv2 update-api \\\n --api-id a \\\n --cors-configuration AllowOrigins={A}"
    error = refusal(f"\n\nif x; then\n{one}\nelse\n{one}/b\nfi\n")
    assert "that of line 4" in str(error)
    assert error.line == 8


@pytest.mark.parametrize("brackets", ["[", '{"a":'])
def test_an_answer_below_a_command_may_not_be_nested_too_deeply(brackets: str) -> None:
    error = refusal("$ aws apigatewayv2 get-api --api-id a\n" + brackets * 100_000)
    assert str(error) == "This is nested too deeply. Paste only the part about the API."


@pytest.mark.parametrize(
    "program",
    [
        'subprocess.run(["aws", "apigatewayv2", "update-api", "--api-id", "a", "--cors-configuration", "VALUE"])\n',
        "os.system(\"aws apigatewayv2 update-api --api-id a --cors-configuration 'VALUE'\")\n",
        "require(\"child_process\").execSync(`aws apigatewayv2 update-api --api-id a --cors-configuration 'VALUE'`)\n",
    ],
)
def test_a_programs_escapes_are_undone(program: str) -> None:
    _, [found] = read_apis(program.replace("VALUE", f'{{\\"AllowOrigins\\": [\\"{A}\\"]}}'))
    assert found.policy.to_aws() == {"AllowOrigins": [A]}


@pytest.mark.parametrize("sign", ["$", "`"])
def test_a_programs_escaped_sign_is_still_the_shells(sign: str) -> None:
    end = "" if sign == "$" else "\\`"
    error = refusal(f'require("child_process").execSync("{UPDATE} AllowOrigins=\\{sign}ORIGIN{end}")\n')
    assert "is worked out by the shell. Write the value itself." in str(error)
    assert "\\" not in str(error)


def values(text: str) -> dict[str, object] | None:
    """AWS's fields of the only API of a text."""
    _, [found] = read_apis(text)
    return found.policy.to_aws()


@pytest.mark.parametrize("sign", ["=", ":=", "::=", "?=", " = ", " := "])
@pytest.mark.parametrize("use", ["$(ORIGIN)", "${ORIGIN}"])
def test_a_makefiles_variables(sign: str, use: str) -> None:
    recipe = f"cors: deps # sets it\n\t@{UPDATE} \\\n\t  AllowOrigins={use}\n"
    assert values(f"ORIGIN{sign}{A} # ours\n{recipe}") == {"AllowOrigins": [A]}
    for other in (f"ORIGIN += {A}/b", "ORIGIN = https://b.example", "cors: ORIGIN = x", "ORIGIN != date"):
        assert "ORIGIN" in str(refusal(f"ORIGIN{sign}{A}\n{other}\n{recipe}"))


def test_a_makefiles_shell_variable() -> None:
    assert "$ORIGIN" in str(refusal(f"ORIGIN = {A}\ncors:\n\t{UPDATE} AllowOrigins=$$ORIGIN\n"))


@pytest.mark.parametrize("key", ["env", "variables", "environment", "vars"])
@pytest.mark.parametrize("commands", ["run", "script", "commands", "cmd", "bash", "pwsh", "inlineScript", "args"])
def test_a_workflows_commands_and_variables(key: str, commands: str) -> None:
    text = f"{key}:\n  ORIGIN: {A}\njob:\n  - {commands}: >-\n      {UPDATE} AllowOrigins=$ORIGIN\n"
    assert values(text) == {"AllowOrigins": [A]}
    later = text + f"  - {commands}: echo ORIGIN=x >> $GITHUB_ENV\n"
    assert "$ORIGIN" in str(refusal(later))
    assert "$ORIGIN" in str(refusal(f"{text}other:\n  {key}:\n    ORIGIN: x\n"))


@pytest.mark.parametrize(
    "redirection",
    ["> f", ">f", ">> f", ">| f", ">& f", "2>&1", "2> f", "< f", "<> f", "<<< text", "&> f", "> f 2>&1", "\t>\tf"],
)
def test_a_redirection_is_no_part_of_the_value(redirection: str) -> None:
    for text in (f"{UPDATE} AllowOrigins={A} {redirection}", f"{UPDATE} AllowOrigins={A} {redirection}\necho 1\n"):
        assert values(text) == {"AllowOrigins": [A]}
    assert values(f"date {redirection}; {UPDATE} AllowOrigins={A},MaxAge=5") == {"AllowOrigins": [A], "MaxAge": 5}


def test_what_only_the_shell_knows_is_shown_with_sixty_characters() -> None:
    for use in ("$" + "N" * 59, "${" + "N" * 57 + "}"):
        assert f": {use} is worked out by the shell." in str(refusal(f"{UPDATE} AllowOrigins={use}"))
    assert f": ${'N' * 59} is worked out" in str(refusal(f"{UPDATE} AllowOrigins=${'N' * 60}"))
    assert f": ${{{'N' * 58} is worked out" in str(refusal(f"{UPDATE} AllowOrigins=${{{'N' * 60}}}"))
