// The page of the world is read again when the world was saved: its findings, and the line on top of every page.

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["notice", "main"]) {
    const [shown, now] = [document.getElementById(id), page.getElementById(id)];
    if (shown.innerHTML !== now.innerHTML) shown.replaceChildren(...now.childNodes);
  }
}

const events = new EventSource("/fedemu/events");
events.addEventListener("open", refresh); // it may have been saved before the stream was open, or was broken off
events.addEventListener("world", refresh);
events.addEventListener("state", refresh);
events.addEventListener("lost", refresh);
