// The line on top of every page: whether the world that was saved last is served, which settings are in
// conflict, and whether the state can be saved.

import { events } from "./events.js";

const notice = document.getElementById("notice");

async function refresh() {
  const answer = await fetch("/workbench/notice");
  if (!answer.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  if (notice.innerHTML.trim() !== now.innerHTML.trim()) notice.replaceChildren(...now.childNodes);
}

for (const kind of ["open", "world", "state", "lost"]) events.addEventListener(kind, refresh);
