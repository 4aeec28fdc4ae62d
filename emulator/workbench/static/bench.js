// Judges the message again while it is changed; nothing but the verdict is replaced.

const form = document.getElementById("message");
let timer = 0;
let asked = null;

async function judge() {
  asked?.abort();
  asked = new AbortController();
  const verdict = document.getElementById("verdict");
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "judge");
  verdict.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(location.pathname, { method: "POST", body, signal: asked.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("verdict");
    verdict.replaceChildren(...(found?.childNodes ?? []));
    document.getElementById("told").textContent = page.getElementById("told")?.textContent ?? "";
    verdict.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name !== "AbortError") verdict.removeAttribute("aria-busy");
  }
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(judge, 120);
});

function isChanged(field) {
  if (field.matches("select")) return [...field.options].some((each) => each.selected !== each.defaultSelected);
  return field.matches("input, textarea") && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

// Somebody may have typed before this script came, and browsers put back what was typed before a reload.
if ([...(form?.elements ?? [])].some(isChanged)) judge();

// What is too large is not sent: an answer to it would come only once all of it has been.
const give = document.getElementById("give");
give?.addEventListener("submit", (event) => {
  const bytes = (give.elements.file.files[0]?.size ?? 0) + new Blob([give.elements.given.value]).size;
  const isTooLarge = bytes > Number(give.dataset.most);
  const told = document.getElementById("too-large");
  told.textContent = isTooLarge ? told.dataset.words : "";
  if (isTooLarge) event.preventDefault();
});
