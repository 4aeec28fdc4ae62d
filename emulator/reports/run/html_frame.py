"""The frame of the HTML report: the document, and the script of its filter. It loads nothing from any host."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.reports.run.html_parts import escaped
from emulator.reports.run.html_style import STYLE

# With a script, what a browser leaves unread in <noscript> is read when it is opened: thousands of logins open at once.
# Without one, it is there as any other content. What is far from what is shown is not laid out, hundred by hundred.
SCRIPT = """
const parts = [...document.querySelectorAll('.part')].map(element => ({element, shown: 0}));
const results = parts.flatMap(part => [...part.element.children].map(element => (
  {part, element, text: element.dataset.text.toLowerCase(), state: element.classList[1], shown: true})));
const [words, state, count] = ['words', 'state', 'count'].map(id => document.getElementById(id));
let waiting = 0;
function filter() {
  waiting = 0;
  const wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const part of parts) part.shown = 0;
  for (const each of results) {
    const show = (!state.value || each.state === state.value) && wanted.every(word => each.text.includes(word));
    if (show !== each.shown) { each.element.hidden = !show; each.shown = show; }
    shown += show;
    each.part.shown += show;
  }
  for (const part of parts) {
    part.element.hidden = !part.shown;
    part.element.style.containIntrinsicSize = `auto ${part.shown * 3.2}rem`;
  }
  count.textContent = `${shown} of ${results.length} shown`;
}
function unpack(details) {
  const packed = details.querySelector(':scope > noscript');
  if (packed) { packed.insertAdjacentHTML('afterend', packed.textContent); packed.remove(); }
}
function soon() { waiting ||= setTimeout(filter, 30); }
function move(event) {
  const keys = {ArrowDown: 1, ArrowUp: -1};
  const at = document.activeElement || document.body, own = at.closest('.result');
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
document.addEventListener('toggle', event => unpack(event.target), true);
document.querySelectorAll('.result[open]').forEach(unpack);
document.querySelector('.controls').hidden = false;
filter();
"""

_IN_A_PART = 100
_CONTROLS = """<form class="controls" role="search" aria-label="Filter the results" onsubmit="return false" hidden>
<label for="words">Filter by text<input id="words" type="search" autocomplete="off"></label>
<label for="state">State<select id="state"><option value="">all</option>{}</select></label>
<output id="count" for="words state" aria-live="polite"></output>
</form>
"""


def html_document(title: str, summary: str, errors: str, results: Sequence[str], *, states: Sequence[str]) -> str:
    """Returns a whole document, which can neither load nor send anything.

    Args:
        title: Title, as text.
        summary: HTML at the top.
        errors: HTML about what could not be run.
        results: HTML of the results, each a ``details`` element.
        states: States that occur, for the filter.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'"
    parts = "".join(
        f'<div class="part">\n{"".join(results[first : first + _IN_A_PART])}</div>\n'
        for first in range(0, len(results), _IN_A_PART)
    )
    options = "".join(f'<option value="{each}">{each}</option>' for each in states)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<header>\n{summary}</header>\n<main>\n{errors}{_CONTROLS.format(options)}{parts}</main>\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
