// A login's page shows each request as it happens: what the event says of it at once, and then the page as it is served.

import { listening, refreshing } from "./follow.js";

const journey = document.getElementById("journey");
const soon = refreshing("main");

function row(list, of, text) {
  const template = list.querySelector(`[data-of="${of}"]`);
  if (!text) return template.remove();
  const value = document.createElement("dd");
  value.textContent = text;
  template.after(value);
}

function add(list, name, text) {
  if (name) list.append(Object.assign(document.createElement("dt"), { textContent: name }));
  list.append(Object.assign(document.createElement("dd"), { textContent: text }));
}

// Values are texts, never markup: they come from whoever made the requests.
function draw(exchange) {
  const template = document.getElementById("hop");
  const hop = template.content.firstElementChild.cloneNode(true);
  const steps = JSON.parse(template.dataset.steps);
  hop.querySelector("b").textContent = steps[exchange.login.step] ?? exchange.login.step;
  const list = hop.querySelector("dl");
  row(list, "request", `${exchange.method} ${exchange.url}`);
  row(list, "fields", exchange.fields);
  const answer = () => template.dataset.answerTo.replace("{status}", exchange.status).replace("{location}", () => exchange.location);
  row(list, "answer", exchange.location ? answer() : String(exchange.status));
  for (const decision of exchange.decisions ?? []) {
    add(list, decision.service, decision.summary);
    for (const [name, text] of decision.facts ?? []) add(list, name, text);
  }
  return hop;
}

listening(soon).addEventListener("exchange", (event) => {
  const exchange = JSON.parse(event.data);
  if (String(exchange.login?.number) !== journey.dataset.login) return;
  const shown = journey.querySelectorAll(".hops > li").length;
  if (exchange.login.hop === shown + 1) [...journey.querySelectorAll(".hops")].at(-1).append(draw(exchange));
  soon();
});

// What lets the login arrive may be tried still: that is no request, and nothing tells of it.
let looks = 0;
const timer = setInterval(() => {
  looks += 1;
  if (!document.querySelector("[data-waits]") || looks > 60) clearInterval(timer);
  else soon();
}, 500);
