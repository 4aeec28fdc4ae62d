"""The style of the HTML report: light and dark, for phones and for paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --box: #f6f8fa;
  --good: #116329; --bad: #a40e26; --bad-box: #ffebe9; --link: #0550ae; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --dim: #9da7b3;
  --line: #3d444d; --box: #161b22; --good: #56d364; --bad: #ff9a93; --bad-box: #3c1618; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .25rem; } h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0; } a { color: var(--link); }
main { margin-top: 1rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .dim { color: var(--dim); }
.state { font-weight: 700; } .passed .state, .xfailed .state { color: var(--good); }
.failed .state { color: var(--bad); }
.errors article { border: 1px solid var(--bad); border-radius: .25rem; padding: .25rem .75rem; margin-bottom: .5rem; }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 1rem 0; }
.controls[hidden] { display: none; }
.controls label { display: grid; gap: .25rem; flex: 1 1 12rem; }
.controls output { flex: 0 0 auto; padding: .4rem 0; }
input, select { font: inherit; width: 100%; padding: .4rem; color: inherit; background: var(--ground);
  border: 1px solid var(--dim); border-radius: .25rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.part { content-visibility: auto; contain-intrinsic-size: auto 320rem; } .part[hidden] { display: none; }
.result { border: 1px solid var(--line); border-radius: .25rem; margin: 0 0 .5rem; content-visibility: auto;
  contain-intrinsic-size: auto 2.7rem; }
.result[hidden] { display: none; }
summary { cursor: pointer; }
.result > summary { padding: .5rem .75rem; } .result > div, .result > noscript > div { padding: 0 .75rem .75rem; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .25rem .5rem;
  border-bottom: 1px solid var(--line); } caption { text-align: left; font-weight: 700; padding: .75rem 0 .25rem; }
.expectations th, .expectations td:last-child { overflow-wrap: normal; white-space: nowrap; }
pre, .xml { margin: .5rem 0; padding: .75rem; background: var(--box); border: 1px solid var(--line);
  font: .875rem/1.45 ui-monospace, monospace; }
pre, .xml li { white-space: pre-wrap; }
code { font: .875rem ui-monospace, monospace; }
.hops { padding-left: 1.75rem; } .hops > li { margin-bottom: .75rem; } .hops summary { color: var(--dim); }
.checks { padding-left: 0; list-style: none; margin: .25rem 0; } .checks dl { padding-left: 1.1rem; }
.xml { padding-left: 4rem; } .xml ol { padding-left: 0; } .xml li::marker { color: var(--dim); }
.xml li { padding-left: .25rem; } .xml li.bad { background: var(--bad-box); color: inherit; }
.xml li:target { outline: 2px solid var(--link); } .xml li.fold { list-style: none; white-space: normal; }
.xml summary { color: var(--dim); }  .xml span { font-family: system-ui, sans-serif; }
.xml b { font-weight: 600; padding-left: 1rem; white-space: nowrap; }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: 0 .75rem; margin: 0; }
dt { color: var(--dim); grid-column: 1; } dd { margin: 0; grid-column: 2; }
.figures { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; } .figures div { display: flex; gap: .5rem; }
.figures dd { padding: 0; }
@media (max-width: 40rem) { body { padding: .5rem; } th, td { padding: .25rem; } dl { grid-template-columns: 1fr; }
  dd { padding-left: 1rem; grid-column: 1; } .figures { display: flex; }
  .figures dd { padding: 0; } .xml { padding: .5rem .25rem .5rem 2.5rem; font-size: .75rem; }
  .expectations td:last-child { white-space: normal; } }
@media print { body { max-width: none; padding: 0; font-size: .8rem; } .controls { display: none; }
  .part, .result { content-visibility: visible; } .xml li, .hops > li, tr { break-inside: avoid; } }
"""
