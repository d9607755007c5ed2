// Encodes texts with a library under Node.
//
//   node npm.mjs NODE_MODULES anthropic DIR TEXTS IDS
//   node npm.mjs NODE_MODULES tiktoken NAME TEXTS IDS
//   node npm.mjs NODE_MODULES tokenizers FILE TEXTS IDS
//
// TEXTS has one JSON string a line, IDS gets one JSON array a line. With
// --version in place of TEXTS it prints the versions that are at work.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, library, what, source, target] = process.argv.slice(2);
const require = createRequire(resolve(modules, "x.js"));
const version = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"))).version;

const libraries = {
  anthropic: {
    version: () =>
      `${version("@anthropic-ai/tokenizer")}, tiktoken ${version("tiktoken")}, node ${process.versions.node} (ICU ${process.versions.icu}, Unicode ${process.versions.unicode})`,
    open() {
      const t = require("@anthropic-ai/tokenizer").getTokenizer();
      return (text) => Array.from(t.encode_ordinary(text.normalize("NFKC")));
    },
  },
  tiktoken: {
    version: () => version("tiktoken"),
    open() {
      const t = require("tiktoken").get_encoding(what);
      return (text) => Array.from(t.encode_ordinary(text));
    },
  },
  tokenizers: {
    version: () => version("tokenizers"),
    open() {
      // This binding cannot take control tokens as plain text, so they are
      // taken out of the list of added tokens, or renamed to what no text has
      // where dropping them would renumber the others.
      const json = JSON.parse(readFileSync(what, "utf8"));
      const vocab = new Set(Array.isArray(json.model.vocab) ? json.model.vocab.map((v) => v[0]) : Object.keys(json.model.vocab));
      json.added_tokens = json.added_tokens.filter((t) => !t.special || !vocab.has(t.content));
      for (const t of json.added_tokens) if (t.special) t.content = `\u{10abcd}${t.id}\u{10abcd}`;
      json.truncation = json.padding = json.post_processor = null;
      const t = require("tokenizers").Tokenizer.fromString(JSON.stringify(json));
      return async (text) => (await t.encode(text, null, { addSpecialTokens: false })).getIds();
    },
  },
};

if (source === "--version") {
  console.log(libraries[library].version());
} else {
  const encode = libraries[library].open();
  const lines = readFileSync(source, "utf8").split("\n").slice(0, -1);
  const out = [];
  for (const line of lines) out.push(JSON.stringify(Array.from(await encode(JSON.parse(line)))));
  writeFileSync(target, out.map((s) => s + "\n").join(""));
}
