/* CKAN's htmx puts new filters and results in the place of the old ones, and the focus is lost with what it was on. Here it
   goes back to the same filter, menu or box, else to the heading, and what was found is said. Without scripts pages just load. */
(function () {
  "use strict";

  var id = null, said = null;

  function focusable() {
    var heading = document.querySelector("#search-results h1");
    var same = id && document.getElementById(id);
    if (!same && heading) { heading.tabIndex = -1; }
    return same || heading;
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    var list = event.target.closest && event.target.closest("#search-results, #search-facets");
    var focused = document.activeElement;
    id = list && focused && list.contains(focused) ? focused.id || "-" : null;
  });

  document.addEventListener("htmx:afterRequest", function () {
    var target = id && focusable();
    var heading = document.querySelector("#search-results h1");
    if (target && (document.activeElement === document.body || !document.activeElement)) {
      target.focus({ preventScroll: target.id === id });
    }
    if (id && heading) {
      if (!said) {
        said = document.createElement("div");
        said.className = "visually-hidden";
        said.setAttribute("role", "status");
        document.body.append(said);
      }
      said.textContent = heading.textContent.trim();
    }
    id = null;
  });
})();
