/* Suggestions below the search boxes: an editable combobox with a list (WAI-ARIA 1.2). The focus stays in the box; the
   arrow keys walk through the list, Enter opens what is marked or else searches, Esc closes the list. While an input
   method composes, nothing is asked and Enter belongs to it. Without this script the boxes are plain forms. */
(function () {
  "use strict";

  var WAIT = 150;  // milliseconds without a letter before asking
  var number = 0;

  function start(input) {
    var frame = input.parentNode;
    var list = document.createElement("div");
    var said = document.createElement("div");
    var id = "cq-suggest-" + (number += 1);
    var timer = null, asking = null, composing = false, marked = -1, shownFor = null;

    list.id = id;
    list.className = "cq-suggest";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.suggestLabel);
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    frame.classList.add("cq-suggest-frame");
    frame.append(list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-controls", id);
    input.setAttribute("aria-expanded", "false");

    function options() { return list.querySelectorAll("[role=option]"); }

    function mark(place) {
      var all = options();
      marked = place;
      all.forEach(function (option, at) { option.setAttribute("aria-selected", String(at === place)); });
      if (place < 0) {
        input.removeAttribute("aria-activedescendant");
      } else {
        input.setAttribute("aria-activedescendant", all[place].id);
        all[place].scrollIntoView({ block: "nearest" });
      }
    }

    function stop() {
      clearTimeout(timer);
      if (asking) { asking.abort(); asking = null; }
    }

    function close() {
      stop();
      mark(-1);
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
    }

    function show(html, words) {
      list.innerHTML = html;
      var all = options(), head = list.firstElementChild;
      all.forEach(function (option, at) { option.id = id + "-" + at; });
      mark(-1);
      shownFor = words;
      list.hidden = !all.length;
      input.setAttribute("aria-expanded", String(all.length > 0));
      said.textContent = head ? head.dataset.said : "";
    }

    function ask() {
      var words = input.value.trim();
      stop();
      if (!words) { said.textContent = ""; close(); return; }
      var mine = asking = new AbortController();
      fetch(input.dataset.suggest + "?q=" + encodeURIComponent(words.slice(0, 200)), { signal: mine.signal, credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.text() : ""; })
        .then(function (html) { if (mine === asking && document.activeElement === input) { asking = null; show(html, words); } })
        .catch(function () { if (mine === asking) { close(); } });
    }

    function soon() {
      stop();
      timer = setTimeout(ask, WAIT);
    }

    function step(by) {
      var many = options().length;
      if (list.hidden) {
        if (many && shownFor === input.value.trim()) {
          list.hidden = false;
          input.setAttribute("aria-expanded", "true");
        } else {
          ask();
          return;
        }
      }
      // one more place than options: there nothing is marked and Enter searches
      mark((marked + 1 + by + many + 1) % (many + 1) - 1);
    }

    input.addEventListener("compositionstart", function () { composing = true; stop(); });
    input.addEventListener("compositionend", function () { composing = false; soon(); });
    input.addEventListener("input", function (event) { if (!composing && !event.isComposing) { soon(); } });
    input.addEventListener("keydown", function (event) {
      if (composing || event.isComposing || event.keyCode === 229) { return; }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        if (marked >= 0 && !list.hidden) {
          event.preventDefault();
          options()[marked].click();
        }
        close();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });  // the focus stays in the box
    list.addEventListener("mousemove", function (event) {
      var option = event.target.closest("[role=option]");
      var place = Array.prototype.indexOf.call(options(), option);
      if (option && place !== marked) { mark(place); }
    });
  }

  // Boxes come with the page and with parts that scripts put into it: each is set up when it is first used.
  document.addEventListener("focusin", function (event) {
    var input = event.target;
    if (input.dataset && input.dataset.suggest && !input.dataset.suggestReady) {
      input.dataset.suggestReady = "true";
      start(input);
    }
  });
  function ready() {
    document.querySelectorAll("input[data-suggest]").forEach(function (input) {
      if (!input.dataset.suggestReady) {
        input.dataset.suggestReady = "true";
        start(input);
      }
    });
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", ready); } else { ready(); }
})();
