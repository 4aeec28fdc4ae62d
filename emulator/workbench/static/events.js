// What happens, for every script of every page that is open, over one connection: a browser opens no more than six to a
// host. The page that holds the lock has the connection and hands on what it hears; when it is closed the next one has it.

const KINDS = ["exchange", "world", "state", "lost"];

export const events = new EventTarget();
const others = new BroadcastChannel("fedemu-events");

function say(kind, data) {
  events.dispatchEvent(new MessageEvent(kind, { data }));
}

function hear(kind, data) {
  say(kind, data);
  others.postMessage({ kind, data });
}

function connect() {
  const source = new EventSource("/fedemu/events");
  for (const kind of ["open", ...KINDS]) source.addEventListener(kind, ({ data }) => hear(kind, data));
  source.addEventListener("error", () => {
    // Where it was broken off, the browser opens it again by itself; where it was refused, it does not.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
  });
}

others.addEventListener("message", ({ data: { kind, data } }) => say(kind, data));
if (navigator.locks) {
  navigator.locks.request("fedemu-events", () => new Promise(connect)); // held until the page is closed
  addEventListener("load", () => say("open")); // something may have happened while this page was on its way
} else {
  connect(); // the page is not at this machine's own address
}
