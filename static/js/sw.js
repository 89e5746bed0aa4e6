// The service worker keeps the forms that were opened on this phone usable without network, and lets the browser send
// what waits when it comes back. It keeps the pages of forms and the scripts that they name, nothing else: no staff
// page is in its scope, no receipt and no post is ever kept.
"use strict";
importScripts("@@outbox@@");
// It serves forms and kiosks apart, each with a cache of its own, so that none cleans up what the other lives on.
const kiosk = registration.scope.endsWith("/k/");
const prefix = kiosk ? "kiosk-" : "form-", current = prefix + "@@version@@", most = 8, patience = 4000;

const isForm = path => (kiosk ? /^\/k\/[^/]+$/ : /^\/s\/[^/]+$/).test(path);

// keyOf is the address that a form is kept under: what a scanner or a chat adds makes no other form of it.
const keyOf = address => {
	const from = new URL(address), [, kind, token] = from.pathname.split("/"), to = new URL("/" + kind + "/" + token.toUpperCase(), from);
	for (const name of ["form", "lang"]) {
		if (from.searchParams.has(name)) to.searchParams.set(name, from.searchParams.get(name));
	}
	return to.href;
};

// keep puts a page away, after the scripts that it names.
const keep = async (address, answer) => {
	const cache = await caches.open(current), key = keyOf(address);
	if (answer.status === 404 || answer.status === 410) await cache.delete(key);
	const html = answer.ok ? await answer.text() : "", headers = new Headers(answer.headers);
	if (!html.includes(kiosk ? 'id="kiosk"' : 'name="submission_id"')) return; // an error, or the login page of a hotspot
	for (const [, script] of html.matchAll(/<script[^>]* src="([^"]+)"/g)) {
		if (!await cache.match(script)) await cache.add(script);
	}
	headers.delete("Content-Encoding");
	await cache.delete(key);
	await cache.put(key, new Response(html, {headers}));
	const pages = (await cache.keys()).filter(r => isForm(new URL(r.url).pathname));
	for (const old of pages.slice(0, -most)) await cache.delete(old);
};

// kept is a page as it was put away, under a fresh submission id: each opening is another person's.
const kept = async address => {
	const cache = await caches.open(current), key = keyOf(address);
	const found = await cache.match(key) || await cache.match(key, {ignoreSearch: true});
	if (!found) return;
	const html = (await found.text()).replace(/(name="submission_id" value=")[^"]*/, (_, head) => head + self.freshID());
	return new Response(html, {headers: found.headers});
};

// form is the page from the network, or the kept one where that fails or takes too long.
const form = async event => {
	const address = event.request.url, fresh = (async () => await event.preloadResponse || fetch(event.request))();
	event.waitUntil(fresh.then(answer => keep(address, answer.clone())).catch(() => {}));
	const old = await kept(address).catch(() => {});
	if (!old) return fresh;
	return Promise.race([
		fresh.then(answer => answer.status < 500 ? answer : old, () => old),
		new Promise(done => setTimeout(done, patience, old))
	]);
};

// thanks is never kept. Where it cannot be reached the form's own page says that the answer is stored.
const thanks = async event => {
	try {
		return await event.preloadResponse || await fetch(event.request);
	} catch (e) {
		return await kept(event.request.url) || Response.error();
	}
};

self.addEventListener("fetch", event => {
	const {pathname, origin} = new URL(event.request.url);
	if (event.request.method !== "GET" || origin !== location.origin) return;
	if (event.request.mode !== "navigate") {
		if (isForm(pathname)) { // a kiosk asks for its page anew, and stays where it is
			const answer = fetch(event.request);
			event.waitUntil(answer.then(a => keep(event.request.url, a.clone())).catch(() => {}));
			event.respondWith(answer);
		} else if (pathname.startsWith("/static/")) {
			event.respondWith(caches.open(current).then(c => c.match(event.request)).then(found => found || fetch(event.request)));
		}
	} else if (isForm(pathname)) {
		event.respondWith(form(event));
	} else if (/^\/s\/[^/]+\/thanks$/.test(pathname)) {
		event.respondWith(thanks(event));
	}
});

// ahead fetches a page that nobody looks at now, and says so: it is no opening.
const ahead = address => fetch(address, {headers: {Purpose: "prefetch"}});

// A new program fetches the kept pages anew before it takes over. Where it cannot, the old one goes on.
self.addEventListener("install", event => event.waitUntil((async () => {
	const again = new Set(), open = new Set();
	for (const name of await caches.keys()) {
		if (!name.startsWith(prefix)) continue;
		for (const r of await (await caches.open(name)).keys()) {
			if (isForm(new URL(r.url).pathname)) again.add(r.url);
		}
	}
	for (const c of await self.clients.matchAll({includeUncontrolled: true, type: "window"})) {
		if (isForm(new URL(c.url).pathname)) open.add(keyOf(c.url));
	}
	for (const address of again) {
		const answer = await ahead(address);
		if (answer.status >= 500) throw answer.status;
		await keep(address, answer);
	}
	for (const address of open) {
		if (!again.has(address)) await ahead(address).then(answer => keep(address, answer)).catch(() => {});
	}
	await self.skipWaiting();
})()));

self.addEventListener("activate", event => event.waitUntil((async () => {
	for (const name of await caches.keys()) {
		if (name.startsWith(prefix) && name !== current) await caches.delete(name);
	}
	if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
	await self.clients.claim();
})()));
