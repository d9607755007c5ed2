package format

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// kv is a key of a GGUF file; the value is a string, bool, uint32, float32,
// []string, []int32, []float32, []uint8 or a raw one.
type kv struct {
	key   string
	value any
}

// raw is a value with its type written out.
type raw []any

// writeGGUF writes a file of metadata.
func writeGGUF(order binary.ByteOrder, version uint32, keys ...kv) []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, order, v) }
	str := func(s string) { put(uint64(len(s))); b.WriteString(s) }
	b.WriteString("GGUF")
	put(version)
	put(uint64(7)) // tensors, which are not read
	put(uint64(len(keys)))
	for _, k := range keys {
		str(k.key)
		switch v := k.value.(type) {
		case raw:
			for _, x := range v {
				if s, ok := x.(string); ok {
					str(s)
				} else {
					put(x)
				}
			}
		case string:
			put(ggufString)
			str(v)
		case bool:
			put(ggufBool)
			put(v)
		case uint32:
			put(ggufUint32)
			put(v)
		case []string:
			put(ggufArray)
			put(ggufString)
			put(uint64(len(v)))
			for _, s := range v {
				str(s)
			}
		case []int32:
			put([]uint32{ggufArray, ggufInt32})
			put(uint64(len(v)))
			put(v)
		case []float32:
			put([]uint32{ggufArray, ggufFloat32})
			put(uint64(len(v)))
			put(v)
		case []uint8:
			put([]uint32{ggufArray, ggufUint8})
			put(uint64(len(v)))
			put(v)
		default:
			panic(v)
		}
	}
	return b.Bytes()
}

// ggufKeys are those of a small model of each kind, with some that are passed
// over in between.
func ggufKeys(model string) []kv {
	skipped := []kv{
		{"general.architecture", "x"},
		{"x.array", raw{ggufArray, ggufArray, uint64(2), ggufUint8, uint64(1), uint8(1), ggufString, uint64(1), "a"}},
		{"x.float", raw{ggufFloat64, 1.5}},
		{"x.int", raw{ggufInt16, int16(-1)}},
		{"tokenizer.chat_template", strings.Repeat("x", 1<<17)},
		{"tokenizer.ggml.bos_token_id", uint32(1)},
		{"tokenizer.ggml.add_bos_token", true},
		{"tokenizer.ggml.model", model},
	}
	switch model {
	case "llama", "t5":
		return append(skipped,
			kv{"general.name", "Phi-3 mini"},
			kv{"tokenizer.ggml.tokens", []string{"<unk>", "<s>", "</s>", "▁", "▁a", "<x y>", "", "[PAD7]", "[PAD9]"}},
			kv{"tokenizer.ggml.token_type", []int32{3, 3, 4, 1, 1, 4, 5, 2, 2}},
			kv{"tokenizer.ggml.scores", []float32{0, 0, 0, -1, -2, 0, 0, 0, 0}},
			kv{"tokenizer.ggml.unknown_token_id", uint32(0)})
	case "gpt2":
		return append(skipped,
			kv{"tokenizer.ggml.pre", "command-r"},
			kv{"tokenizer.ggml.tokens", []string{"Ġ", "a", "Ġa", "<|x|>", "  ", "™", "[PAD6]", "ł"}},
			kv{"tokenizer.ggml.token_type", []int32{1, 1, 1, 3, 4, 1, 4, 1}},
			kv{"tokenizer.ggml.merges", []string{"Ġ a"}})
	case "bert":
		return append(skipped,
			kv{"tokenizer.ggml.tokens", []string{"[UNK]", "▁a", "b", "[unused1]"}},
			kv{"tokenizer.ggml.token_type", []int32{3, 1, 1, 1}},
			kv{"tokenizer.ggml.unknown_token_id", uint32(0)})
	}
	panic(model)
}

func ggufFileOf(t testing.TB, version uint32, model string) []byte {
	t.Helper()
	return writeGGUF(binary.LittleEndian, version, ggufKeys(model)...)
}

// set returns keys with one changed or added; a nil value takes it away.
func set(keys []kv, key string, value any) []kv {
	var out []kv
	for _, k := range keys {
		if k.key != key {
			out = append(out, k)
		}
	}
	if value != nil {
		out = append(out, kv{key, value})
	}
	return out
}

func gguf(data []byte) read {
	return func() (*vocab.Definition, error) { return ReadGGUF(bytes.NewReader(data), "x") }
}

