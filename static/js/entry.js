// Paper forms typed by digits alone, one hand on the number pad. Without this script the same fields are a plain form.
// What is typed stays in this tab (sessionStorage) until the server has stored it: a reload, or a session that ends
// meanwhile, loses nothing.
"use strict";
(() => {
  const picking = document.querySelector("form.picking");
  const form = document.querySelector("form.typing");
  const save = document.getElementById("save");
  let sent = false;
  const once = e => {
    if (sent) e.preventDefault();
    sent = true;
  };
  addEventListener("pageshow", () => { sent = false; });

  if (picking) {
    const picks = [...picking.querySelectorAll(".pick")];
    const next = () => {
      const open = picks.find(p => !p.querySelector("input:checked"));
      (open ? open.querySelector("input") : save).focus();
    };
    picking.addEventListener("keydown", e => {
      const pick = e.target.closest(".pick");
      if (pick && (e.key === "1" || e.key === "2")) {
        e.preventDefault();
        pick.querySelectorAll("input")[e.key - 1].checked = true;
        next();
      } else if (e.key === "-" || e.key === "Backspace") {
        e.preventDefault();
        const at = pick ? picks.indexOf(pick) - 1 : picks.length - 1;
        if (at < 0) return;
        picks[at].querySelectorAll("input").forEach(i => { i.checked = false; });
        picks[at].querySelector("input").focus();
      } else if (e.key === "+" && e.target === save) {
        e.preventDefault();
        save.click();
      }
    });
    picking.addEventListener("submit", once);
    next();
    return;
  }
  if (!form) return;

  const rows = [...form.querySelectorAll(".ask")];
  const field = row => row.querySelector("input, textarea");
  const row = code => rows.find(r => r.dataset.code === code);
  const says = form.querySelector(".says");
  const undo = document.getElementById("undo");
  const comment = document.getElementById("comment");
  const behalf = document.getElementById("behalf");
  const key = "hailong-entry-" + form.dataset.key;
  const blank = ".";
  let armed = false; // one more step back takes the last form back

  const say = text => {
    says.textContent = text;
    says.hidden = !text;
  };

  const reached = r => {
    const d = r.dataset;
    if (!d.if) return true;
    const cause = row(d.if);
    const value = cause && reached(cause) ? field(cause).value : "";
    const among = list => list.split(",").includes(value);
    return d.in ? among(d.in) : !among(d.not);
  };
  const shown = () => rows.filter(r => !r.hidden);

  const sumOf = r => {
    const value = field(r).value;
    if (r.hidden || r.dataset.kind === "text" || !/\d/.test(value)) return 0;
    if (r.dataset.kind !== "multiple") return Number(value);
    return value.replace(/\D/g, "").split("").reduce((sum, d) => sum + Number(d), 0);
  };

  const keep = () => {
    const values = {};
    rows.forEach(r => { values[r.dataset.code] = field(r).value; });
    const id = form.elements.submission_id;
    const draft = { id: id && id.value, values, behalf: !!behalf && behalf.checked, comment: comment ? comment.value : "" };
    try {
      sessionStorage.setItem(key, JSON.stringify(draft));
    } catch { /* the tab keeps nothing: a reload begins anew */ }
  };

  // What stands on the page follows from the values, always as a whole.
  const refresh = () => {
    let whole = 0;
    rows.forEach(r => { r.hidden = !reached(r); });
    form.querySelectorAll(".leaf[data-page]").forEach(leaf => {
      const sum = [...leaf.querySelectorAll(".ask")].reduce((n, r) => n + sumOf(r), 0);
      leaf.querySelector(".pagesum").textContent = sum;
      whole += sum;
    });
    form.querySelector(".formsum").textContent = whole;
    rows.forEach(r => {
      const value = field(r).value;
      r.classList.toggle("typed", value !== "");
      r.querySelectorAll(".rings li").forEach(li => {
        li.classList.toggle("is", r.dataset.kind === "multiple" ? value.includes(li.dataset.digit) : value === li.dataset.digit);
      });
    });
    keep();
  };

  const toward = el => {
    el.focus();
    if (el.select && el.type !== "checkbox") el.select();
    (el.closest(".ask") || el).scrollIntoView({ block: "center" });
  };
  const go = (r, step) => {
    const list = shown();
    const to = list[(r ? list.indexOf(r) : list.length) + step];
    if (to) toward(field(to));
    else if (step > 0) toward(save);
    return !!to;
  };
  const put = (r, value) => {
    field(r).value = value;
    armed = false;
    say("");
    refresh();
  };

  const back = r => {
    if (r && field(r).value !== "") {
      const value = field(r).value;
      put(r, value === blank ? "" : value.slice(0, -1));
      return;
    }
    if (go(r, -1)) {
      const before = document.activeElement.closest(".ask");
      if (before.dataset.kind !== "text") put(before, field(before).value.slice(0, -1));
      return;
    }
    if (!undo) return;
    if (armed) {
      form.reset();
      try {
        sessionStorage.removeItem(key);
      } catch { /* there is none */ }
      if (!sent) undo.requestSubmit();
    }
    armed = true;
    say(form.dataset.sayAgain);
  };

  const digit = (r, d) => {
    const { kind, options, most } = r.dataset;
    const was = field(r).value.replace(blank, "");
    const n = Number(d);
    if (kind === "scale5") {
      if (n > 5) return say(form.dataset.sayScale);
      put(r, d);
      go(r, 1);
    } else if (kind === "single") {
      const value = Number(options) > 9 ? was + d : d;
      if (value < 1 || value > Number(options)) return say(form.dataset.sayChoice);
      put(r, value);
      if (Number(value) * 10 > Number(options)) go(r, 1);
    } else if (kind === "multiple") {
      if (n < 1 || n > Number(options) || was.includes(d)) return say(form.dataset.sayChoice);
      put(r, was + d);
      if (was.length + 1 >= Number(most)) go(r, 1);
    } else {
      const value = was.length >= 2 && was !== "10" ? d : was + d;
      if (Number(value) > 100) return say(form.dataset.sayPercent);
      put(r, value);
      if (value.length === 3 || value.length === 2 && value !== "10") go(r, 1);
    }
  };

  // press does what a key means on a question; false leaves it to the browser.
  const press = (r, k) => {
    if (/^\d$/.test(k)) digit(r, k);
    else if (k === "." || k === ",") {
      put(r, blank);
      go(r, 1);
    } else if (k === "Enter" || k === "+") {
      if (field(r).value === "") put(r, blank);
      go(r, 1);
    } else if (k === "-" || k === "Backspace") back(r);
    else if (k === "ArrowDown") go(r, 1);
    else if (k === "ArrowUp") go(r, -1);
    else if (k === "/" && behalf) {
      behalf.checked = !behalf.checked;
      refresh();
    } else if (k === "*" && comment) toward(comment);
    else return k.length === 1;
    return true;
  };

  const inText = (e, r) => {
    if (e.key === "Enter" && !e.shiftKey) {
      e.preventDefault();
      if (r) go(r, 1);
      else toward(save);
    } else if (e.key === "Backspace" && e.target.value === "") {
      e.preventDefault();
      if (r) back(r);
      else go(null, -1);
    }
  };

  form.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    const r = e.target.closest(".ask");
    if (e.target.tagName === "TEXTAREA") inText(e, r);
    else if (r) {
      if (press(r, e.key)) e.preventDefault();
    } else if (e.target === save) {
      if (e.repeat && e.key === "Enter") e.preventDefault();
      else if (e.key === "+") save.click();
      else if (e.key === "-" || e.key === "Backspace") {
        e.preventDefault();
        back(null);
      } else if (e.key === "*" && comment) toward(comment);
      else if (e.key === "/" && behalf) {
        e.preventDefault();
        behalf.checked = !behalf.checked;
        refresh();
      } else return;
      if (e.key === "*") e.preventDefault();
    } else if (e.target === behalf && (e.key === "Enter" || e.key === "+")) {
      e.preventDefault();
      toward(save);
    }
  });

  // Keyboards on glass send no keys that mean anything, only what became of the field.
  form.addEventListener("beforeinput", e => {
    const r = e.target.closest(".ask");
    if (!r || e.target.tagName === "TEXTAREA") return;
    if (e.inputType === "insertText" || e.inputType === "insertCompositionText") {
      e.preventDefault();
      [...e.data || ""].forEach(k => {
        const now = document.activeElement.closest(".ask");
        if (now) press(now, k);
      });
    } else if (e.inputType === "deleteContentBackward") {
      e.preventDefault();
      back(r);
    }
  });
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  form.addEventListener("focusin", e => {
    const r = e.target.closest(".ask");
    rows.forEach(one => one.classList.toggle("now", one === r));
  });

  form.addEventListener("submit", e => {
    const open = shown().find(r => r.dataset.kind !== "text" && field(r).value === "");
    if (open) {
      e.preventDefault();
      say(form.dataset.sayEmpty);
      toward(field(open));
      return;
    }
    once(e);
  });
  if (undo) undo.addEventListener("submit", once);

  const restore = () => {
    let draft = null;
    try {
      draft = JSON.parse(sessionStorage.getItem(key));
    } catch { /* none */ }
    const id = form.elements.submission_id;
    const fixed = Number(form.elements.sheet.value) > 0;
    if (!draft || "filled" in form.dataset || draft.id && draft.id === form.dataset.saved) return;
    if (id && fixed && draft.id !== id.value) return;
    if (id && draft.id) id.value = draft.id;
    rows.forEach(r => { field(r).value = draft.values[r.dataset.code] || ""; });
    if (behalf) behalf.checked = draft.behalf;
    if (comment) comment.value = draft.comment;
  };

  form.classList.add("guided");
  restore();
  refresh();
  const wrong = rows.find(r => r.classList.contains("wrong"));
  const open = wrong || shown().find(r => field(r).value === "" && r.dataset.kind !== "text");
  toward(open ? field(open) : save);
})();
