/* What CKAN's templates say in attributes of elements (onclick and the like), done from outside: our policy of content runs
   nothing that stands within a page. */
(function () {
  "use strict";
  var byId = document.getElementById.bind(document);

  function check(id) {
    var box = byId(id);
    if (box) { box.checked = true; }
  }

  function focus(id) {
    var field = byId(id);
    if (field) { field.focus(); }
  }

  function emptied(id) {
    var field = byId(id);
    if (field) { field.value = ""; }
  }

  /* The buttons beside a resource's file or address. */
  function remove(button) {
    var file = button.closest(".upload-type");
    var before = file && file.previousElementSibling;
    if (before && before.id === "field-clear-upload") {
      before.checked = true;
      focus("field-resource-upload");
      return;
    }
    check("resource-url-none");
    focus(byId("resource-upload-button") ? "resource-upload-button" : "resource-link-button");
    emptied(file ? "field-resource-upload" : "field-resource-url");
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest && event.target.closest("button, a, input");
    if (!target) { return; }
    if (target.id === "resource-upload-button") {
      check("resource-url-upload");
      byId("field-resource-upload").click();
    } else if (target.id === "resource-link-button") {
      check("resource-url-link");
      focus("field-resource-url");
    } else if (target.classList.contains("btn-remove-url")) {
      remove(target);
    } else if (target.id === "refit-button" && window.fitColText) {
      window.fitColText();
    } else if (target.matches('.dt-show-all, .dt-hide-all, a[href="#"][data-bs-toggle="collapse"], input[name="show_fields"][readonly]')) {
      event.preventDefault();
    }
  });

  /* API tokens: they can be revoked when one is chosen; a new one is shown. */
  function chosen() {
    var button = byId("revoke-tokens-button");
    if (button) { button.disabled = !document.querySelector("[name=token]:checked"); }
  }
  document.addEventListener("change", function (event) {
    if (event.target.name === "token") { chosen(); }
  });
  document.addEventListener("htmx:oobAfterSwap", function (event) {
    var made = event.target.closest && event.target.closest("#api-tokens-table");
    if (made) { made.querySelector("tbody tr").scrollIntoView({ block: "nearest" }); }
    chosen();
  });
  document.addEventListener("htmx:afterRequest", chosen);
})();
