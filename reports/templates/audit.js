"use strict";
// All that the report says it says without this: here are a filter and a switch of language.
(function () {
  function filter() {
    var form = document.getElementById("filter");
    if (!form) return;
    form.hidden = false;
    var said = form.querySelector("output");
    function apply() {
      var kept = new Set(Array.from(form.elements.severity).filter(function (box) { return box.checked; }).map(function (box) { return box.value; }));
      var words = form.elements.words.value.trim().toLowerCase();
      var shown = 0;
      document.querySelectorAll("[data-severity]").forEach(function (one) {
        var match = kept.has(one.dataset.severity) && (!words || one.textContent.toLowerCase().includes(words));
        one.hidden = !match;
        shown += match ? 1 : 0;
      });
      said.textContent = said.dataset.shown + " " + shown;
    }
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    apply();
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
    button.addEventListener("click", function () {
      var root = document.documentElement;
      var kept = { lang: root.lang, title: document.title, nodes: document.createDocumentFragment() };
      Array.from(document.body.childNodes).forEach(function (node) {
        if (node !== other && node.nodeName !== "SCRIPT") kept.nodes.append(node);
      });
      root.lang = other.lang;
      document.title = other.dataset.title;
      document.body.prepend(other.content);
      other.content.append(kept.nodes);
      other.lang = kept.lang;
      other.dataset.title = kept.title;
      start();
      document.querySelector("button.language").focus();
    });
    header.querySelectorAll("button.language").forEach(function (old) { old.remove(); });
    header.prepend(button);
  }
  function start() { filter(); language(); }
  start();
})();
