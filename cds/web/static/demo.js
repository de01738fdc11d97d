// The screen of a small EHR: fires hooks, shows cards, applies suggestions, sends feedback.
"use strict";

const byId = (id) => document.getElementById(id);
let patient = null;
let drafts = [];
let service = null;

const gestures = () => document.querySelectorAll("button[data-hook]");

// What a hook is called with: the server makes it, with the drafts as they stand on the screen.
async function requestFor(hook) {
  const answer = await fetch(`/demo/request/${patient}?hook=${hook}`);
  const request = await answer.json();
  if (drafts.length && request.context.draftOrders) request.context.draftOrders.entry = drafts;
  return request;
}

async function choose(button) {
  document.querySelectorAll("nav button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
  patient = button.dataset.patient;
  drafts = [];
  drafts = (await requestFor("order-select")).context.draftOrders.entry;
  await fire(document.querySelector("button[data-hook=order-select]"));
}

async function fire(gesture) {
  const hook = gesture.dataset.hook;
  showDraft();
  service = `/cds-services/${gesture.dataset.service}`;
  byId("status").textContent = "Asking …";
  byId("cards").replaceChildren();
  const body = await requestFor(hook);
  const started = performance.now();
  const answer = await fetch(service, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const found = await answer.json();
  const took = Math.round(performance.now() - started);
  if (!answer.ok) {
    byId("status").textContent = `The service answered ${answer.status}: ${found.issue?.[0]?.diagnostics ?? ""}`;
    return;
  }
  const count = found.cards.length;
  byId("status").textContent = `${hook}: ${count === 0 ? "no cards" : count === 1 ? "1 card" : `${count} cards`} in ${took} ms`;
  for (const card of found.cards) byId("cards").append(await cardElement(card));
}

function showDraft() {
  byId("order-empty").hidden = true;
  byId("order").hidden = false;
  const shown = drafts.map((entry) => entry.resource);
  byId("order").textContent = shown.length ? JSON.stringify(shown.length > 1 ? shown : shown[0], null, 2) : "(the order was removed)";
  gestures().forEach((gesture) => { gesture.disabled = "orders" in gesture.dataset && !drafts.length; });
}

async function cardElement(card) {
  const article = document.createElement("article");
  article.className = card.indicator;
  article.dataset.uuid = card.uuid;
  article.append(element("span", card.indicator, "indicator"), element("h3", card.summary));
  if (card.detail) {
    const detail = element("div", "", "detail");
    const rendered = await fetch("/demo/markdown", { method: "POST", body: card.detail });
    detail.innerHTML = await rendered.text(); // rendered with raw HTML off
    article.append(detail);
  }
  const buttons = element("div", "", "buttons");
  for (const suggestion of card.suggestions ?? []) {
    const button = element("button", suggestion.label, suggestion.isRecommended ? "recommended" : "");
    button.type = "button";
    button.addEventListener("click", () => accept(card, suggestion, button));
    buttons.append(button);
  }
  article.append(buttons, evidence(card), cardFooter(card, article));
  return article;
}

function evidence(card) {
  const links = element("ul", "", "links");
  for (const link of card.links ?? []) {
    const anchor = element("a", link.label);
    anchor.href = link.url;
    const item = document.createElement("li");
    item.append(anchor);
    links.append(item);
  }
  links.hidden = !links.children.length;
  return links;
}

function cardFooter(card, article) {
  const footer = element("footer", `${card.source.label} `);
  const reasons = document.createElement("select");
  reasons.setAttribute("aria-label", "Reason for not following this card");
  for (const reason of card.overrideReasons ?? []) reasons.append(new Option(reason.display, reason.code));
  const dismiss = element("button", "Dismiss");
  dismiss.type = "button";
  dismiss.addEventListener("click", async () => {
    const chosen = (card.overrideReasons ?? []).find((reason) => reason.code === reasons.value);
    const reason = chosen ? { overrideReason: { reason: { code: chosen.code, system: chosen.system } } } : {};
    await feedback({ card: card.uuid, outcome: "overridden", ...reason });
    article.remove();
  });
  footer.append(reasons, dismiss);
  return footer;
}

async function accept(card, suggestion, button) {
  for (const action of suggestion.actions) {
    if (action.type === "update") drafts[0] = { resource: action.resource };
    if (action.type === "create") drafts.push({ resource: { id: `new-${Date.now()}`, ...action.resource } });
    if (action.type === "delete") drafts.splice(0, 1);
  }
  showDraft();
  await feedback({ card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
  button.disabled = true;
  button.textContent = `${suggestion.label} (accepted)`;
}

async function feedback(entry) {
  const body = JSON.stringify({ feedback: [{ ...entry, outcomeTimestamp: new Date().toISOString() }] });
  await fetch(`${service}/feedback`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

document.querySelectorAll("nav button").forEach((button) => button.addEventListener("click", () => choose(button)));
gestures().forEach((gesture) => gesture.addEventListener("click", () => fire(gesture)));
