/* Reads the data that a page carries for the scripts of CKAN's views, which look for it in global variables. Loaded right after
   the data, so that it is there before any of them starts. */
(function () {
  "use strict";
  document.querySelectorAll("script.cq-page-data").forEach(function (data) {
    Object.assign(window, JSON.parse(data.textContent));
  });

  /* CKAN's preview of tables gives setTimeout the result of a function that it has called, which is none; a browser takes what is
     no function for code, and our policy of content lets no text become code. */
  var later = window.setTimeout;
  window.setTimeout = function (what) {
    return typeof what === "function" ? later.apply(window, arguments) : 0;
  };
})();
