// Times the npm package gpt-tokenizer on unseen text: one line of JSON as native
// prints.
//
//	node main.mjs o200k_base TEXT
//
// The first 60 % of the text warm it, the rest is timed once, in processor time.
import { readFileSync } from "node:fs";

const [, , encoding, file] = process.argv;
const { encode } = await import(`gpt-tokenizer/encoding/${encoding}`);
const data = readFileSync(file);
let cut = Math.floor((data.length * 6) / 10);
while ((data[cut] & 0xc0) === 0x80) cut++;
const warm = data.subarray(0, cut).toString();
const timed = data.subarray(cut).toString();
encode(warm);
const began = process.cpuUsage();
const ids = encode(timed);
const took = process.cpuUsage(began);
console.log(
  JSON.stringify({
    engine: "gpt-tokenizer",
    fresh: (data.length - cut) / (took.user + took.system),
    ids: ids.length,
    bytes: data.length - cut,
    gives: "array",
  }),
);
