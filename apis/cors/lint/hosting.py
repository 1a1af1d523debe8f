"""Hosts at which anybody may put pages, so that trusting them is trusting more than one's own site."""

from __future__ import annotations

PLAYGROUNDS = frozenset(
    {
        "codepen.io", "cdpn.io", "s.codepen.io", "jsfiddle.net", "fiddle.jshell.net", "jsbin.com",
        "null.jsbin.com", "output.jsbin.com", "run.plnkr.co", "embed.plnkr.co", "plnkr.co", "repl.it",
        "replit.com", "codesandbox.io", "stackblitz.com", "jsitor.com", "playcode.io",
        "htmledit.squarefree.com", "raw.githack.com", "rawcdn.githack.com", "cdn.jsdelivr.net", "unpkg.com",
    }
)  # fmt: skip
"""Anybody's script runs on these very origins."""

SHARED = (
    "github.io", "gitlab.io", "pages.dev", "workers.dev", "vercel.app", "netlify.app", "web.app",
    "firebaseapp.com", "herokuapp.com", "onrender.com", "fly.dev", "surge.sh", "glitch.me", "repl.co",
    "replit.app", "replit.dev", "csb.app", "codesandbox.io", "stackblitz.io", "webcontainer.io",
    "azurewebsites.net", "azurestaticapps.net", "cloudfront.net", "amplifyapp.com", "appspot.com", "run.app",
    "s3.amazonaws.com", "ngrok.io", "ngrok.app", "ngrok-free.app", "trycloudflare.com", "loca.lt",
)  # fmt: skip
"""Anybody gets a name under these, and a name that its owner gives up can be taken by somebody else."""


def platform_of(host: str) -> str | None:
    """The platform under whose name a host is, if it is one at which anybody gets a name."""
    return next((name for name in SHARED if host.endswith(f".{name}")), None)