func TestGGUF(t *testing.T) {
	llama := &vocab.Definition{
		Name:   "x",
		Format: "gguf",
		Added: []vocab.AddedToken{
			{ID: 2, Text: "</s>", RStrip: true}, // Phi-3's, by the title
			{ID: 5, Text: "<x y>"},
			{ID: 1, Text: "<s>", Special: true},
			{ID: 8, Text: "[PAD9]", Special: true}, // not a filler: it is not its own id
		},
		Normalizers: []vocab.Normalizer{{Op: vocab.SentencePiece, DummyPrefix: true, EscapeSpaces: true}},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByScore, Chars: true, Unknown: 0, FuseUnknown: true,
			Tokens: tokens("<unk>", "<s>", "</s>", "▁", "▁a", "<x y>", "", "", "[PAD9]"),
			Types:  []vocab.Type{vocab.Unknown, vocab.Control, vocab.UserDefined, vocab.Normal, vocab.Normal, vocab.UserDefined, vocab.Control, vocab.Control, vocab.Control},
			Scores: []float32{0, 0, 0, -1, -2, 0, 0, 0, 0},
		},
		Decoder: vocab.Decoder{Space: "▁", TrimSpace: true},
	}
	bpe := &vocab.Definition{
		Name:        "x",
		Format:      "gguf",
		Added:       []vocab.AddedToken{{ID: 3, Text: "<|x|>", Special: true}, {ID: 4, Text: "  "}},
		Normalizers: []vocab.Normalizer{{Op: vocab.NFC}},
		Splitters: []vocab.Splitter{
			{Op: vocab.SplitDigits, Individual: true},
			{Op: vocab.SplitRegexp, Pattern: patternGPT2, Behavior: vocab.Isolated, LineEnd: true},
		},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByList, Unknown: vocab.NoID,
			Tokens: tokens(" ", "a", " a", "", "", "", "", "\xa0"),
			Merges: []vocab.Merge{{Left: 0, Right: 1, Into: 2}},
		},
	}
	bert := &vocab.Definition{
		Name:        "x",
		Format:      "gguf",
		Added:       []vocab.AddedToken{{ID: 0, Text: "[UNK]", Special: true}},
		Normalizers: []vocab.Normalizer{{Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true}},
		Splitters:   []vocab.Splitter{{Op: vocab.SplitBert}},
		Model: vocab.Model{
			Kind: vocab.WordPiece, ContinuingPrefix: "##", MaxWordChars: 100, Unknown: 0,
			Tokens: tokens("[UNK]", "a", "##b", "[unused1]"),
		},
		Decoder: vocab.Decoder{WordPrefix: "##"},
	}
	for model, want := range map[string]*vocab.Definition{"llama": llama, "gpt2": bpe, "bert": bert} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, version := range []uint32{2, 3} {
				gguf(writeGGUF(order, version, ggufKeys(model)...)).gives(t, want)
			}
		}
	}

	// Options.
	llama.Normalizers[0].DummyPrefix, llama.Decoder.TrimSpace = false, false
	llama.Added[0].RStrip = false
	keys := set(set(ggufKeys("llama"), "tokenizer.ggml.add_space_prefix", false), "general.name", "Phi-2")
	gguf(writeGGUF(binary.LittleEndian, 3, keys...)).gives(t, llama)

	llama.Model.Kind, llama.Model.MergeBy, llama.Model.Chars = vocab.Unigram, 0, false
	llama.Normalizers[0].Charsmap, llama.Normalizers[0].RemoveExtraSpaces, llama.Decoder.TrimSpace = []byte{1, 2}, true, true
	keys = set(set(set(ggufKeys("t5"), "general.name", nil), "tokenizer.ggml.precompiled_charsmap", []uint8{1, 2}), "tokenizer.ggml.remove_extra_whitespaces", true)
	gguf(writeGGUF(binary.LittleEndian, 3, keys...)).gives(t, llama)

	bert.Normalizers[0].StripAccents, bert.Normalizers[0].Lowercase = false, false
	keys = set(ggufKeys("bert"), "tokenizer.ggml.normalizer.lowercase", false)
	gguf(writeGGUF(binary.LittleEndian, 3, keys...)).gives(t, bert)
	bert.Normalizers[0].Lowercase = true
	keys = set(ggufKeys("bert"), "tokenizer.ggml.normalizer.strip_accents", false)
	gguf(writeGGUF(binary.LittleEndian, 3, keys...)).gives(t, bert)

	// Kimi K2 comes without merges: ids are ranks.
	var list []string
	for _, token := range byteList("ab") {
		list = append(list, alphabet(token))
	}
	kimi := ranksDef("gguf", "x", byteList("ab")...)
	kimi.Splitters, _ = Splitters("kimi_k2")
	gguf(writeGGUF(binary.LittleEndian, 3, kv{"tokenizer.ggml.model", "gpt2"}, kv{"tokenizer.ggml.pre", "kimi-k2"}, kv{"tokenizer.ggml.tokens", list})).gives(t, kimi)

	// The tensors behind the metadata are not asked for.
	r := io.MultiReader(bytes.NewReader(ggufFileOf(t, 3, "bert")), zeros{t, 1 << 17})
	if _, err := ReadGGUF(r, "x"); err != nil {
		t.Error(err)
	}
}

