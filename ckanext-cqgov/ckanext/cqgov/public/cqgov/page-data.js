/* Reads the data that a page carries for the scripts of CKAN's views, which look for it in global variables. Loaded right after
   the data, so that it is there before any of them starts. */
(function () {
  "use strict";
  document.querySelectorAll("script.cq-page-data").forEach(function (data) {
    Object.assign(window, JSON.parse(data.textContent));
  });
})();
