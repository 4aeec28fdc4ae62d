// A page that follows: it is read again when the world is saved, where it says so at any request, and as long as
// something on it is still being worked out. Fields to search in are outside of what is brought up to date.

import { listening, refreshing } from "./follow.js";

const shown = document.getElementById("fresh");
const refresh = refreshing("fresh");
let isMissed = false;

// A page in the background is brought up to date when somebody looks at it again.
function soon() {
  isMissed = document.visibilityState === "hidden";
  if (!isMissed) refresh();
}

function wait() {
  if (shown.querySelector("[data-waits]")) setTimeout(soon, 500);
}

const events = listening(soon);
for (const kind of shown.dataset.on?.split(" ") ?? []) events.addEventListener(kind, soon);
document.addEventListener("visibilitychange", () => { if (isMissed) soon(); });
document.addEventListener("fresh", wait);
wait();
