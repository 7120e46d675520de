/* Fields that matter only for some values of another field are folded away while they are empty and do not matter.
   Without this script all fields are there, and each says in words when it matters. */
(function () {
  "use strict";

  function valueOf(form, name) {
    var ticked = form.querySelector('[type="checkbox"][name="' + name + '"]');
    if (ticked) { return ticked.checked ? "true" : "false"; }
    var input = form.querySelector('[name="' + name + '"]');
    return input ? input.value : "";
  }

  function filled(field) {
    return Array.prototype.some.call(field.querySelectorAll("input:not([type=hidden]), select, textarea"), function (each) {
      return each.type === "checkbox" ? each.checked : each.value.trim() !== "";
    });
  }

  function start(form) {
    var fields = Array.prototype.slice.call(form.querySelectorAll("[data-when]"));
    var types = Array.prototype.slice.call(form.querySelectorAll("#format-types option"));
    var list = form.querySelector("#format-types");

    function look() {
      fields.forEach(function (field) {
        var parts = field.dataset.when.split(":");
        var matters = parts[1].split(",").indexOf(valueOf(form, parts[0])) >= 0;
        field.hidden = !matters && !filled(field) && !field.classList.contains("error");
      });
      var wanted = valueOf(form, "format_class");
      if (list && list.dataset.shown !== wanted) {
        list.replaceChildren.apply(list, types.filter(function (type) { return !wanted || type.dataset.class === wanted; }));
        list.dataset.shown = wanted;
      }
    }
    form.addEventListener("change", look);
    look();
  }

  function ready() {
    document.querySelectorAll("form.cq-form").forEach(start);
    var errors = document.getElementById("form-errors");
    if (errors) { errors.focus(); }
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", ready); } else { ready(); }
})();
