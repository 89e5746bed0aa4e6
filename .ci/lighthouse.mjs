// Lighthouse's mobile audit of the citizen's pages of a running server:
//
//	node .ci/lighthouse.mjs BASE PATH…
//
// LIGHTHOUSE names a folder with lighthouse in its node_modules. Accessibility and best practices must be 100. The
// performance should be 95: it is the best of three looks and only told, since whatever else runs on the machine lowers it.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const need = createRequire(pathToFileURL(process.env.LIGHTHOUSE + "/"));
const load = name => import(pathToFileURL(need.resolve(name)));
const { default: lighthouse } = await load("lighthouse");
const chromeLauncher = await load("chrome-launcher");

const least = { performance: 0.95, accessibility: 1, "best-practices": 1 };
const [base, ...paths] = process.argv.slice(2);
const chrome = await chromeLauncher.launch({
	chromePath: "/usr/bin/chromium",
	chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
let failed = false;
try {
	for (const path of paths) {
		const best = {};
		let why = [];
		for (let look = 0; look < 3; look++) {
			const { lhr } = await lighthouse(base + path, { port: chrome.port, logLevel: "error", onlyCategories: Object.keys(least) });
			why = [];
			for (const [id, category] of Object.entries(lhr.categories)) {
				best[id] = Math.max(best[id] || 0, category.score || 0);
				for (const { id: audit, weight } of category.auditRefs) {
					const { score, title } = lhr.audits[audit];
					if (weight && score !== null && score < 0.9) why.push(`${id}: ${title} (${audit})`);
				}
			}
			if (Object.entries(least).every(([id, score]) => best[id] >= score)) break;
		}
		const short = Object.entries(least).filter(([id, score]) => !(best[id] >= score));
		const shown = path.replace(/(\/r\/|[?&]r=)[0-9A-Z]+/, "$1…");
		console.log(shown, Object.entries(best).map(([id, score]) => `${id} ${Math.round(score * 100)}`).join(", "));
		if (short.length) {
			failed ||= short.some(([id]) => id !== "performance");
			console.log(why.map(w => "  " + w).join("\n"));
		}
	}
} finally {
	await chrome.kill();
}
process.exit(failed ? 1 : 0);
