// The kiosk shows one screen at a time of a page that holds them all, for whoever stands before the tablet. What it
// takes goes into the outbox at once, under the pass that the server gave for the PIN, and from there to the server
// when that can be reached. Nothing of an answer stands in the page: it is kept here until it is given, then there only.
//
// Kept beside the outbox's answers is {id, pass, term, salt, lock, wrong, until, left, last, skew}: the pass and the
// term of its PIN; a slow hash of the PIN, made here, so that staff can leave without network; how often a wrong one was
// typed and until when none is taken; whether staff stopped it; when it last took an answer; how far its clock is off.
(() => {
	"use strict";
	const root = document.querySelector("#kiosk"), d = root.dataset, box = self.outbox;
	if (!d.term) return;
	const key = "kiosk " + d.token, second = 1e3, minute = 6e4, day = 1440;
	const thanks = 4 * second, padIdle = 30 * second, hold = 1500, ghost = 400, rounds = 3e5, most = 12;
	let me = {id: key}, lang = "vi", screen = "", at = 0, answers = {}, typed = "", after;
	let busy, cut, touched = 0, shown = 0, until = 0, pressed, asked = 0, wake, trapped;

	const face = () => root.querySelector(`.face[lang=${lang}]`);
	const all = selector => Array.from(root.querySelectorAll(selector));
	const questions = () => Array.from(face().querySelectorAll("[data-screen=ask]"));
	const clock = () => Date.now() + (me.skew || 0);
	// The civil time of Vietnam, all year at UTC+7, as if it were UTC.
	const civil = () => new Date(clock() + 7 * 60 * minute);
	const save = () => box.use(s => s.put(me));
	const running = () => me.pass && me.term === d.term && !me.left;

	const open = () => {
		const now = civil(), m = now.getUTCHours() * 60 + now.getUTCMinutes();
		return JSON.parse(d.hours)[(now.getUTCDay() + 6) % 7].some(([from, to]) => m >= from && m < to);
	};

	const draw = focus => {
		document.documentElement.lang = lang;
		for (const f of all(".face")) f.hidden = f.lang !== lang;
		const q = questions();
		for (const e of all("[data-screen]")) {
			e.hidden = e.dataset.screen !== screen || screen === "ask" && e.dataset.code !== q[at].dataset.code;
		}
		for (const e of all(".back")) e.hidden = !at;
		for (const e of all(".skip")) e.hidden = d.pulse !== undefined && !at;
		for (const e of all(".cut")) e.hidden = !cut;
		root.dataset.on = screen;
		scrollTo(0, 0);
		const h = focus && Array.from(face().querySelectorAll("h1")).find(e => e.offsetParent);
		if (h) h.focus({preventScroll: true});
	};

	const show = (name, focus = true) => {
		screen = name;
		shown = performance.now();
		typed = "";
		dots();
		draw(focus);
	};

	// reset is for the next person: nothing of the one before stays.
	const reset = focus => {
		answers = {};
		at = 0;
		lang = "vi";
		until = 0;
		warn(me.pass && me.term !== d.term ? "term" : "");
		show(!running() ? "start" : open() ? "ask" : "closed", focus);
	};

	const warn = what => {
		for (const e of all("[data-when]")) e.hidden = e.dataset.when !== what;
	};

	const applies = q => {
		const {if: cause, in: some, not: none} = q.dataset, given = answers[cause];
		if (!cause) return true;
		return some ? some.split(" ").includes(given) : given !== undefined && !none.split(" ").includes(given);
	};

	// step goes to the next screen that is meant for this person, or back to the one before.
	const step = by => {
		const q = questions();
		let to = screen === "send" ? q.length + by : at + by;
		while (q[to] && !applies(q[to])) {
			delete answers[q[to].dataset.code];
			to += by;
		}
		if (to < 0) return;
		if (q[to]) {
			at = to;
			show("ask");
		} else if (d.pulse !== undefined) finish();
		else if (Object.keys(answers).length) show("send");
		else reset(true);
	};

	// finish keeps the answers before it thanks for them.
	const finish = async () => {
		if (busy || !Object.keys(answers).length) return;
		busy = true;
		const given = civil().toISOString().slice(0, 13), now = Date.now(), id = self.freshID();
		const body = String(new URLSearchParams({form: "short", lang, submission_id: id, form_token: me.pass, ...answers}));
		answers = {};
		at = 0;
		me.last = now;
		try {
			await Promise.race([
				box.use(s => {
					s.put(me);
					s.add({id, to: new URL(d.to, location).href, body, given, at: now, next: 0});
				}),
				new Promise((_, late) => setTimeout(late, 5 * second))
			]);
			until = performance.now() + Math.max(thanks, d.interval * second);
			show("thanks");
		} catch (e) {
			until = performance.now() + 2 * thanks;
			show("failed");
		}
		busy = false;
		box.now();
		if (navigator.serviceWorker) navigator.serviceWorker.ready.then(w => w.sync.register("outbox")).catch(() => {});
	};

	const full = () => {
		const e = document.documentElement;
		if (!document.fullscreenElement && e.requestFullscreen) e.requestFullscreen({navigationUI: "hide"}).catch(() => {});
	};

	const awake = async () => {
		try {
			wake = wake && !wake.released ? wake : await navigator.wakeLock.request("screen");
		} catch (e) {}
	};

	// trap lets Back lead to this page again.
	const trap = () => {
		if (!trapped) history.pushState(1, "");
		trapped = true;
	};

	const dots = () => {
		for (const e of all(".dots b")) e.textContent = typed.length;
		for (const e of all(".dots i")) e.textContent = "•".repeat(typed.length);
	};

	// slow is a hash that takes its time, so that a PIN is not soon guessed from it.
	const slow = async (pin, salt) => {
		const k = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
		const bits = await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-256", salt: new TextEncoder().encode(salt), iterations: rounds}, k, 256);
		return Array.from(new Uint8Array(bits)).join(" ");
	};

	// check says what is wrong with a PIN, "" if nothing is: here where this device knows it, else by the server, which
	// then gives the pass.
	const check = async pin => {
		if (me.lock && me.term === d.term && self.crypto.subtle) return await slow(pin, me.salt) === me.lock ? "" : "wrong";
		let a, gave;
		try {
			a = await fetch(location.pathname, {method: "POST", body: new URLSearchParams({pin}), headers: {Accept: "application/json"}, redirect: "error"});
			gave = await a.json();
		} catch (e) {
			return "cut";
		}
		if (a.status === 403) return "wrong";
		if (a.status === 429) return "wait";
		if (!a.ok || !gave.pass) return "cut";
		d.term = gave.term;
		Object.assign(me, {pass: gave.pass, term: gave.term, lock: ""});
		if (self.crypto.subtle) {
			me.salt = self.freshID();
			me.lock = await slow(pin, me.salt);
		}
		return "";
	};

	// resting says whether no PIN is taken for now. A longer rest than there is means that the clock was put back.
	const resting = () => me.until > Date.now() && me.until - Date.now() <= 5 * minute;

	const enter = async () => {
		if (busy || !typed) return;
		if (resting()) return warn("wait");
		busy = true;
		const pin = typed, starts = after === "start";
		typed = "";
		dots();
		if (starts) full();
		let bad = "store";
		try {
			// A wrong one is counted before it is looked at, so that a reload does not begin anew.
			me.wrong = (me.wrong || 0) + 1;
			me.until = me.wrong < 3 ? 0 : Date.now() + Math.min(2 ** (me.wrong - 2) * 15 * second, 5 * minute);
			await save();
			bad = await check(pin);
			if (bad === "cut") me.wrong--;
			if (!bad) {
				Object.assign(me, {wrong: 0, until: 0});
				if (starts) me.left = false;
			}
			await save();
		} catch (e) {
			bad = bad || "store";
		}
		busy = false;
		if (screen !== "pin") return;
		if (bad === "store") show("start");
		warn(bad);
		if (bad) return;
		if (!starts) return panel();
		begin();
		reset(true);
	};

	const begin = () => {
		trap();
		awake();
		if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
	};

	// panel tells staff what waits and what became of the rest.
	const panel = async () => {
		const kept = await box.use(s => s.getAll()), of = name => kept.find(r => r.id === name) || {n: 0};
		const last = of("sent").last;
		const said = {
			unsent: kept.filter(r => r.body).length, sent: of("sent").n, refused: of("refused").n,
			last: last ? new Date(last).toLocaleString(lang, {dateStyle: "short", timeStyle: "short"}) : "–"
		};
		for (const e of all("[data-count]")) e.textContent = said[e.dataset.count];
		if (screen !== "staff") show("staff");
	};

	const leave = async () => {
		me.left = true;
		await save();
		if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
		if (wake) wake.release();
		reset();
	};

	const pin = then => {
		after = then;
		answers = {};
		at = 0;
		warn(resting() ? "wait" : "");
		show("pin");
	};

	const acts = {
		lang: b => {
			lang = b.value;
			draw(true);
		},
		answer: b => {
			// Told once of a person, with nothing of them, as on a phone.
			if (!Object.keys(answers).length) fetch(d.to + "/start", {method: "POST", credentials: "omit", keepalive: true}).catch(() => {});
			answers[questions()[at].dataset.code] = b.value;
			if (!me.left) full();
			step(1);
		},
		skip: () => {
			delete answers[questions()[at].dataset.code];
			step(1);
		},
		back: () => step(-1),
		send: () => finish(),
		pin: () => pin("start"),
		key: b => {
			if (typed.length < most) typed += b.value;
			warn();
			dots();
		},
		erase: () => {
			typed = typed.slice(0, -1);
			dots();
		},
		enter,
		home: () => reset(true),
		flush: () => {
			box.now();
			panel();
		},
		full,
		leave,
		corner: () => pin(running() ? "staff" : "start")
	};

	// rest ends what somebody left behind: a pulse is answered by its tap, a form that nobody sent is forgotten.
	const rest = () => {
		if (screen === "ask" && d.pulse !== undefined && Object.keys(answers).length) finish();
		else reset();
	};

	const tick = () => {
		const now = performance.now(), quiet = now - touched;
		if (screen === "thanks" || screen === "failed") {
			if (now >= until) reset(true);
		} else if (screen === "pin" || screen === "staff") {
			if (quiet > padIdle) reset();
			else if (screen === "staff") panel();
		} else if (screen === "ask" && (at || lang !== "vi") || screen === "send") {
			if (quiet > d.idle * second) rest();
		} else if (screen !== (!running() ? "start" : open() ? "ask" : "closed")) reset();
		else if (lang !== "vi" && quiet > d.idle * second) reset();
		if (now - asked > (cut ? 30 * second : 5 * minute)) renew();
	};

	const idle = () => ["ask", "closed", "start"].includes(screen) && !at && !Object.keys(answers).length && lang === "vi";

	// renew asks for the page as it is now: other hours or questions, another PIN, the right time. It is taken in when
	// nobody is at it, without loading it, which would end the full screen.
	const renew = async () => {
		asked = performance.now();
		const was = cut;
		try {
			const a = await fetch(location.pathname, {headers: {Accept: "text/html"}, redirect: "error"});
			cut = a.status >= 500;
			if ([404, 410].includes(a.status) && idle()) return location.reload();
			const fresh = new DOMParser().parseFromString(await a.text(), "text/html").querySelector("#kiosk");
			if (a.ok && fresh) {
				const skew = fresh.dataset.now - Date.now();
				me.skew = Math.abs(skew) > minute ? skew : 0;
				if (idle() && fresh.dataset.term) {
					const now = all(".face"), next = Array.from(fresh.querySelectorAll(".face"));
					Object.assign(d, fresh.dataset);
					if (!("pulse" in fresh.dataset)) delete d.pulse;
					if (now.map(plain).join() !== next.map(plain).join()) now.forEach((e, i) => e.replaceWith(next[i]));
					draw();
				}
			}
		} catch (e) {
			cut = true;
		}
		if (cut !== was) draw();
		if (!cut) box.now();
	};

	// plain is what a face says, without what this script has put in, and what is there for want of scripts only.
	const plain = e => {
		const copy = e.cloneNode(true);
		for (const h of copy.querySelectorAll("[data-count], .dots, noscript")) h.remove();
		return copy.textContent;
	};

	root.addEventListener("click", e => {
		const b = e.target.closest("[data-do]");
		touched = performance.now();
		if (!b || busy) return;
		// The second half of a double tap must not answer the next question. Keys have no such half.
		if (e.detail && b.dataset.do !== "key" && touched - shown < ghost) return;
		if (b.dataset.do === "corner" && e.detail) return;
		acts[b.dataset.do](b);
	});

	root.addEventListener("pointerdown", e => {
		touched = performance.now();
		clearTimeout(pressed);
		if (e.target.closest(".corner")) pressed = setTimeout(acts.corner, hold);
	});
	for (const name of ["pointerup", "pointercancel", "pointerleave"]) root.addEventListener(name, () => clearTimeout(pressed));

	addEventListener("keydown", e => {
		touched = performance.now();
		// Nothing that a browser does by keys leads out, and a key that is held answers once.
		if (e.ctrlKey || e.metaKey || e.altKey || /^F\d/.test(e.key) || e.repeat && e.key !== "Tab") e.preventDefault();
		if (screen !== "pin" || e.ctrlKey || e.metaKey || e.altKey) return;
		if (/^\d$/.test(e.key)) acts.key({value: e.key});
		else if (e.key === "Backspace") acts.erase();
		else if (e.key === "Escape") acts.home();
		else if (e.key === "Enter" && !e.target.closest("button")) enter();
	});

	for (const name of ["contextmenu", "dragstart", "gesturestart", "selectstart"]) addEventListener(name, e => e.preventDefault());
	addEventListener("wheel", e => e.ctrlKey && e.preventDefault(), {passive: false});
	addEventListener("popstate", () => {
		trapped = false;
		if (running()) trap();
	});
	addEventListener("online", renew);
	addEventListener("offline", () => {
		cut = true;
		draw();
	});
	// Neither a page that is left nor one that comes back shows what was being answered.
	addEventListener("pagehide", () => screen === "ask" && rest());
	addEventListener("pageshow", e => e.persisted && reset());
	document.addEventListener("visibilitychange", () => document.hidden || running() && awake());

	const start = async () => {
		try {
			me = await box.use(s => s.get(key)) || me;
		} catch (e) {
			reset();
			return warn("store");
		}
		cut = !navigator.onLine;
		reset();
		const left = me.last + d.interval * second - Date.now();
		if (running()) {
			begin();
			// A reload does not shorten the interval.
			if (left > 0 && left <= d.interval * second) {
				until = performance.now() + left;
				show("thanks", false);
			}
		}
		root.dataset.ready = true;
		setInterval(tick, second / 2);
		renew();
		if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js", {scope: "/k/"}).catch(() => {});
	};
	start();
})();
