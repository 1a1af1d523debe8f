"""Commands other than curl: HTTPie, wget, and PowerShell's Invoke-WebRequest as DevTools copies it."""

from __future__ import annotations

import re
from itertools import islice

from apis.cors.exchange import Answer
from apis.cors.formats.commands.shell import ShellError, words
from apis.cors.paste import wire
from apis.cors.paste.result import Draft, Source, requested_headers
from apis.cors.paste.sent import read_sent

_BEFORE = frozenset({"time", "sudo", "env", "exec", "command", "then", "do", "winpty", "!"})
_ENDS = "$%>#➜❯»✗λ❱▶;|&("
"""How a prompt ends, or another command in front."""
_SIGNS = "➜❯»λ❱▶"
"""How a prompt begins that names the folder or the branch behind its sign."""
_POWERSHELL = re.compile(r"\b(Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b", re.IGNORECASE)
_HASHTABLE = re.compile(r"""(?:["']([\w:-]{1,200})["']|(?<![\w$.-])([A-Za-z]\w{0,200}))\s*=\s*"""
                        r"""(?:"((?:`.|[^"`]){0,4000})"|'([^']{0,4000})')""")  # fmt: skip
"""A pair of PowerShell's `@{ name = value }`, each with quotes of either kind, the name also with none."""
_NAMED_HEADERS = re.compile(r"-Headers\s+\$(\w{1,60})")
_RAW_CONTENT = re.compile(r"^RawContent[ \t]*:[ \t]*(?=HTTP/)", re.MULTILINE)
"""The response as PowerShell prints it, with blanks before each line of it but the first."""
_PRINTED_STATUS = re.compile(
    r"^StatusCode[ \t]*:[ \t]*([1-5][0-9]{2})\b|^[\w-]{2,20} : [^\n]{1,200}: \(([1-5][0-9]{2})\)|"
    r"The remote server returned an error: \(([1-5][0-9]{2})\)|"
    r"Response status code does not indicate success: ([1-5][0-9]{2})\b",
    re.MULTILINE,
)
_LOST = re.compile(
    r"The remote name could not be resolved[^\n]{0,100}|Unable to connect to the remote server|No such host is known"
    r"[^\n]{0,100}|The underlying connection was closed[^\n]{0,100}|The SSL connection could not be established"
)
_ITEM = re.compile(r"([A-Za-z][\w-]{0,200})(:=@|:=|==|=@|=|:|@)(.{0,4000})", re.DOTALL)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


_CONTINUED = re.compile(r"([\\`^])[ \t]*\r?\n[ \t]*(?:>{1,2}|More\?) ")
_RUNNER = re.compile(r"(?:^|[$#%>;&| ])(?:docker|podman|kubectl|oc|ssh|wsl|watch|timeout) ")
"""A program that runs another one, such as curl in a container."""
MOST_COMMANDS = 3
MOST_VARIABLES, MOST_USES = 20, 100
_SET = re.compile(
    r"^(?:[$#%] )?(?:export )?([A-Za-z_]\w{0,60})=(?:\"([^\"$`\n]{0,500})\"|'([^'\n]{0,500})'|"
    r"([^\s'\"$`;&|()]{1,500}))[ \t]*;?$",
    re.MULTILINE,
)


def without_prompts(text: str) -> str:
    """Return commands without the `>` or `More?` with which a shell asks for the rest of one."""
    return _CONTINUED.sub(r"\1\n", text) if ">" in text or "More?" in text else text


def with_variables(text: str) -> str:
    """Return commands with the values of variables that lines of the text set to a plain text, as in `O=https://a`."""
    set_here = dict(islice(((one[1], one[2] or one[3] or one[4] or "") for one in _SET.finditer(text)), MOST_VARIABLES))
    if not set_here:
        return text
    named = re.compile(rf"\$(?:\{{({'|'.join(set_here)})\}}|({'|'.join(set_here)})\b)")
    return named.sub(lambda found: set_here[found[1] or found[2]], text, count=MOST_USES)


def starts(text: str, *names: str) -> list[int]:
    """Return where one of the programs is called first: at a line's start, behind a prompt or behind another command.

    There are at most MOST_COMMANDS places.
    """
    found = []
    pattern = "|".join(re.escape(name) for name in names)
    for match in re.finditer(rf"(?:(?<![\w./@=\"'-])|(?<=curlimages/))(?:{pattern})(?=[ \t])", text):
        before = text[max(match.start() - 300, 0) : match.start()].rpartition("\n")[2].strip()
        last = before.rpartition(" ")[2]
        if (
            not before
            or last in _BEFORE
            or before[-1] in _ENDS
            or "=" in last
            or "git:(" in before
            or before[0] in _SIGNS
            or _RUNNER.search(before)
        ):
            found.append(match.start())
        if len(found) == MOST_COMMANDS:
            break
    return found


def read(text: str) -> list[Draft]:
    """Return the calls of the first such command."""
    text = with_variables(without_prompts(text))
    for source, names in _KINDS.items():
        places = starts(text, *names)
        if not places:
            continue
        try:
            command, rest = words(text[places[0] :])
        except ShellError:
            continue
        draft = _httpie(command[1:]) if source == "httpie" else _wget(command[1:])
        if draft is not None:
            found = wire.answers(rest)
            return [finished(draft, found[-1] if found else None)]
    powershell = _POWERSHELL.search(text)
    if powershell is None:
        return []
    call = text[powershell.start() : powershell.start() + 60_000]
    return [_powershell(call + _hashtable(text[: powershell.start()], call))]