// zeros is a file that must not be read far.
type zeros struct {
	t    *testing.T
	left int
}

func (z zeros) Read(b []byte) (int, error) {
	if len(b) > z.left {
		z.t.Errorf("%d bytes of the tensors were asked for", len(b))
	}
	clear(b)
	return len(b), nil
}

func TestGGUFPre(t *testing.T) {
	// Each kind of row of the table, and one that is not in it.
	for pre, want := range map[string]int{
		"": 4, "default": 4, "gpt-2": 1, "mpt": 1, "llama-bpe": 1, "qwen2": 1, "deepseek-llm": 6, "deepseek-coder": 5,
		"deepseek-v3": 3, "falcon": 3, "starcoder": 2, "refact": 2, "command-r": 2, "tekken": 1, "gpt-4o": 1, "viking": 2,
	} {
		def, err := ReadGGUF(bytes.NewReader(writeGGUF(binary.LittleEndian, 3, set(ggufKeys("gpt2"), "tokenizer.ggml.pre", pre)...)), "x")
		if err != nil {
			t.Errorf("%s: %v", pre, err)
			continue
		}
		if len(def.Splitters) != want {
			t.Errorf("%s: %d splitters, want %d", pre, len(def.Splitters), want)
		}
		whole := pre == "llama-bpe" || pre == "tekken" || pre == "gpt-4o"
		if def.Model.IgnoreMerges != whole {
			t.Errorf("%s: IgnoreMerges %v", pre, def.Model.IgnoreMerges)
		}
	}
	gguf(writeGGUF(binary.LittleEndian, 3, set(ggufKeys("gpt2"), "tokenizer.ggml.pre", "superbpe")...)).fails(t, `tokenizer.ggml.pre: unsupported pre-tokenizer "superbpe"`)
}

