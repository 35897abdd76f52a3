// The workbench's own script: charts, tabs, explanations, downloads, choices. It talks to its own server only.
"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const language = root.dataset.language;
  const announce = (text) => { byId("announce").textContent = text; };

  // -- colours: charts name the palette of the page --------------------------------------------------
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);

  function palette() {
    const style = getComputedStyle(root);
    const known = new Map();
    return (name) => {
      if (!known.has(name)) {
        const [, base, percent] = name.match(/^(--\w+)-tint-(\d+)$/) || [];
        if (base) {
          known.set(name, tinted(style.getPropertyValue(base).trim(), style.getPropertyValue("--card").trim(), percent / 100));
          return known.get(name);
        }
        const pale = /^--(c\d|bad)-pale/.test(name);
        const value = style.getPropertyValue(pale ? name.split("-pale")[0] : name).trim();
        known.set(name, pale ? translucent(value) : value);
      }
      return known.get(name);
    };
  }

  function partsOf(colour) {
    probe.style.color = colour;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  }

  function translucent(colour) {
    return "rgba(" + partsOf(colour).join(",") + ",0.32)";
  }

  // So much of a colour on a card: bands that lie on one another keep their shades, in the legend, too.
  function tinted(colour, ground, share) {
    const under = partsOf(ground);
    return "rgb(" + partsOf(colour).map((part, place) => Math.round(under[place] + (part - under[place]) * share)).join(",") + ")";
  }

  function coloured(node, colour) {
    if (typeof node === "string") return node.startsWith("--") ? colour(node) : node;
    if (Array.isArray(node)) return node.map((item) => coloured(item, colour));
    if (node && typeof node === "object") {
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, coloured(item, colour)]));
    }
    return node;
  }

  // -- charts ----------------------------------------------------------------------------------------
  // The name of a part on a phone: in lines so short that they end before the next part begins.
  const LINE = 11; // Latin letters; a Chinese sign is as wide as two
  function shortLines(name) {
    const wide = (text) => [...text].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);
    const lines = [""];
    for (const piece of name.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) || []) {
      const last = lines[lines.length - 1];
      if (last.trim().length > 1 && wide(last) + wide(piece.trim()) > LINE) lines.push(piece);
      else lines[lines.length - 1] = last + piece;
    }
    return lines.map((line) => line.trim()).join("<br>");
  }

  function figureOf(chart, width) {
    const figure = coloured({ data: chart.data, layout: chart.layout }, palette());
    const template = coloured(data.template, palette());
    const layout = { ...figure.layout, template, height: chart.height, autosize: true };
    if (width < 520) {
      layout.font = { ...template.layout.font, size: 11 };
      layout.margin = { ...template.layout.margin, ...figure.layout.margin, r: 8 };
      for (const axis of ["xaxis", "yaxis"]) {
        if (layout[axis] && !layout[axis].dtick) layout[axis] = { ...layout[axis], nticks: 3 };
      }
      for (const trace of figure.data) {
        if (trace.type === "sankey") {
          trace.textfont = { ...trace.textfont, size: 10 };
          trace.node = { ...trace.node, thickness: 10, label: trace.node.label.map(shortLines) };
        }
      }
    }
    return { data: figure.data, layout };
  }

  // Names of a flow that would lie on one another: the lower one goes down until it is free.
  function setApart(plot) {
    const names = all(".sankey .node-label", plot), placed = [];
    for (const one of names) one.style.translate = "";
    const boxes = names.map((one) => ({ one, box: one.getBoundingClientRect() })).sort((a, b) => a.box.top - b.box.top);
    for (const { one, box } of boxes) {
      let down = 0;
      for (const other of placed) {
        const beside = box.left < other.right && other.left < box.right;
        if (beside && box.top + down < other.bottom && other.top < box.bottom + down) down = other.bottom - box.top + 1;
      }
      if (down) one.style.translate = `0 ${down}px`;
      placed.push({ left: box.left, right: box.right, top: box.top + down, bottom: box.bottom + down });
      placed.sort((a, b) => a.top - b.top);
    }
  }

  function draw(plot, chart) {
    if (!plot || !chart || plot.offsetParent === null) return;
    if (typeof Plotly === "undefined") { plot.textContent = data.words.failed; return; }
    const figure = figureOf(chart, plot.clientWidth);
    const isNew = !plot.dataset.drawn;
    Plotly.react(plot, figure.data, figure.layout, { displayModeBar: false, responsive: true, showSendToCloud: false });
    plot.dataset.drawn = "yes";
    if (isNew) plot.on("plotly_afterplot", () => setApart(plot));
    setApart(plot);
    if (isNew) plot.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  }

  const panels = all("article[data-panel]").filter((panel) => !panel.closest("dialog"));
  const drawPanel = (panel) => draw(panel.querySelector(".plot"), data.charts[panel.dataset.panel]);
  function drawSoon(list) {
    const panel = list.shift();
    if (!panel) return;
    drawPanel(panel);
    setTimeout(() => drawSoon(list), 0);
  }
  const charted = panels.filter((panel) => data.charts[panel.dataset.panel]);
  for (const panel of charted) {
    const plot = panel.querySelector(".plot");
    plot.style.minHeight = plot.dataset.height + "px";
  }
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) { seen.unobserve(entry.target); drawPanel(entry.target); }
    }
  }, { rootMargin: "600px" });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawSoon([...charted]));
  let resized = null;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => drawSoon(charted.filter((panel) => panel.querySelector(".plot").dataset.drawn)), 150);
  });
  // Paper has a width of its own: charts are drawn for it, closed parts are opened, and all is as before afterwards.
  const paper = 670;
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const one of opened) one.open = true;
    for (const panel of charted) {
      const plot = panel.querySelector(".plot");
      if (plot.offsetParent === null) continue;
      const chart = data.charts[panel.dataset.panel];
      const figure = figureOf(chart, paper);
      Plotly.purge(plot); // a flow that is drawn anew fades in, and paper does not wait
      Plotly.react(plot, figure.data, { ...figure.layout, autosize: false, width: paper },
        { displayModeBar: false, responsive: false, showSendToCloud: false });
      plot.dataset.drawn = "yes";
    }
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    for (const panel of charted) {
      const plot = panel.querySelector(".plot");
      Plotly.purge(plot);
      delete plot.dataset.drawn; // so that what listens to a new picture listens to this one
      drawPanel(panel);
    }
  });

  // -- a chart and the table that it is drawn from; which of them is in the address ------------------
  function show(panel, which) {
    panel.dataset.shown = which;
    for (const tab of all("[role=tab]", panel)) {
      const selected = tab.id.endsWith("-tab-" + which);
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
    if (which === "chart") drawPanel(panel);
  }

  function tabbed(panel) {
    const tabs = all("[role=tab]", panel);
    if (tabs.length) panel.dataset.shown = "chart";
    tabs.forEach((tab, place) => {
      const which = tab.id.split("-tab-")[1];
      tab.addEventListener("click", () => {
        show(panel, which);
        history.replaceState(null, "", "#" + panel.id + (which === "table" ? "/table" : ""));
        keepPlace();
      });
      tab.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        const other = tabs[(place + 1) % tabs.length];
        other.focus();
        other.click();
      });
    });
  }
  panels.forEach(tabbed);

  function go() {
    const [place, tab] = decodeURIComponent(location.hash.slice(1)).split("/");
    const node = place && byId(place);
    if (place && !node && data.elsewhere && data.elsewhere[place]) location.replace(data.elsewhere[place] + location.hash);
    if (!node) return;
    if (node.dataset.panel && tab === "table") show(node, "table");
    node.scrollIntoView();
  }
  function keepPlace() {
    const link = byId("language");
    if (link) link.href = link.href.split("#")[0] + location.hash;
  }
  window.addEventListener("hashchange", () => { go(); keepPlace(); });

  // What belongs to a number is long: on a phone its parts are closed, each under its name.
  const phone = matchMedia("(max-width: 620px)");
  function fold(within = document) {
    for (const one of all("details[data-fold]", within)) one.open = !phone.matches;
  }
  fold();
  phone.addEventListener("change", () => fold());
  document.addEventListener("toggle", (event) => {
    if (event.target.open) drawSoon(charted.filter((panel) => event.target.contains(panel) && !panel.querySelector(".plot").dataset.drawn));
  }, true);

  // -- where a figure comes from ---------------------------------------------------------------------
  const dialog = byId("explanation");
  async function explain(address) {
    const target = new URL(address, location.href);
    target.searchParams.set("fragment", "true");
    const body = byId("explanation-body");
    body.textContent = data.words.loading;
    if (!dialog.open) dialog.showModal();
    try {
      const answer = await fetch(target, { headers: { accept: "text/html" } });
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      body.replaceChildren(...(parsed.querySelector("main") || parsed.body).childNodes);
      fold(body);
    } catch {
      body.textContent = data.words.lost;
    }
    dialog.scrollTop = 0;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-explain]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      explain(link.href);
      return;
    }
    const cell = event.target.closest(".data td.number");
    if (cell && !event.target.closest("a") && !window.getSelection().toString()) explainNumber(cell);
    const opener = event.target.closest("[data-open]");
    if (opener) byId(opener.dataset.open).showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.tagName === "DIALOG") event.target.close();
  });
  // The number itself: its page, table, row and column; its row's first words find it again in another run.
  function explainNumber(cell) {
    const table = cell.closest("table"), row = cell.parentElement;
    const column = table.tHead.rows[0].cells[cell.cellIndex].dataset.key;
    const panel = cell.closest("[data-panel]");
    if (!column || !panel || cell.closest("dialog")) return;
    const at = new URL(location.href);
    for (const name of ["lang", "run", "fragment"]) at.searchParams.delete(name);
    explain("/explain/number?" + new URLSearchParams({
      at: at.pathname + at.search, table: panel.dataset.panel, row: row.sectionRowIndex, column,
      label: row.cells[0].textContent.trim().slice(0, 300), lang: language, ...(runOf() ? { run: runOf() } : {}),
    }));
  }

  // Numbers by keyboard: arrows move among the numbers of a table that has the focus, Enter asks where one is from.
  for (const region of all(".scroll")) {
    let at = null;
    region.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.target.closest("a, button, summary") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter" && at) { event.preventDefault(); explainNumber(at); return; }
      if (!step) return;
      const rows = [...region.querySelectorAll("tbody tr")];
      const next = at ? beside(rows, at, step) : region.querySelector("tbody td.number");
      if (!next) return;
      event.preventDefault();
      if (at) at.classList.remove("at");
      next.classList.add("at");
      next.tabIndex = -1;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
      at = next;
    });
  }
  function beside(rows, cell, [down, right]) {
    const row = rows[rows.indexOf(cell.parentElement) + down];
    if (down) return row && row.cells[cell.cellIndex] && row.cells[cell.cellIndex].matches("td.number") ? row.cells[cell.cellIndex] : null;
    const cells = [...cell.parentElement.cells].filter((one) => one.matches("td.number"));
    return cells[cells.indexOf(cell) + right] || null;
  }
  const runOf = () => new URLSearchParams(location.search).get("run");

  let goes = false;  // g, then a digit: a digit alone never leaves the page, as it answers where cases are reviewed
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") byId("glossary").showModal();
    if (event.key === "l") byId("language").click();
    const number = Number(event.key);
    const links = all(".chapters a");
    const gone = goes;
    goes = event.key === "g";
    if (gone && number >= 1 && number <= links.length) links[number - 1].click();
  });

  // -- terms of the glossary, where they first stand ----------------------------------------------------
  const terms = new Map(all("#glossary dt").map((term) => [term.textContent.trim(), term.nextElementSibling.textContent]));
  const marked = new Set();
  function placeOf(term, text) {  // where a whole word stands (where words have ends), and how long it is, plural and all
    if (!/^[\x20-\x7e]+$/.test(term)) return [text.indexOf(term), term.length];
    const plain = term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const found = text.match(new RegExp("\\b" + plain + "s?\\b", "i"));
    return found ? [found.index, found[0].length] : [-1, 0];
  }
  for (const place of all(".finding, .lead, .sentence, .note, .card h3, .panel-title")) {
    for (const [term, meaning] of terms) {
      if (marked.has(term)) continue;
      const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const [at, length] = placeOf(term, node.data);
        if (at < 0 || node.parentElement.closest("abbr, a")) continue;
        const found = node.splitText(at);
        found.splitText(length);
        const abbr = document.createElement("abbr");
        abbr.className = "term";
        abbr.title = meaning;
        abbr.tabIndex = 0;
        found.replaceWith(abbr);
        abbr.append(found);
        marked.add(term);
        break;
      }
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement.matches("abbr.term")) document.activeElement.blur();
  });

  // -- choices send themselves -----------------------------------------------------------------------
  for (const select of all("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  // -- units that fit the column which a heading of an upload is mapped to -------------------------------
  const unitsOf = byId("units-of");
  for (const select of unitsOf ? all('select[name="column"]') : []) {
    select.addEventListener("change", () => {
      const row = select.closest("tr");
      const unit = row.querySelector('select[name="unit"]');
      const fitting = unitsOf.content.querySelector(`optgroup[data-column="${CSS.escape(select.value)}"]`);
      const before = unit.value;
      unit.replaceChildren(...[...fitting.children].map((option) => option.cloneNode(true)));
      if ([...unit.options].some((option) => option.value === before)) unit.value = before;
      row.querySelector(".unit-read")?.remove();
      all(".in-unit", row).forEach((one) => one.remove());
    });
  }

  // -- pictures of charts, with title, finding, note and source --------------------------------------
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // Lines of at most so many widths (a Chinese sign has two); what does not fit is cut, with a sign of it.
  function inLines(text, width, most) {
    const lines = [];
    let line = "", used = 0;
    for (const part of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+/g) || []) {
      const size = [...part].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 2 : 1), 0);
      if (used + size > width && line && !/^[，。；：、）”]$/.test(part)) { lines.push(line.trim()); line = ""; used = 0; }
      line += part;
      used += size;
    }
    if (line.trim()) lines.push(line.trim());
    return lines.length > most ? [...lines.slice(0, most - 1), lines[most - 1] + " …"] : lines;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-download]");
    if (!button) return;
    const panel = button.closest("article");
    const chart = data.charts[panel.dataset.panel];
    const figure = figureOf(chart, 1000);
    const told = (name) => { const part = panel.querySelector(name); return part ? part.textContent.trim() : ""; };
    const finding = inLines(told(".finding"), 118, 3), foot = [...inLines(told(":scope > .note"), 150, 3), data.citation];
    const small = (lines, size) => lines.map((line) => `<span style="font-size:${size}px">${line}</span>`).join("<br>");
    const legend = { ...data.template.layout.legend, ...figure.layout.legend };
    const below = (legend.y < 0 && figure.layout.showlegend !== false ? 44 : 0) + 52;
    const cite = { text: foot.map(escaped).join("<br>"), xref: "paper", yref: "paper", x: 0, y: 0, xanchor: "left", yanchor: "top",
      yshift: -below, align: "left", showarrow: false, font: { size: 10 } };
    const mark = { text: data.words.watermark, xref: "paper", yref: "paper", x: 0.5, y: 0.5, textangle: -18, showarrow: false,
      opacity: 0.1, font: { size: 44 } };
    const top = 62 + 21 * finding.length + (figure.layout.margin && figure.layout.margin.t ? 24 : 0);
    const bottom = below + 15 * foot.length + 14;
    const layout = { ...figure.layout,
      title: { text: `${escaped(chart.title)}<br>${small(finding.map(escaped), 12)}`, x: 0.01, y: 1, yanchor: "top", yref: "container",
        pad: { t: 24 }, font: { size: 16 }, automargin: false },
      annotations: [...(figure.layout.annotations || []), cite, ...(data.words.watermark ? [mark] : [])],
      paper_bgcolor: palette()("--page"), margin: { ...data.template.layout.margin, t: top, b: bottom } };
    const format = button.dataset.download;
    Plotly.toImage({ data: figure.data, layout }, { format, width: 1000, height: figure.layout.height + top + bottom - 48, scale: format === "png" ? 2 : 1 })
      .then((address) => {
        const link = document.createElement("a");
        link.href = address;
        link.download = "lvshu-" + panel.id + "-" + language + "." + format;
        link.click();
      });
  });

  // -- a chart that leads further --------------------------------------------------------------------
  document.addEventListener("drawn", (event) => {
    const plot = event.target;
    if (!plot.on) return;
    plot.on("plotly_click", (found) => {
      const place = found.points[0] && found.points[0].customdata;
      if (typeof place !== "string" || !/^[/#]/.test(place)) return;
      if (place.startsWith("#")) { location.hash = place; return; }
      const target = new URL(place, location.href);
      target.searchParams.set("lang", language);
      if (runOf()) target.searchParams.set("run", runOf());
      location.href = target;
    });
  });

  // -- what if: levers answer at once ----------------------------------------------------------------
  const levers = byId("levers");
  if (levers) {
    const place = byId("answers-here");
    let waiting = null;
    let asked = 0;
    const queryOf = () => {
      const query = new URLSearchParams();
      for (const field of all("[name]", levers)) {
        const initial = field.dataset.initial ?? (field.name === "moved" ? "0" : field.type === "hidden" ? null : "");
        if (field.value !== initial && field.value !== "") query.set(field.name, field.value);
      }
      return query;
    };
    const keep = () => {
      const query = queryOf();
      query.delete("lang");
      const kept = byId("keep-query");
      if (kept) kept.value = query.toString();
    };
    const tell = () => { for (const lever of all(".lever", levers)) lever.querySelector("output").textContent = lever.querySelector("input").value; };
    const ask = async () => {
      const query = queryOf();
      const number = ++asked;
      history.replaceState(null, "", "/what-if?" + query + location.hash);
      const other = new URLSearchParams(query);
      other.set("lang", language === "zh" ? "en" : "zh");
      byId("language").href = "/what-if?" + other + location.hash;
      keep();
      const begun = performance.now();
      query.set("fragment", "true");
      place.classList.add("is-stale");
      try {
        const answer = await fetch("/what-if?" + query, { headers: { accept: "text/html" } });
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (number !== asked) return;
        const shown = Object.fromEntries(all("article[data-shown]", place).map((one) => [one.id, one.dataset.shown]));
        place.replaceChildren(...(parsed.querySelector("main") || parsed.body).childNodes);
        const found = place.querySelector(".fragment-charts");
        if (found) {
          const fresh = JSON.parse(found.textContent);
          Object.assign(data.charts, fresh.charts);
          if (fresh.citation) byId("citation").textContent = data.citation = fresh.citation;
        }
        for (const panel of all("article[data-panel]", place)) {
          tabbed(panel);
          if (shown[panel.id] === "table") show(panel, "table"); else drawPanel(panel);
        }
        byId("took").textContent = Math.round(performance.now() - begun) + " ms";
      } catch {
        announce(data.words.lost);
      }
      place.classList.remove("is-stale");
    };
    levers.addEventListener("input", () => { tell(); clearTimeout(waiting); waiting = setTimeout(ask, 60); });
    levers.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
    levers.addEventListener("reset", (event) => {
      event.preventDefault();
      for (const field of all("input:not([type=hidden]), select", levers)) field.value = field.dataset.initial ?? (field.name === "moved" ? "0" : "");
      tell();
      ask();
    });
    byId("copy-link").addEventListener("click", async (event) => {
      await navigator.clipboard.writeText(location.href);
      event.target.textContent = data.words.done;
    });
    keep();
  }

  // -- a run that goes on ----------------------------------------------------------------------------
  const job = byId("job");
  if (job && job.dataset.state === "running") {
    const source = new EventSource("/runs/progress");
    source.onmessage = (event) => {
      const state = JSON.parse(event.data);
      const bar = byId("job-bar");
      if (state.total) { bar.max = state.total; bar.value = state.position; }
      if (data.words[state.phase]) byId("job-told").textContent = data.words[state.phase];
      if (state.step) {
        byId("job-step").textContent = state.step.position + "/" + state.step.total + " · " + state.step["label_" + language] +
          " · " + Math.round(state.seconds || 0) + " s";
      }
      if (state.state !== "running") { source.close(); location.reload(); }
    };
    source.onerror = () => { announce(data.words.lost); };
  }

  // -- decisions by keyboard -------------------------------------------------------------------------
  const review = byId("review");
  if (review) {
    const other = byId("other-chosen");
    review.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-decision]");
      if (!button) return;
      event.preventDefault();
      const chosen = "named" in button.dataset ? other.value.trim() : button.dataset.chosen || "";
      if ("named" in button.dataset && !chosen) { other.focus(); return; }
      review.elements.decision.value = button.dataset.decision;
      review.elements.chosen.value = chosen;
      review.submit();
    });
    if (other) {
      other.addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); review.querySelector("[data-named]").click(); }
      });
    }
    document.addEventListener("keydown", (event) => {
      if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (goes) return;
      const key = event.key === "a" ? "1" : event.key;
      if (key === "c" && other) { event.preventDefault(); other.focus(); return; }
      const button = review.querySelector('button[data-key="' + CSS.escape(key) + '"]');
      if (button) { event.preventDefault(); event.stopImmediatePropagation(); button.click(); }
    }, true);
  }

  const undo = byId("undo");
  if (undo) {
    document.addEventListener("keydown", (event) => {
      if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "u" && !goes) { event.preventDefault(); undo.requestSubmit(); }
    });
  }

  window.lvshu = { data, draw, palette, coloured, figureOf, announce, language, byId, all };
  charted.forEach((panel) => seen.observe(panel));
  go();
  keepPlace();
})();