def _hashtable(before: str, call: str) -> str:
    """Return the `@{…}` of the name that a call has for its headers, if the lines before state it."""
    name = _NAMED_HEADERS.search(call)
    found = re.search(rf"\$(?i:{name[1]})\s*=\s*(@\{{[^}}]{{0,8000}}\}})", before) if name else None
    return f"\n{found[1]}" if found else ""


_KINDS: dict[Source, tuple[str, ...]] = {
    "httpie": ("http", "https", "xh", "xhs"),
    "wget": ("wget", "wget.exe"),
}


def finished(draft: Draft, answer: Answer | None) -> Draft:
    """Return the call with the headers distinguished, its preflight recognized, and its answer."""
    request = read_sent(draft.headers)
    draft.origin = request.origin
    if draft.method.upper() == "OPTIONS" and request.requested_method:
        draft.method, draft.headers, draft.preflight = (
            request.requested_method,
            requested_headers(request.asked),
            answer,
        )
    else:
        draft.headers, draft.response = request.headers, answer
    draft.credentials = "include" if request.cookies else "same-origin"
    if not request.names_origin and not request.origin:
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    return draft


def _httpie(arguments: list[str]) -> Draft | None:
    """`http [METHOD] URL [Name:Value] [name=value]`."""
    rest = [word for word in arguments if not word.startswith("-")]
    method = rest.pop(0).upper() if rest and rest[0].upper() in _METHODS else ""
    if not rest:
        return None
    url = _whole(rest.pop(0))
    headers: list[tuple[str, str]] = []
    body = False
    for word in rest:
        item = _ITEM.fullmatch(word)
        if item and item[2] == ":":
            headers.append((item[1], item[3]))
        elif item and item[2] != "==":
            body = True
    kinds = {name.lower() for name, _ in headers}
    if body and "content-type" not in kinds:
        form = any(word in ("-f", "--form") for word in arguments)
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers.append(("Content-Type", kind))
    return Draft("httpie", url=url, method=method or ("POST" if body else "GET"), headers=headers) if url else None


def _whole(url: str) -> str:
    """Return a URL as HTTPie takes it: `:3000/x` is the own machine, `://host/x` and `host/x` lack their scheme."""
    bare = url.removeprefix("://")
    if "://" in bare:
        return bare
    if bare.startswith((":", "localhost")):
        port = bare.removeprefix("localhost")
        return f"http://localhost{port.removeprefix(':') if port.startswith(':/') else port}"
    return f"https://{bare}" if "." in bare else ""


def _wget(arguments: list[str]) -> Draft | None:
    headers: list[tuple[str, str]] = []
    method, url = "", ""
    waiting = iter(arguments)
    for word in waiting:
        name, equals, value = word.partition("=")
        if name in ("--header", "--method", "--post-data", "--post-file", "--body-data", "--body-file"):
            value = value if equals else next(waiting, "")
            if name == "--header":
                header, _, content = value.partition(":")
                headers.append((header.strip(), content.strip()))
            else:
                method = value if name == "--method" else method or "POST"
        elif word in ("-O", "-o", "-U", "-T", "-t", "-P"):
            next(waiting, "")
        elif not word.startswith("-") and not url:
            url = word if "://" in word else f"https://{word}"
    kinds = {name.lower() for name, _ in headers}
    if method == "POST" and "content-type" not in kinds:
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    return Draft("wget", url=url, method=method or "GET", headers=headers) if url else None


def _powershell(text: str) -> Draft:
    """DevTools' “Copy as PowerShell”: -Uri, -Method, -Headers @{…}, -ContentType."""
    uri = re.search(r"""-Uri\s+["']?([^"'\s]{1,8000})|\s["'](https?://[^"'\s]{1,8000})|\s(https?://\S{1,8000})""", text)
    method = re.search(r"""-Method\s+["']?([A-Za-z]{3,7})""", text)
    kind = re.search(r"""-ContentType\s+["']([^"']{1,300})""", text)
    headers = [
        (quoted or bare, value.replace("`", "") or plain) for quoted, bare, value, plain in _HASHTABLE.findall(text)
    ]
    if kind:
        headers.append(("Content-Type", kind[1]))
    url = next(place for place in uri.groups() if place) if uri else ""
    draft = Draft("powershell", url=url, method=method[1].upper() if method else "GET", headers=headers)
    raw = _RAW_CONTENT.search(text)
    found = wire.answers(text[raw.end() :]) if raw else []
    draft = finished(draft, found[0] if found else None)
    if not found:
        asked = method is not None and method[1].upper() == "OPTIONS" and draft.method != "OPTIONS"
        _add_status(draft, text, is_preflight=asked)
    return draft


def _add_status(draft: Draft, text: str, is_preflight: bool) -> None:
    """Add the status that PowerShell prints without the headers, or its error of a call without a response."""
    lost, printed = _LOST.search(text), _PRINTED_STATUS.search(text)
    if lost and not printed:
        draft.symptom, draft.value, draft.blocked = "no-response", lost[0][:120], True
    elif printed:
        status = next(int(one) for one in printed.groups() if one)
        if is_preflight:
            draft.preflight_status, draft.blocked = status, status >= 300
            draft.code = "PreflightInvalidStatus" if status >= 300 else None
        else:
            draft.status = status
