// The page's own script: language, charts, tabs, downloads. It asks nothing of any network.
"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const tags = { zh: "zh-Hans", en: "en" };
  const byId = (id) => document.getElementById(id);

  // -- state in the address: #en, #en/gap, #en/gap/table ---------------------------------------
  function readState() {
    const parts = decodeURIComponent(location.hash.slice(1)).split("/");
    const known = parts[0] in tags;
    const rest = known ? parts.slice(1) : parts;
    return { language: known ? parts[0] : null, place: rest[0] || "", tab: rest[1] || "" };
  }
  let language = readState().language || root.dataset.language;

  function address(place, tab) {
    return "#" + [language, place, tab].filter(Boolean).join("/");
  }

  // -- language --------------------------------------------------------------------------------
  function setLanguage(wanted) {
    language = wanted;
    root.dataset.language = wanted;
    root.lang = tags[wanted];
    const title = document.querySelector("h1 [lang='" + tags[wanted] + "']");
    if (title) document.title = title.textContent;
    for (const node of document.querySelectorAll("[data-zh]")) {
      node.setAttribute("aria-label", node.dataset[wanted]);
    }
    drawAll();
  }

  byId("switch").addEventListener("click", () => {
    const state = readState();
    const anchor = topmost();
    const before = anchor ? anchor.getBoundingClientRect().top : 0;
    setLanguage(language === "zh" ? "en" : "zh");
    history.replaceState(null, "", address(state.place, state.tab));
    if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
  });

  function topmost() {
    const nodes = document.querySelectorAll("article, section > h2");
    for (const node of nodes) if (node.getBoundingClientRect().bottom > 60) return node;
    return null;
  }

  // -- charts ----------------------------------------------------------------------------------
  const probe = document.createElement("i");
  probe.style.display = "none";
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
        const pale = name.endsWith("-pale");
        const value = style.getPropertyValue(pale ? name.slice(0, -5) : name).trim();
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

  function figureOf(id, width) {
    const chart = data.charts[id];
    const figure = coloured(chart[language], palette());
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

  function draw(panel) {
    const plot = panel.querySelector(".plot");
    if (!plot || plot.offsetParent === null) return;
    if (typeof Plotly === "undefined") {
      plot.textContent = data.texts.chart_failed[language];
      return;
    }
    const figure = figureOf(panel.dataset.panel, plot.clientWidth);
    const settings = { displayModeBar: false, responsive: true, showSendToCloud: false };
    Plotly.react(plot, figure.data, figure.layout, settings);
    plot.dataset.drawn = language;
  }

  const panels = [...document.querySelectorAll("article[data-panel]")];
  let queue = [];
  function drawAll() {
    queue = panels.filter((panel) => panel.querySelector(".plot"));
    const next = () => {
      const panel = queue.shift();
      if (!panel) return;
      draw(panel);
      setTimeout(next, 0);
    };
    next();
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => panels.forEach(draw));

  // -- tabs: a chart and the table it is drawn from ----------------------------------------------
  function show(panel, which) {
    panel.dataset.shown = which;
    for (const tab of panel.querySelectorAll("[role=tab]")) {
      const selected = tab.id.endsWith("-tab-" + which);
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
    if (which === "chart") draw(panel);
  }

  for (const panel of panels) {
    const tabs = [...panel.querySelectorAll("[role=tab]")];
    if (tabs.length) panel.dataset.shown = "chart";
    tabs.forEach((tab, place) => {
      const which = tab.id.split("-tab-")[1];
      tab.addEventListener("click", () => {
        show(panel, which);
        history.replaceState(null, "", address(panel.id, which === "table" ? "table" : ""));
      });
      tab.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        const other = tabs[(place + 1) % tabs.length];
        other.focus();
        other.click();
      });
    });
  }

  // -- going to a place without losing the language ----------------------------------------------
  function go(place, tab) {
    const node = byId(place);
    if (!node) return;
    if (node.tagName === "DETAILS") node.open = true;
    if (node.dataset.panel && tab === "table") show(node, "table");
    node.scrollIntoView();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    const place = link.getAttribute("href").slice(1);
    history.pushState(null, "", address(place, ""));
    go(place, "");
  });

  window.addEventListener("popstate", () => {
    const state = readState();
    if (state.language && state.language !== language) setLanguage(state.language);
    if (state.place) go(state.place, state.tab);
  });

  // -- downloads: names, units, unrounded figures, how to cite -----------------------------------
  function words(cell) {
    return Array.isArray(cell) ? cell[language === "zh" ? 0 : 1] : cell;
  }

  function quoted(text) {
    const risky = /^[=+@\t\r]/.test(text) || (/^-/.test(text) && isNaN(Number(text)));
    const safe = risky ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  }

  function csv(id) {
    const table = data.tables[id];
    const lines = [
      table.columns.map((column) => column.label[language]),
      table.columns.map((column) => column.unit[language]),
      ...table.rows.map((row) => row.map(words)),
    ].map((row) => row.map(quoted).join(","));
    lines.push("# " + table.title[language] + " · " + data.citation[language]);
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }

  function follow(target, name) {
    const link = document.createElement("a");
    link.href = target;
    link.download = name;
    link.click();
  }

  function save(blob, name) {
    const target = URL.createObjectURL(blob);
    follow(target, name);
    setTimeout(() => URL.revokeObjectURL(target), 1000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-download]");
    if (!button) return;
    const panel = button.closest("article");
    const name = data.name + "-" + panel.id + "-" + language;
    if (button.dataset.download === "csv") {
      save(new Blob([csv(panel.id)], { type: "text/csv" }), name + ".csv");
      return;
    }
    const figure = figureOf(panel.id, 1000);
    const cite = { text: data.citation[language], xref: "paper", yref: "paper", x: 0, y: 0, xanchor: "left",
      yanchor: "top", yshift: -48, showarrow: false, font: { size: 10 } };
    const title = { text: data.tables[panel.id].title[language], x: 0.01, font: { size: 16 } };
    const layout = { ...figure.layout, title, annotations: [cite],
      paper_bgcolor: palette()("--page"), margin: { ...data.template.layout.margin, t: 72, b: 84 } };
    Plotly.toImage({ data: figure.data, layout }, { format: "png", width: 1000, height: figure.layout.height + 110, scale: 2 })
      .then((address) => follow(address, name + ".png"));
  });

  window.lvshu = { csv, language: () => language };
  setLanguage(language);
  const state = readState();
  if (state.place) requestAnimationFrame(() => go(state.place, state.tab));
})();
