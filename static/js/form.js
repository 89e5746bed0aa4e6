// The citizen's form, one question a screen. Without this script the same form is one page; both send the same
// fields. It never touches the sending itself, and it asks no other host for anything.
"use strict";
(() => {
const root = document.documentElement;
const all = (from, selector) => Array.from(from.querySelectorAll(selector));

// A phone may refuse storage: then nothing is kept, and nothing else breaks.
const read = (store, key) => {
  try { return window[store].getItem(key) || ""; } catch (refused) { return ""; }
};
const keep = (store, key, value) => {
  try {
    if (value) window[store].setItem(key, value); else window[store].removeItem(key);
  } catch (refused) { /* not kept */ }
};

// Text size and contrast are kept on this phone only.
const looks = document.getElementById("looks");
if (looks) {
  const buttons = all(document.body.appendChild(looks.content.firstElementChild.cloneNode(true)), "button");
  const show = () => {
    for (const b of buttons) b.setAttribute("aria-pressed", String((root.dataset[b.name] || "") === b.value));
  };
  for (const b of buttons) {
    if (read("localStorage", "hailong." + b.name) === b.value) root.dataset[b.name] = b.value;
    b.addEventListener("click", () => {
      const off = b.name === "contrast" && root.dataset.contrast === b.value;
      root.dataset[b.name] = off ? "" : b.value;
      keep("localStorage", "hailong." + b.name, root.dataset[b.name]);
      show();
    });
  }
  show();
}

// What is answered so far stays in this tab until it is sent, under the path of the form. Whoever sends the form
// without leaving the page says so with an event "sent" on it.
const draftOf = path => "hailong.draft." + path;
const sent = /^(\/s\/[^/]+)\/thanks$/.exec(location.pathname);
if (sent) keep("sessionStorage", draftOf(sent[1]), "");

const steps = document.getElementById("steps");
const form = document.querySelector("form[method=post]");
if (!steps || !form) return;

const draft = draftOf(form.getAttribute("action"));
const draftLasts = 2 * 60 * 60 * 1000; // ms; later somebody else may hold the phone
const screens = all(form, ".q");
const fields = Array.from(form.elements).filter(e => e.name && e.type !== "hidden");
const ticks = e => e.type === "radio" || e.type === "checkbox";
const filled = e => ticks(e) ? e.checked : e.value.trim() !== "";
const codeOf = q => q.querySelector("[name]").name;

// reached is the rule of the server: an answer that was skipped over counts for nothing.
const reached = q => {
  const { if: code, in: yes, not: no } = q.dataset;
  if (!code) return true;
  const cause = screens.find(s => codeOf(s) === code);
  const given = cause && reached(cause) ? fields.filter(e => e.name === code && filled(e)).map(e => e.value) : [];
  const hit = given.some(v => (yes || no).split(" ").includes(v));
  return yes ? hit : !hit;
};
const from = (i, by) => {
  do i += by; while (screens[i] && !reached(screens[i]));
  return screens[i] ? i : -1;
};

const pieces = steps.content.cloneNode(true);
const [bar, hear, nav] = [".bar", ".hear", ".nav"].map(s => pieces.querySelector(s));
const [next, prev, skip, left] = [".next", ".prev", ".skip", ".left"].map(s => nav.querySelector(s));
const send = form.querySelector(".send");
const title = document.title;
let at = 0, timer = 0, done = false, returning = 0;

const save = () => {
  const value = { t: Date.now(), at: codeOf(screens[at]), fields: fields.filter(filled).map(e => [e.name, e.value]) };
  for (const name of ["submission_id", "form_token"]) value[name] = form.elements[name].value;
  if (!done) keep("sessionStorage", draft, JSON.stringify(value));
};
const restore = () => {
  let old = null;
  try { old = JSON.parse(read("sessionStorage", draft)); } catch (broken) { /* none */ }
  if (!old || !Array.isArray(old.fields) || !(Date.now() - old.t < draftLasts)) return false;
  for (const e of fields) {
    const own = old.fields.filter(f => f[0] === e.name);
    if (ticks(e)) e.checked = own.some(f => f[1] === e.value); else if (own.length) e.value = own[0][1];
  }
  // The id too, so that nobody is counted twice, and the token, so that the time they took is the true one.
  for (const name of ["submission_id", "form_token"]) form.elements[name].value = old[name];
  at = Math.max(0, screens.findIndex(q => codeOf(q) === old.at));
  return true;
};

const timeLeft = () => {
  let seconds = 0;
  for (let i = at; i >= 0; i = from(i, 1)) seconds += screens[i].querySelector("textarea") ? 15 : 6;
  const words = steps.dataset;
  return seconds <= 30 ? words.soon : seconds < 90 ? words.minute : words.minutes.replace("#", Math.round(seconds / 60));
};

const show = (i, focus) => {
  clearTimeout(timer);
  if (window.speechSynthesis) speechSynthesis.cancel();
  at = i;
  const last = from(i, 1) < 0;
  screens.forEach((q, n) => { q.hidden = n !== i; });
  all(bar, "i").forEach((mark, n) => { mark.className = n <= i ? "on" : ""; });
  root.classList.toggle("later", i > 0);
  root.classList.toggle("last", last);
  send.hidden = !last;
  next.hidden = skip.hidden = left.hidden = last;
  prev.hidden = from(i, -1) < 0;
  left.textContent = timeLeft();
  save();
  if (!focus) return;
  const no = screens[i].querySelector(".no b"), heading = screens[i].querySelector("h2");
  document.title = no.textContent + " – " + title;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
};
// still keeps the second of two quick taps from landing on the next question.
const still = () => {
  root.classList.add("still");
  setTimeout(() => root.classList.remove("still"), 350);
};
const remember = (how, n) => {
  try { history[how]({ at, n }, ""); } catch (refused) { /* Back leaves the form then */ }
};
const depth = () => (history.state && history.state.n) || 0;
const onward = event => {
  const i = from(at, 1);
  if (i < 0) return;
  const n = depth() + 1;
  show(i, true);
  remember("pushState", n);
  if (!event || event.detail) still();
};

next.addEventListener("click", onward);
skip.addEventListener("click", event => {
  for (const e of fields.filter(f => screens[at].contains(f))) if (ticks(e)) e.checked = false; else e.value = "";
  onward(event);
});
prev.addEventListener("click", event => {
  if (returning) return; // twice back could leave the form
  if (event.detail) still();
  if (depth()) {
    returning = setTimeout(() => { returning = 0; }, 1000);
    history.back();
    return;
  }
  show(from(at, -1), true);
  remember("replaceState", 0);
});
addEventListener("popstate", event => {
  clearTimeout(returning);
  returning = 0;
  const i = event.state ? event.state.at : -1;
  if (screens[i]) show(reached(screens[i]) ? i : from(i, -1), true);
});

// A tap on an answer goes on by itself. Keys and screen readers, whose clicks have no pointer behind them, do not:
// they look through the answers first.
let helped = false;
form.addEventListener("pointerdown", e => {
  helped = !e.width && !e.height || e.width === 1 && e.height === 1 && !e.pressure && e.pointerType === "mouse";
});
form.addEventListener("click", e => {
  if (e.target.type !== "radio") return;
  clearTimeout(timer);
  if (e.detail && !e.buttons && !helped) timer = setTimeout(onward, 400);
});
form.addEventListener("keydown", e => {
  if (e.key !== "Enter" || e.isComposing || !send.hidden || e.target.tagName !== "INPUT") return;
  e.preventDefault(); // it would send the form
  onward({});
});
form.addEventListener("input", save);
form.addEventListener("change", save);

// That somebody has begun is told once, with nothing of them. Where it cannot be told, it is not counted.
const begin = () => {
  form.removeEventListener("input", begin);
  fetch(form.getAttribute("action") + "/start", { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
};
form.addEventListener("sent", () => { done = true; keep("sessionStorage", draft, ""); });

// Only a voice that lives on the phone may read: another would send the question away.
if (window.speechSynthesis && window.SpeechSynthesisUtterance) {
  const voice = () => speechSynthesis.getVoices().find(v => v.localService && v.lang.toLowerCase().startsWith(root.lang));
  const offer = () => { hear.hidden = !voice(); };
  offer();
  speechSynthesis.onvoiceschanged = offer;
  hear.addEventListener("click", () => {
    if (speechSynthesis.speaking) { speechSynthesis.cancel(); return; }
    const texts = all(screens[at], "h2, .ask, .hint, .warn, .o label").map(e => e.textContent.trim());
    const words = new SpeechSynthesisUtterance(texts.join(". "));
    words.voice = voice();
    words.lang = words.voice.lang;
    words.rate = 0.9;
    speechSynthesis.speak(words);
  });
}

// Somebody may have scrolled and answered before this script came: they go on where they are.
const before = restore();
if (!fields.some(filled)) form.addEventListener("input", begin); else if (!before) begin();
if (before) {
  const i = history.state ? history.state.at : -1;
  if (screens[i]) at = i;
} else {
  const here = screens.findIndex(q => q.getBoundingClientRect().bottom > 120);
  at = scrollY > 0 ? Math.max(0, here) : 0;
}
if (!reached(screens[at])) at = Math.max(0, from(at, -1));
for (let i = screens.length - 1; i > 0; i--) bar.appendChild(document.createElement("i"));
bar.classList.toggle("many", screens.length > 13);
form.parentNode.prepend(bar);
form.before(hear);
send.after(nav);
const tip = all(document, ".intro .hint span");
tip.forEach(s => { s.hidden = !s.hidden; });
root.classList.add("steps");
show(at, false);
remember("replaceState", depth());
if (at > 0) scrollTo(0, 0);
})();
