// Reads a page again when what it shows may be another: when the world is saved and, where it says so, at any request;
// and as long as something on it is still being worked out. Fields to search in are outside of what is replaced.

import { events } from "./events.js";

const shown = document.getElementById("fresh");
let timer = 0;
let isMissed = false;
let last = "";

async function refresh() {
  timer = 0;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("fresh");
  if (now && last !== now.innerHTML) {
    last = now.innerHTML;
    if (shown.innerHTML !== last) shown.replaceChildren(...now.childNodes);
    document.dispatchEvent(new Event("fresh"));
  }
  wait();
}

function wait() {
  if (shown.querySelector("[data-waits]")) soon();
}

function soon() {
  isMissed = document.visibilityState === "hidden"; // whoever looks at the page again sees it as it is then
  if (!isMissed) timer ||= setTimeout(refresh, 500);
}

document.addEventListener("visibilitychange", () => { if (isMissed) soon(); });

for (const kind of ["open", "world", "lost", ...shown.dataset.on?.split(" ") ?? []]) events.addEventListener(kind, soon);
wait();
