"""What surrounds the content of the HTML report: escaping, style, and the script of its filter. It asks no host."""

from __future__ import annotations

import html
import re

LONGEST_TEXT = 2_000
_LEFT_OUT = "(left out)"
_NOT_SHOWN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# A message in an address is a parameter, or a parameter of an address that is itself one, and then encoded again.
_MESSAGE = re.compile(
    r"((?:SAMLRequest|SAMLResponse|SAMLAssertion|SigninToken)(?:=|%(?:25)*3D))(?:(?!%(?:25)*26)[^&\s#\"'<>])+"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def escaped(text: str, *, limit: int = LONGEST_TEXT) -> str:
    """Returns a text for HTML, in an element or in a quoted attribute.

    Messages and private keys inside are left out, control characters are shown and not done, and a long text is cut
    and says so.

    Args:
        text: Anything.
        limit: How many characters stay.
    """
    text = _PRIVATE_KEY.sub(_LEFT_OUT, _MESSAGE.sub(rf"\1{_LEFT_OUT}", text))
    more = len(text) - limit
    text = _NOT_SHOWN.sub("\N{REPLACEMENT CHARACTER}", text if more <= 0 else text[:limit])
    return html.escape(text if more <= 0 else f"{text}… (cut, {more:,} more characters)")


STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --box: #f6f8fa;
  --good: #116329; --bad: #a40e26; --focus: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --dim: #9da7b3; --line: #3d444d;
  --box: #161b22; --good: #56d364; --bad: #ff9a93; --focus: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
main { margin-top: 1rem; }
.passed .state { color: var(--good); } .failed .state { color: var(--bad); } .state { font-weight: 700; }
.dim { color: var(--dim); }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 1rem 0; }
.controls[hidden] { display: none; }
.controls label { display: grid; gap: .25rem; flex: 1 1 12rem; }
input, select { font: inherit; width: 100%; padding: .4rem; color: inherit; background: var(--ground);
  border: 1px solid var(--dim); border-radius: .25rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.result { border: 1px solid var(--line); border-radius: .25rem; margin: 0 0 .5rem; content-visibility: auto;
  contain-intrinsic-size: auto 2.75rem; }
.result[hidden] { display: none; }
.result > summary { padding: .5rem .75rem; cursor: pointer; } .result > div { padding: 0 .75rem .75rem; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .25rem .5rem;
  border-bottom: 1px solid var(--line); } caption { text-align: left; font-weight: 700; padding: .75rem 0 .25rem; }
.expectations th, .expectations td:last-child { overflow-wrap: normal; }
pre { margin: .5rem 0; padding: .75rem; background: var(--box); border: 1px solid var(--line); white-space: pre-wrap;
  font: .875rem/1.45 ui-monospace, monospace; }
ol { padding-left: 1.75rem; } li { margin-bottom: .5rem; } code { font: .875rem ui-monospace, monospace; }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: 0 .75rem; margin: 0; }
dt { color: var(--dim); grid-column: 1; } dd { margin: 0; grid-column: 2; }
@media (max-width: 40rem) { body { padding: .5rem; } th, td { padding: .25rem; } dl { grid-template-columns: 1fr; }
  dd { padding-left: 1rem; grid-column: 1; } }
"""

SCRIPT = """
const results = [...document.querySelectorAll('.result')].map(element => (
  {element, text: element.dataset.text.toLowerCase(), state: element.classList[1], shown: true}));
const [words, state, count] = ['words', 'state', 'count'].map(id => document.getElementById(id));
function filter() {
  const wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const each of results) {
    const show = (!state.value || each.state === state.value) && wanted.every(word => each.text.includes(word));
    if (show !== each.shown) { each.element.hidden = !show; each.shown = show; }
    shown += show;
  }
  count.textContent = `${shown} of ${results.length} shown`;
}
words.addEventListener('input', filter);
state.addEventListener('change', filter);
document.querySelector('.controls').hidden = false;
filter();
"""

_CONTROLS = """<form class="controls" role="search" aria-label="Filter the results" onsubmit="return false" hidden>
<label for="words">Filter by text<input id="words" type="search" autocomplete="off"></label>
<label for="state">State<select id="state"><option value="">all</option><option value="failed">failed</option>\
<option value="passed">passed</option></select></label>
<output id="count" for="words state" aria-live="polite"></output>
</form>
"""


def html_document(title: str, summary: str, results: str) -> str:
    """Returns a whole document, which may load nothing and may send nothing.

    Args:
        title: The title, a text.
        summary: What is above the filter, as HTML.
        results: The results, as HTML.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<header>\n{summary}</header>\n<main>\n{_CONTROLS}{results}</main>\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
