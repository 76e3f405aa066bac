"""GET / in a browser: one page, the same bytes for every model, that asks the function itself what the model is.

It holds nothing of the model, so there is nothing in it to escape and nothing to keep from a caller without a key;
and it is there when the model cannot be loaded, to say so. What the function answers is put into texts and values by
the script, never into markup, which the policy forbids as well.
"""

from __future__ import annotations

from binascii import b2a_base64

from leanfn.digests import sha256
from leanfn.http import Response

from .page_script import SCRIPT
from .page_style import STYLE

# Whatever is not named here is forbidden: other scripts and styles, other hosts, frames, forms that leave the page.
POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Model</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
%3Crect width='16' height='16' rx='4' fill='%231d5fbf'/%3E\
%3Cpath d='M4 5h8M4 8h5M4 11h3' stroke='%23fff' stroke-width='1.6' stroke-linecap='round'/%3E%3C/svg%3E">
<style>{style}</style>
</head>
<body>
<header>
<h1 id="name">Model</h1>
<p id="identity" class="quiet" role="status">Asking the function what it answers…</p>
</header>
<main>
<form id="unlock" class="narrow" hidden novalidate>
<label for="key">API key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" aria-describedby="key-hint key-note">
<p id="key-hint" class="hint">This function answers callers with a key. The page forgets it when you leave.</p>
<p id="key-note" class="note problem" role="alert" hidden></p>
<div class="actions"><button class="main">Open</button></div>
</form>
<div id="closed" class="narrow" hidden>
<p id="closed-note" class="note problem" role="alert"></p>
<div class="actions"><button id="again" type="button">Try again</button></div>
</div>
<div id="desk" hidden>
<form id="ask" novalidate aria-labelledby="ask-title">
<h2 id="ask-title">Input</h2>
<p id="may" class="quiet"></p>
<div id="fields" class="fields"></div>
<div class="actions">
<button class="main" id="predict">Predict</button>
<button type="button" id="example">Fill in an example</button>
<button type="reset">Clear</button>
</div>
</form>
<section id="answer" class="card" aria-labelledby="answer-title">
<h2 id="answer-title">Answer</h2>
<div id="news" aria-live="polite"><p class="quiet">Fill in the form and press Predict.</p></div>
<p id="stale" class="note warning" hidden>The form has changed since this answer.</p>
<div id="full" class="meta" hidden>
<p id="meta" class="quiet"></p>
<details><summary>The full answer</summary><pre id="raw"></pre></details>
</div>
</section>
</div>
<section id="same" aria-labelledby="same-title" hidden>
<h2 id="same-title">The same request from elsewhere</h2>
<div class="pair">
<div class="card snippet">
<div><h3 id="curl-title">curl</h3><button type="button" class="small" data-copies="curl" aria-describedby="curl-title">Copy</button></div>
<pre id="curl"></pre>
</div>
<div class="card snippet">
<div><h3 id="python-title">Python</h3><button type="button" class="small" data-copies="python" aria-describedby="python-title">Copy</button></div>
<pre id="python"></pre>
</div>
</div>
</section>
</main>
<footer class="quiet" id="links"></footer>
<noscript><p class="note warning">The form needs JavaScript. Without it, POST a row as JSON to predict, beside this page; \
signature says what a row looks like.</p></noscript>
<script type="module">{script}</script>
</body>
</html>
"""


def is_wanted(accept: str) -> bool:
    """Whether a client takes HTML rather than JSON; of one that likes both as much, the one it names.

    https://www.rfc-editor.org/rfc/rfc9110#name-accept
    """
    html = _preference(accept, "text/html")
    return html[0] > 0 and html > _preference(accept, "application/json")


def _preference(accept: str, media: str) -> tuple[float, int]:
    """How much a client likes a kind of answer, by the nearest range that it names, and how near that is."""
    nearness = {"*/*": 0, media.partition("/")[0] + "/*": 1, media: 2}
    found = -1, 0.0
    for item in accept.lower().split(","):
        name, *parameters = [part.strip() for part in item.split(";")]
        if name in nearness:
            qualities = [part[2:] for part in parameters if part.startswith("q=")]
            found = max(found, (nearness[name], _quality(qualities[0]) if qualities else 1.0))
    return found[1], found[0]


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def page() -> Response:
    """The page, with the policy that lets its own script and style run and nothing else."""
    body = PAGE.replace("{style}", STYLE).replace("{script}", SCRIPT)
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY.format(script=_source(SCRIPT), style=_source(STYLE)),
        "referrer-policy": "no-referrer",
    }
    return Response(200, body.encode(), headers)


def _source(text: str) -> str:
    """An inline script or style as a policy names it."""
    digest = b2a_base64(sha256(text.encode()).digest(), newline=False)
    return f"'sha256-{digest.decode()}'"
