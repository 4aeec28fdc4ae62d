// What happens, for every script of a page, over one connection. A browser opens no more than six to a host, so that a
// page which nobody can see has none; it catches up when somebody looks at it again.

export const events = new EventTarget();
let source = null;

function open() {
  source = new EventSource("/fedemu/events");
  for (const kind of ["open", "exchange", "world", "state", "lost"]) {
    source.addEventListener(kind, ({ data }) => events.dispatchEvent(new MessageEvent(kind, { data })));
  }
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // it is opened again by the browser
    source = null;
    setTimeout(look, 5000);
  });
}

function look() {
  if (document.visibilityState === "hidden") {
    source?.close();
    source = null;
  } else if (!source) open();
}

document.addEventListener("visibilitychange", look);
look();
