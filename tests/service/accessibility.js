// What a page must have for everybody: names, landmarks, headings, contrast, a visible focus.
// It looks at what a tool such as axe looks at first, and is no whole replacement of one.
() => {
  const faults = [];
  const fault = (rule, node) => faults.push(`${rule}: ${node.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (node) => node.checkVisibility({ contentVisibilityAuto: true });
  const name = (node) => (node.getAttribute("aria-label") ?? node.textContent ?? "").trim();

  if (!document.documentElement.lang) faults.push("html-lang");
  if (!document.title.trim()) faults.push("document-title");
  for (const landmark of ["header", "main", "footer"])
    if (all(landmark).length !== 1) faults.push(`landmark-one-${landmark}`);
  const inLandmarks = all("header, nav, main, footer, .skip");
  for (const node of all("body > *")) if (!inLandmarks.includes(node)) fault("region", node);
  const navs = all("nav").map((nav) => nav.getAttribute("aria-label"));
  if (new Set(navs).size !== navs.length || navs.includes(null)) faults.push("landmark-unique");

  let level = 0;
  for (const heading of all("h1, h2, h3, h4")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) fault("heading-order", heading);
    if (!name(heading)) fault("empty-heading", heading);
    level = own;
  }
  for (const link of all("a")) if (shown(link) && !name(link)) fault("link-name", link);
  for (const button of all("button, summary")) if (shown(button) && !name(button)) fault("button-name", button);
  for (const input of all("input, select, textarea"))
    if (!input.labels.length && !input.getAttribute("aria-label")) fault("label", input);
  const ids = all("[id]").map((node) => node.id);
  if (new Set(ids).size !== ids.length) faults.push("duplicate-id");
  for (const node of all("[aria-labelledby]"))
    if (!document.getElementById(node.getAttribute("aria-labelledby"))) fault("aria-valid", node);
  for (const list of all("ul, ol"))
    for (const child of list.children) if (child.tagName !== "LI") fault("list", child);
  for (const list of all("dl"))
    for (const child of list.children) if (!["DIV", "DT", "DD"].includes(child.tagName)) fault("dl", child);

  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  for (const node of all("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !shown(node)) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(node).color)), luminance(behind(node))].sort((a, b) => b - a);
    if ((light + 0.05) / (dark + 0.05) < 4.5) fault("color-contrast", node);
  }
  return faults;
}
