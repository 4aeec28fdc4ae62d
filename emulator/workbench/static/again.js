// What lets the login arrive is being tried: the page is read again until it is known.

let tries = 0;
const timer = setInterval(async () => {
  tries += 1;
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("[role=status]") || tries > 60) {
    clearInterval(timer);
    document.getElementById("main").replaceChildren(...page.getElementById("main").children);
  }
}, 500);
