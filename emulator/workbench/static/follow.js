// Brings what is shown up to date with the page as it is served now. What is alike stays, and with it the focus, what is
// selected, and which folds are open.

import { events } from "./events.js";

const LEFT_ALONE = new Set(["open", "hidden"]); // what a person or a script has changed
const PAUSE = 250; // milliseconds between two looks, so that many events at once are one look

function areOfOneKind(shown, fresh) {
  return shown.nodeName === fresh.nodeName && (shown.id ?? "") === (fresh.id ?? "");
}

function update(shown, fresh) {
  if (shown.isEqualNode(fresh)) return;
  if (shown.nodeType !== Node.ELEMENT_NODE) {
    shown.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...shown.attributes]) {
    if (!LEFT_ALONE.has(name) && !fresh.hasAttribute(name)) shown.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!LEFT_ALONE.has(name)) shown.setAttribute(name, value);
  }
  updateChildren(shown, fresh);
}

function updateChildren(shown, fresh) {
  let at = shown.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let found = at;
    // One with an id is looked for among those that follow: a row keeps its place when others come or go before it.
    if (wanted.id) while (found && !areOfOneKind(found, wanted)) found = found.nextSibling;
    if (found && areOfOneKind(found, wanted)) {
      while (at !== found) {
        const gone = at;
        at = at.nextSibling;
        gone.remove();
      }
      update(found, wanted);
      at = found.nextSibling;
    } else {
      shown.insertBefore(wanted, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

// Returns a function that has parts of the page looked at again: at once, and again when it was called meanwhile.
export function refreshing(...ids) {
  let isBusy = false;
  let isWanted = false;
  return async function soon() {
    isWanted = true;
    if (isBusy) return;
    isBusy = true;
    while (isWanted) {
      isWanted = false;
      try {
        const answer = await fetch(location.href);
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          for (const id of ids) update(document.getElementById(id), page.getElementById(id));
          document.dispatchEvent(new Event("fresh"));
        }
      } catch {
        // The emulator is not there just now; the event stream says when it is again.
      }
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
    isBusy = false;
  };
}

// Has `soon` called whenever something that was shown may be another: before the stream was open, where it broke off,
// where this page read too slowly, and when the world was saved.
export function listening(soon) {
  for (const kind of ["open", "lost", "world"]) events.addEventListener(kind, soon);
  return events;
}
