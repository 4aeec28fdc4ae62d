"""What surrounds the content of the HTML report: the document, and the script of its filter. It asks no host."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.reports.run.html_parts import escaped
from emulator.reports.run.html_style import STYLE

SCRIPT = """
const results = [...document.querySelectorAll('.result')].map(element => (
  {element, text: element.dataset.text.toLowerCase(), state: element.classList[1], shown: true}));
const [words, state, count] = ['words', 'state', 'count'].map(id => document.getElementById(id));
let waiting = 0;
function filter() {
  waiting = 0;
  const wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const each of results) {
    const show = (!state.value || each.state === state.value) && wanted.every(word => each.text.includes(word));
    if (show !== each.shown) { each.element.hidden = !show; each.shown = show; }
    shown += show;
  }
  count.textContent = `${shown} of ${results.length} shown`;
}
function soon() { waiting ||= setTimeout(filter, 30); }
function move(event) {
  const keys = {ArrowDown: 1, ArrowUp: -1};
  const at = document.activeElement, own = at.closest && at.closest('.result');
  const isHead = at.parentElement === own && at.tagName === 'SUMMARY';
  if (event.key === 'Escape' && (isHead || at === words || at === state)) {
    if (at === words && words.value) { words.value = ''; soon(); }
    words.focus();
    event.preventDefault();
  } else if (event.key in keys && (isHead || at === words)) {
    const shown = results.filter(each => each.shown).map(each => each.element);
    const next = (isHead ? shown.indexOf(own) : -1) + keys[event.key];
    if (next >= 0 && next < shown.length) shown[next].firstElementChild.focus();
    else if (next < 0) words.focus();
    event.preventDefault();
  }
}
words.addEventListener('input', soon);
state.addEventListener('change', soon);
document.addEventListener('keydown', move);
document.querySelector('.controls').hidden = false;
filter();
"""

_CONTROLS = """<form class="controls" role="search" aria-label="Filter the results" onsubmit="return false" hidden>
<label for="words">Filter by text<input id="words" type="search" autocomplete="off"></label>
<label for="state">State<select id="state"><option value="">all</option>{}</select></label>
<output id="count" for="words state" aria-live="polite"></output>
</form>
"""


def html_document(title: str, summary: str, errors: str, results: str, *, states: Sequence[str]) -> str:
    """Returns a whole document, which may load nothing and may send nothing.

    Args:
        title: The title, a text.
        summary: What is on top, as HTML.
        errors: What could not be run, as HTML.
        results: The results, as HTML.
        states: The states that there are, to filter by.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'"
    options = "".join(f'<option value="{each}">{each}</option>' for each in states)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<header>\n{summary}</header>\n<main>\n{errors}{_CONTROLS.format(options)}{results}</main>\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
