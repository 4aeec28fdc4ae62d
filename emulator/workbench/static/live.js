// Shows what happens as it happens: each event has the list fetched again, at most four times a second.

import { events } from "./events.js";

const list = document.getElementById("live");
let isWaiting = false;

async function refresh() {
  isWaiting = false;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...page.getElementById("live").children);
}

function soon() {
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(refresh, 250);
}

events.addEventListener("open", soon); // what happened before the stream was open, also where it broke off
events.addEventListener("exchange", soon);
events.addEventListener("lost", soon);
