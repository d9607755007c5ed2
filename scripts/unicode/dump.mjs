// dump.mjs turns an unpacked npm package into plain text on standard output,
// one fact a line, for the Go program beside it. The packages hold their data
// as JavaScript modules with three packed forms, so reading them takes Node.
//
//	node dump.mjs unicode DIR   a @unicode/unicode-X.Y.Z package
//	node dump.mjs aliases DIR   unicode-property-value-aliases
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [kind, dir] = [process.argv[2], resolve(process.argv[3])];
const hex = (n) => n.toString(16).toUpperCase().padStart(4, '0');
const load = async (...path) => (await import(pathToFileURL(join(dir, ...path)).href)).default;
const folders = (...path) => readdirSync(join(dir, ...path), { withFileTypes: true })
	.filter((e) => e.isDirectory()).map((e) => e.name).sort();
const out = [];

// Sets: a range as "NAME VALUE LO HI", both ends included.
const set = async (name, folder, value) => {
	for (const r of await load(folder, value, 'ranges.mjs')) {
		out.push(`${name} ${value} ${hex(r.begin)} ${hex(r.end - 1)}`);
	}
};
// Mappings: "NAME VALUE FROM TO…".
const map = async (name, folder, value) => {
	const m = await load(folder, value, 'code-points.mjs');
	for (const [from, to] of [...m].sort((a, b) => a[0] - b[0])) {
		out.push(`${name} ${value} ${hex(from)} ${[to].flat().map(hex).join(' ')}`);
	}
};

if (kind === 'unicode') {
	for (const [name, folder] of [['gc', 'General_Category'], ['sc', 'Script'], ['bp', 'Binary_Property']]) {
		for (const value of folders(folder)) {
			await set(name, folder, value);
		}
	}
	for (const value of folders('Grapheme_Cluster_Break')) { // for references.py
		if (['Extend', 'Prepend', 'SpacingMark', 'ZWJ'].includes(value)) {
			await set('gb', 'Grapheme_Cluster_Break', value);
		}
	}
	await map('cf', 'Case_Folding', 'C');
	await map('cf', 'Case_Folding', 'S');
	await map('cm', 'Simple_Case_Mapping', 'Lowercase');
	await map('scm', 'Special_Casing', 'Lowercase');
	let decompositions = [];
	try {
		decompositions = folders('Decomposition_Mapping');
	} catch {
		// Only the newer packages have them, and one version is enough.
	}
	for (const value of decompositions) {
		await map('dm', 'Decomposition_Mapping', value);
	}
} else {
	const m = await load('index.mjs');
	for (const property of ['General_Category', 'Script']) {
		for (const [alias, name] of m.get(property)) {
			out.push(`${property} ${alias} ${name}`);
		}
	}
}
process.stdout.write(out.join('\n') + '\n');
