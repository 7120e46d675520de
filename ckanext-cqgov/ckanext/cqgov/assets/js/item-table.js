/* The information-item table: more rows without leaving the page, and rows pasted from a spreadsheet.
   Without this script the same is done on the server (the button "more rows" and the text area below the table). */
(function () {
  "use strict";

  function folded(word) {
    return word.normalize("NFKC").replace(/[\s*:：]+/g, "").toLowerCase();
  }

  function cellsOf(text) {
    var rows = [], row = [], cell = "", quoted = false;
    text = text.replace(/\r\n?/g, "\n");
    for (var i = 0; i < text.length; i++) {
      var c = text[i];
      if (quoted) {
        if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; }
        else if (c === '"') { quoted = false; }
        else { cell += c; }
      } else if (c === '"' && cell === "") { quoted = true; }
      else if (c === "\t") { row.push(cell.trim()); cell = ""; }
      else if (c === "\n") { row.push(cell.trim()); rows.push(row); row = []; cell = ""; }
      else { cell += c; }
    }
    row.push(cell.trim());
    rows.push(row);
    return rows.filter(function (each) { return each.some(Boolean); });
  }

  function start(table) {
    var body = table.tBodies[0];
    var heads = Array.prototype.slice.call(table.tHead.querySelectorAll("[data-key]"));
    var keys = heads.map(function (head) { return head.dataset.key; });
    var pattern = body.rows[body.rows.length - 1].cloneNode(true);
    var status = table.closest(".cq-field").querySelector("[data-item-status]");
    var more = table.closest(".cq-field").querySelector("[data-item-more]");
    var words = {};  // key -> folded word -> value
    body.querySelectorAll("tr:first-child option[data-words]").forEach(function (option) {
      var key = option.parentNode.dataset.key;
      words[key] = words[key] || {};
      option.dataset.words.split("|").forEach(function (word) { words[key][folded(word)] = option.value; });
    });

    function input(row, key) { return row.querySelector('[data-key="' + key + '"]'); }

    function add() {
      var number = body.rows.length, row = pattern.cloneNode(true);
      row.querySelector("th").textContent = number + 1;
      row.querySelectorAll("[name]").forEach(function (each) {
        each.name = each.name.replace(/items__\d+__/, "items__" + number + "__");
        each.setAttribute("aria-label", each.getAttribute("aria-label").replace(/\d+/, number + 1));
        if (each.type === "checkbox") { each.checked = false; } else { each.value = ""; }
      });
      body.appendChild(row);
      return row;
    }

    function fill(row, key, word) {
      var target = input(row, key);
      if (!target || !word) { return; }
      if (target.type === "checkbox") {
        target.checked = ["是", "true", "yes", "y", "1", "√", "✓", "有"].indexOf(folded(word)) >= 0;
      } else if (target.tagName === "SELECT") {
        var value = (words[key] || {})[folded(word)];
        if (value === undefined) {  // not known: keep the clerk's own word, the server says what is permitted
          value = word;
          target.add(new Option(word, word));
        }
        target.value = value;
      } else {
        target.value = word;
      }
    }

    function heading(cells) {
      var known = {};
      heads.forEach(function (head) {
        head.dataset.words.split("|").forEach(function (word) { known[folded(word)] = head.dataset.key; });
      });
      known[folded("序号")] = known.no = "";
      var found = cells.map(function (cell) { return known[folded(cell)]; });
      return found.indexOf("name") >= 0 ? found : null;
    }

    table.addEventListener("paste", function (event) {
      var text = (event.clipboardData || window.clipboardData).getData("text");
      if (!/[\t\n]/.test(text.trim())) { return; }  // one cell: the browser's own paste
      var at = event.target.closest("tr"), key = event.target.dataset.key;
      if (!at || !key) { return; }
      event.preventDefault();
      var rows = cellsOf(text), named = rows.length ? heading(rows[0]) : null;
      var columns = named || keys.slice(keys.indexOf(key));
      var left = named ? rows[0].filter(function (cell, i) { return cell && named[i] === undefined; }) : [];
      if (named) { rows = rows.slice(1); }
      rows.forEach(function (cells) {
        cells.forEach(function (cell, i) { if (columns[i]) { fill(at, columns[i], cell); } });
        at = at.nextElementSibling || add();
      });
      status.textContent = status.dataset.said.replace("{number}", rows.length) +
        (left.length ? " " + status.dataset.left.replace("{names}", left.join(", ")) : "");
    });

    more.addEventListener("click", function (event) {
      event.preventDefault();
      var first = add();
      for (var i = 0; i < 4; i++) { add(); }
      first.querySelector("input").focus();
    });
  }

  function ready() { document.querySelectorAll("[data-item-table]").forEach(start); }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", ready); } else { ready(); }
})();
