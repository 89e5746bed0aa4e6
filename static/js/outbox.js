// The outbox keeps an answer on the phone until the server has it. Pages run it, and the service worker does, so that
// there is one way of sending. Where anything that it needs is missing or refused, the browser sends the plain form.
//
// Kept is {id, to, body, given, at, next}: the submission id, the address, the form's bytes as a browser would send
// them, the civil hour it was given, and, in ms, since when and until when to leave it alone. Once sent, nothing of an
// answer stays: only a count, {id: "sent" or "refused", n, last}, until it has been told.
// A kiosk puts its answers here too, beside what it keeps of its own, and tells staff.
(() => {
	"use strict";
	const box = "outbox", minute = 6e4, hour = 60 * minute, day = 24 * hour;
	// After three months at the earliest the server forgets an id, and would store a repeat again.
	const longest = 60 * day;
	let opened;

	const open = () => opened = opened || new Promise((done, fail) => {
		const asked = indexedDB.open("hailong", 1);
		asked.onupgradeneeded = () => asked.result.createObjectStore(box, {keyPath: "id"});
		asked.onerror = asked.onblocked = () => fail(asked.error);
		asked.onsuccess = () => {
			const db = asked.result;
			db.onversionchange = db.onclose = () => {
				db.close();
				opened = null;
			};
			done(db);
		};
	});

	// use does one piece of work that is kept whole or not at all, even when the battery goes.
	const use = async work => {
		const db = await open();
		return new Promise((done, fail) => {
			const t = db.transaction(box, "readwrite", {durability: "strict"}), asked = work(t.objectStore(box));
			t.oncomplete = () => done(asked && asked.result);
			t.onerror = t.onabort = e => fail(e.target.error);
		});
	};

	// change looks at what is kept under an id, if it is there still: another tab may have sent it.
	const change = (id, then) => use(s => {
		s.get(id).onsuccess = e => e.target.result && then(s, e.target.result);
	});

	// end takes an answer out and counts what became of it. Of two who end the same one, one does.
	const end = (id, as) => change(id, s => {
		s.delete(id);
		if (as) s.get(as).onsuccess = e => s.put({id: as, n: (e.target.result || {n: 0}).n + 1, last: Date.now()});
	});

	// deliver sends an answer and says "sent", "refused", or for how many ms to leave it alone. Only what bears our own
	// server's marks is believed: the login page of a hotspot is neither.
	const deliver = async (r, late) => {
		const cut = new AbortController(), timer = setTimeout(() => cut.abort(), late ? 3e4 : 1e4);
		try {
			const a = await fetch(r.to, {
				method: "POST",
				body: r.body + (late ? "&given=" + r.given : ""),
				headers: {"Content-Type": "application/x-www-form-urlencoded", Accept: "application/json"},
				redirect: "error",
				keepalive: true,
				signal: cut.signal
			});
			const type = a.headers.get("Content-Type") || "";
			if (a.ok && (r.code = (await a.json()).receipt)) {
				r.thanks = a.headers.get("Location");
				return "sent";
			}
			if (a.status >= 400 && a.status < 500 && ![408, 425, 429].includes(a.status) && type.includes("problem+json")) return "refused";
			return Math.min(a.headers.get("Retry-After") * 1e3 || 0, hour);
		} catch (e) {
			return 0;
		} finally {
			clearTimeout(timer);
		}
	};

	const ended = {};
	const note = (id, as, code) => {
		ended[id] = [as, code];
		if (!self.BroadcastChannel) return;
		const c = new BroadcastChannel(box);
		c.postMessage([id, as, code]);
		c.close();
	};

	// alone keeps two tabs from sending at once, where the browser can; where not, the server stores a repeat once.
	const alone = work => navigator.locks ? navigator.locks.request(box, {ifAvailable: !!self.document}, lock => lock && work()) : work();

	// flush sends what waits, one after the other until one does not get through, and says how many are left.
	const flush = () => alone(async () => {
		let left = 0, stop = false;
		for (const r of await use(s => s.getAll())) {
			if (!r.body) continue;
			const rest = r.next - Date.now();
			// A longer rest than an hour is a clock that was put back.
			const as = stop || rest > 0 && rest < hour ? null : await deliver(r, true);
			if (as === "sent" || as === "refused") {
				await end(r.id, as);
				note(r.id, as, r.code);
			} else if (as !== null && Date.now() - r.at > longest) {
				await end(r.id, "refused");
				note(r.id, "refused");
			} else {
				left++;
				if (as === null) continue;
				stop = true;
				await change(r.id, (s, r) => s.put(Object.assign(r, {next: Date.now() + as})));
			}
		}
		return left;
	});

	// A fresh submission id, for whoever answers next.
	self.freshID = () => {
		const b = crypto.getRandomValues(new Uint8Array(16));
		b[6] = b[6] & 15 | 64;
		b[8] = b[8] & 63 | 128;
		return Array.from(b, x => x.toString(16).padStart(2, "0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
	};

	if (!self.document) {
		self.addEventListener("sync", e => e.tag === box && e.waitUntil(flush().then(left => left && Promise.reject(left))));
		return;
	}

	const find = selector => document.querySelector(selector);
	const line = find("#outbox"), kept = find("#kept"), form = kept && find("form[method=post]");
	const told = {sent: 0, refused: 0};
	let mine, state, busy, running, more, timer, pause;

	const say = lines => {
		const text = lines.map(l => l[1]).join("\n");
		if (line.dataset.text === text) return;
		line.dataset.text = text;
		line.className = lines.length ? lines[0][0] : "";
		line.textContent = "";
		for (const [kind, words] of lines) {
			const p = document.createElement("p");
			p.className = kind;
			p.textContent = words;
			line.append(p);
		}
	};

	const counted = (kind, n) => [kind, line.dataset[kind].split("|")[n === 1 ? 0 : 1].replace("2", n)];

	// report says what waits and, to the first page that is looked at, what became of the rest.
	const report = async () => {
		if (!line || document.hidden || busy) return;
		const all = await use(s => {
			const asked = s.getAll();
			asked.onsuccess = () => asked.result.forEach(r => r.n && s.delete(r.id));
			return asked;
		});
		for (const r of all) if (r.n) told[r.id] += r.n;
		const left = all.filter(r => r.body);
		say([["waiting", left.length], ["sent", told.sent], ["refused", told.refused]].filter(l => l[1]).map(l => counted(...l)));
		if (state === "waiting" && !left.some(r => r.id === mine.id)) show(...ended[mine.id] || ["sent"]);
	};

	// show puts what became of this page's answer in the place of its form.
	const show = (as, receipt) => {
		state = as;
		for (const e of kept.querySelectorAll("[data-on]")) e.hidden = !e.dataset.on.includes(as);
		find("main").classList.add("held");
		kept.hidden = false;
		const head = Array.from(kept.querySelectorAll("h1")).find(h => h.offsetParent), code = kept.querySelector(".code");
		document.title = head.textContent;
		head.focus();
		scrollTo(0, 0);
		for (const four of /^[0-9A-Z]{12}$/.test(receipt) && !code.firstChild ? receipt.match(/.{4}/g) : []) {
			code.append(document.createElement("span"), " ");
			code.lastElementChild.textContent = four;
		}
		code.parentNode.hidden = !code.firstChild || as === "refused";
	};

	// receiptOf is as the server derives it; without WebCrypto (plain HTTP) the code is left out until it is sent.
	const receiptOf = async id => {
		if (!crypto.subtle) return "";
		const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("hailong receipt\0" + id));
		const bits = Array.from(new Uint8Array(sum, 0, 8), b => b.toString(2).padStart(8, "0")).join("");
		return bits.match(/.{5}/g).map(b => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[parseInt(b, 2)]).join("");
	};

	// run tries to send what waits, again and again with growing pauses while something is left.
	const run = async () => {
		more = running;
		if (running || busy) return;
		running = true;
		clearTimeout(timer);
		let left = 1;
		try {
			left = await flush();
			await report();
		} catch (e) {}
		running = false;
		if (more) return run();
		if (left !== 0) timer = setTimeout(run, pause * (.5 + Math.random()));
		pause = Math.min(2 * pause, 5 * minute);
	};

	const now = () => {
		pause = 5e3;
		if (!document.hidden) run();
	};
	self.outbox = {use, now};

	// bytes are those of the browser's own sending: lines end in CR LF.
	const bytes = () => {
		const q = new URLSearchParams(), lines = s => s.replace(/\r\n?|\n/g, "\r\n");
		for (const [name, value] of new FormData(form)) q.append(lines(name), lines(value));
		return String(q);
	};

	// renew empties the form under a fresh id: whoever goes back to it is somebody else, or has nothing to add.
	const renew = () => {
		form.reset();
		for (const e of form.elements) {
			if (e.type === "radio" || e.type === "checkbox") e.checked = false;
			else if (e.type !== "hidden") e.value = "";
		}
		form.elements.submission_id.value = self.freshID();
	};

	// taken tells the form's own script that the answer is in good hands: its draft may go.
	const taken = () => form.dispatchEvent(new Event("sent"));

	const plain = () => HTMLFormElement.prototype.submit.call(form);

	const send = async () => {
		const at = Date.now();
		// The civil hour of Vietnam, all year at UTC+7.
		const given = new Date(at + 7 * hour).toISOString().slice(0, 13);
		mine = {id: form.elements.submission_id.value, to: form.action, body: bytes(), given, at, next: at + minute};
		say([["now", line.dataset.sending]]);
		try {
			await Promise.race([use(s => s.add(mine)), new Promise((_, late) => setTimeout(late, 2e3))]);
		} catch (e) {
			if (!e || e.name !== "ConstraintError") throw e;
			// It is kept already: it stays as it was given the first time.
			mine = await use(s => s.get(mine.id)) || mine;
		}
		const as = await deliver(mine);
		if (as === "sent" || as === "refused") {
			await end(mine.id).catch(() => {});
			if (as === "refused") throw as; // the server's own page says why
			taken();
			renew();
			return location.assign(mine.thanks);
		}
		await change(mine.id, (s, r) => s.put(Object.assign(r, {next: Date.now() + as}))).catch(() => {});
		taken();
		show("waiting", await receiptOf(mine.id));
		busy = false;
		hear().catch(() => {});
		now();
	};

	// hear listens to other tabs, and asks the browser to wake the service worker when there is network again.
	const hear = async () => {
		if (self.BroadcastChannel) new BroadcastChannel(box).onmessage = e => {
			ended[e.data[0]] = e.data.slice(1);
			report();
		};
		const worker = await navigator.serviceWorker.ready;
		await worker.sync.register(box);
	};

	const start = async () => {
		if (!self.AbortController) return;
		await use(s => {
			s.put({id: "probe"});
			s.delete("probe");
		});
		if (line) line.dataset.ready = true;
		addEventListener("online", now);
		addEventListener("pageshow", e => {
			if (e.persisted) busy = false;
			now();
		});
		document.addEventListener("visibilitychange", now);
		now();
		if (!form) return;
		kept.querySelector("button").onclick = now;
		// The service worker gives a form's page where that of its thanks cannot be reached: the answer is stored.
		if (location.pathname.endsWith("/thanks")) show("sent", new URLSearchParams(location.search).get("r"));
		if (document.readyState !== "complete") await new Promise(done => addEventListener("load", done));
		await navigator.serviceWorker.register("/sw.js", {scope: "/s/"});
	};

	if (form) form.addEventListener("submit", e => {
		if (!line.dataset.ready) return;
		e.preventDefault();
		if (busy) return;
		busy = true;
		send().catch(plain);
	});
	start().catch(() => {});
})();
