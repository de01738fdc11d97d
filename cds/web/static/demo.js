// The screen of a small EHR: fires hooks, shows cards, applies suggestions, sends feedback.
"use strict";

const byId = (id) => document.getElementById(id);
let request = null;
let service = null;

const draft = () => request.context.draftOrders.entry[0].resource;

async function choose(button) {
  document.querySelectorAll("nav button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
  const answer = await fetch(`/demo/request/${button.dataset.patient}`);
  request = await answer.json();
  byId("select").disabled = byId("sign").disabled = false;
  await fire("order-select");
}

async function fire(hook) {
  showDraft();
  service = `/cds-services/ketamine-${hook}`;
  request.hook = hook;
  request.hookInstance = crypto.randomUUID();
  byId("status").textContent = "Asking …";
  byId("cards").replaceChildren();
  const body = structuredClone(request);
  if (hook !== "order-select") delete body.context.selections;
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
  byId("order").textContent = draft() ? JSON.stringify(draft(), null, 2) : "(the order was removed)";
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
  article.append(buttons, cardFooter(card, article));
  return article;
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
    if (action.type === "update") request.context.draftOrders.entry[0].resource = action.resource;
    if (action.type === "create") request.context.draftOrders.entry.push({ resource: { id: `new-${Date.now()}`, ...action.resource } });
    if (action.type === "delete") request.context.draftOrders.entry.splice(0, 1);
  }
  await feedback({ card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
  button.disabled = true;
  button.textContent = `${suggestion.label} (accepted)`;
  if (!request.context.draftOrders.entry.length) byId("select").disabled = byId("sign").disabled = true;
  byId("order").textContent = request.context.draftOrders.entry.length
    ? JSON.stringify(request.context.draftOrders.entry.map((entry) => entry.resource), null, 2)
    : "(the order was removed)";
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
byId("select").addEventListener("click", () => fire("order-select"));
byId("sign").addEventListener("click", () => fire("order-sign"));
