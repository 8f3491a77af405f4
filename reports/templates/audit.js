"use strict";
// All that the report says it says without this: here are a filter and a switch of language.
(function () {
  function all(selector, root) { return Array.from((root || document).querySelectorAll(selector)); }
  function filter(kept) {
    var form = document.getElementById("filter");
    if (!form) return;
    form.hidden = false;
    if (kept) {
      all("[name=severity]", form).forEach(function (box) { box.checked = kept.severities.includes(box.value); });
      form.elements.words.value = kept.words;
    }
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    apply();
  }
  function chosen() {
    var form = document.getElementById("filter");
    return {
      severities: all("[name=severity]", form).filter(function (box) { return box.checked; }).map(function (box) { return box.value; }),
      words: form.elements.words.value
    };
  }
  function apply() {
    var now = chosen();
    var words = now.words.trim().toLowerCase();
    var shown = {};
    all("[data-severity]").forEach(function (one) {
      one.hidden = !now.severities.includes(one.dataset.severity) || !one.textContent.toLowerCase().includes(words);
      if (!one.hidden) shown[one.dataset.verdict] = (shown[one.dataset.verdict] || 0) + Number(one.dataset.count);
    });
    var off = !words && all("#filter [name=severity]").every(function (box) { return box.checked; });
    all("section.told").forEach(function (section) { section.hidden = !off && !section.querySelector("[data-severity]:not([hidden])"); });
    all("#filter [data-shown]").forEach(function (count) { count.textContent = shown[count.dataset.shown] || 0; });
  }
  // A link to what the filter hides takes the filter away: it must lead somewhere.
  function reveal(hash) {
    var target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target || !target.closest("[data-severity][hidden], section.told[hidden]")) return;
    document.getElementById("filter").reset();
    apply();
    target.scrollIntoView();
  }
  function turn(other) {
    var root = document.documentElement;
    var kept = { lang: root.lang, title: document.title, nodes: document.createDocumentFragment() };
    var filtered = document.getElementById("filter") && chosen();
    var open = all("details").map(function (one) { return one.open; });
    var mark = all("h2[id], h3[id]").find(function (one) { return one.getBoundingClientRect().bottom > 0; });
    var top = mark && mark.getBoundingClientRect().top;
    Array.from(document.body.childNodes).forEach(function (node) {
      if (node !== other && node.nodeName !== "SCRIPT") kept.nodes.append(node);
    });
    root.lang = other.lang;
    document.title = other.dataset.title;
    document.body.prepend(other.content);
    other.content.append(kept.nodes);
    other.lang = kept.lang;
    other.dataset.title = kept.title;
    start(filtered);
    all("details").forEach(function (one, at) { one.open = open[at]; });
    document.querySelector("button.language").focus({ preventScroll: true });
    var same = mark && document.getElementById(mark.id);
    if (same) window.scrollBy(0, same.getBoundingClientRect().top - top);
  }
  function language() {
    var other = document.getElementById("other");
    var header = document.querySelector("header");
    if (!other || !header) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "language";
    button.lang = other.lang;
    button.textContent = other.lang === "fr" ? "Français" : "English";
    button.addEventListener("click", function () { turn(other); });
    all("button.language", header).forEach(function (old) { old.remove(); });
    header.prepend(button);
  }
  function start(kept) { filter(kept); language(); }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href^='#']");
    if (link) reveal(link.hash);
  });
  window.addEventListener("hashchange", function () { reveal(location.hash); });
  start();
})();