func TestGGUFErrors(t *testing.T) {
	file := func(model, key string, value any) []byte {
		return writeGGUF(binary.LittleEndian, 3, set(ggufKeys(model), key, value)...)
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		data []byte
		err  string
	}{
		{nil, "byte 0: unexpected EOF"},
		{[]byte("GGUF"), "byte 4: unexpected EOF"},
		{[]byte("GGML\x03\x00\x00\x00"), `byte 4: "GGML" where the magic GGUF was expected`},
		{ggufFileOf(t, 1, "bert"), "unsupported version 1"},
		{ggufFileOf(t, 4, "bert"), "unsupported version 4"},
		{ggufFileOf(t, 3, "bert")[:100], "unexpected EOF"},
		{append(ggufFileOf(t, 3, "bert")[:16:16], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), "9223372036854775807 metadata keys, the limit is 65536"},
		{writeGGUF(binary.LittleEndian, 3), "tokenizer.ggml.model is missing"},
		{writeGGUF(binary.LittleEndian, 3, kv{strings.Repeat("k", 1<<16), "x"}), "key: string of 65536 bytes, the limit is 65535"},
		{file("bert", "x", raw{uint32(13), uint64(0)}), `"x": unknown type 13`},
		{file("bert", "x", raw{ggufString, uint64(1 << 62)}), "string of 4611686018427387904 bytes"},
		{file("bert", "x", raw{ggufArray, ggufUint64, uint64(1 << 61)}), "array of 2305843009213693952 elements"},
		{file("bert", "x", raw{ggufArray, ggufUint64, uint64(1 << 27)}), "metadata is over the limit of 268435456 bytes"},
		{file("bert", "x", raw{ggufArray, ggufString, uint64(1 << 27)}), "unexpected EOF"},
		{file("bert", "x", raw{ggufArray, ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1), ggufArray, uint64(1)}), "arrays nested deeper than 8"},
		{file("bert", "tokenizer.ggml.tokens", nil), "tokenizer.ggml.tokens is missing"},
		{file("bert", "tokenizer.ggml.tokens", "x"), `"tokenizer.ggml.tokens": value has type 8, not 9`},
		{file("bert", "tokenizer.ggml.tokens", []int32{1}), `"tokenizer.ggml.tokens": elements have type 5, not 8`},
		{file("bert", "tokenizer.ggml.tokens", raw{ggufArray, ggufString, uint64(1 << 23)}), "8388608 elements, the limit is 4194304"},
		{file("bert", "tokenizer.ggml.tokens", raw{ggufArray, ggufString, uint64(1 << 22)}), `"tokenizer.ggml.tokens": element 0: unexpected EOF`},
		{file("bert", "tokenizer.ggml.tokens", raw{ggufArray, ggufString, uint64(1), uint64(1 << 17)}), "element 0: string of 131072 bytes, the limit is 65536"},
		{file("bert", "tokenizer.ggml.tokens", []string{"a"}), "tokenizer.ggml.token_type has 4 elements for 1 tokens"},
		{file("bert", "tokenizer.ggml.token_type", []int32{3, 1, 1, 7}), "tokenizer.ggml.token_type: token 3 has unknown type 7"},
		{file("bert", "tokenizer.ggml.token_type", []float32{3, 1, 1, 1}), "elements have type 6, not 5"},
		{file("bert", "tokenizer.ggml.model", "rwkv"), `tokenizer.ggml.model: unsupported model "rwkv"`},
		{file("bert", "tokenizer.ggml.model", true), `"tokenizer.ggml.model": value has type 7, not 8`},
		{file("bert", "tokenizer.ggml.normalizer.lowercase", "yes"), "value has type 8, not 7"},
		{file("bert", "tokenizer.ggml.magic", true), `"tokenizer.ggml.magic": unknown key`},
		{writeGGUF(binary.LittleEndian, 3, append(ggufKeys("bert"), kv{"tokenizer.ggml.model", "bert"})...), `"tokenizer.ggml.model": key stands twice`},
		{file("bert", "tokenizer.ggml.unknown_token_id", uint32(4)), "tokenizer.ggml.unknown_token_id: 4, but there are 4 tokens"},
		{file("bert", "tokenizer.ggml.unknown_token_id", nil), "tokenizer.ggml.unknown_token_id: 100, but there are 4 tokens"},
		{file("bert", "tokenizer.ggml.unknown_token_id", "x"), "value has type 8, an integer was expected"},
		{file("bert", "tokenizer.ggml.tokens", []string{"[UNK]", "b", "b", "c"}), `token stands twice: "##b" with id 1 and with id 2`},
		{file("llama", "tokenizer.ggml.scores", nil), "tokenizer.ggml.scores is missing"},
		{file("llama", "tokenizer.ggml.scores", []float32{1}), "tokenizer.ggml.scores has 1 elements for 9 tokens"},
		{file("llama", "tokenizer.ggml.scores", []float32{nan}), "score 0 is not a number"},
		{file("llama", "tokenizer.ggml.unknown_token_id", uint32(9)), "tokenizer.ggml.unknown_token_id: 9, but there are 9 tokens"},
		{file("llama", "tokenizer.ggml.token_type", []int32{2, 3, 3, 1, 1, 6, 1, 1, 1}), "not of the form <0x41>"},
		{file("gpt2", "tokenizer.ggml.merges", nil), "tokenizer.ggml.merges is missing"},
		{file("gpt2", "tokenizer.ggml.merges", []string{"a"}), `tokenizer.ggml.merges[0]: "a" is not two tokens and a space`},
		{file("gpt2", "tokenizer.ggml.merges", []string{"a "}), "tokenizer.ggml.merges[0]: token \"\" is not in the vocabulary"},
		{file("gpt2", "tokenizer.ggml.merges", []string{"a b"}), `tokenizer.ggml.merges[0]: token "b" is not in the vocabulary`},
		{file("gpt2", "tokenizer.ggml.merges", []string{"a ™"}), "is not spelled in GPT-2's byte alphabet"},
		{writeGGUF(binary.LittleEndian, 3, set(set(ggufKeys("gpt2"), "tokenizer.ggml.merges", nil), "tokenizer.ggml.pre", "kimi-k2")...), "no token for the single byte 0x00"},
	} {
		gguf(c.data).fails(t, c.err)
	}
}

// TestMemory gives small files that announce much.
func TestMemory(t *testing.T) {
	tekken := strings.Replace(tekkenFile(0, ""), `"default_vocab_size": 3, "default_num_special_tokens": 3`, `"default_vocab_size": 4194304, "default_num_special_tokens": 65536`, 1)
	for name, r := range map[string]read{
		"gguf tokens":   gguf(writeGGUF(binary.LittleEndian, 3, kv{"tokenizer.ggml.tokens", raw{ggufArray, ggufString, uint64(maxTokens)}})),
		"gguf scores":   gguf(writeGGUF(binary.LittleEndian, 3, kv{"tokenizer.ggml.scores", raw{ggufArray, ggufFloat32, uint64(maxTokens)}})),
		"gguf charsmap": gguf(writeGGUF(binary.LittleEndian, 3, kv{"tokenizer.ggml.precompiled_charsmap", raw{ggufArray, ggufUint8, uint64(maxFile)}})),
		"tekken":        func() (*vocab.Definition, error) { return ReadTekken(strings.NewReader(tekken), "x") },
		"sentencepiece": sentencePiece([]byte{0x0a, 0xff, 0xff, 0xff, 0x7f}),
		"tiktoken":      tiktoken([]byte("AA== 4194303\n"), "x"),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := r(); err == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}
