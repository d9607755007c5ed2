package format

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// tokens makes a token list.
func tokens(list ...string) (t vocab.Tokens) {
	for _, s := range list {
		t.Append(s)
	}
	return t
}

// byteList is all single bytes, in order, and more tokens.
func byteList(more ...string) (list []string) {
	for b := range 256 {
		list = append(list, string([]byte{byte(b)}))
	}
	return append(list, more...)
}

// rankFile writes tokens as a rank file.
func rankFile(end string, list ...string) []byte {
	var b bytes.Buffer
	for rank, token := range list {
		if token != "" {
			fmt.Fprintf(&b, "%s %d%s", base64.StdEncoding.EncodeToString([]byte(token)), rank, end)
		}
	}
	return b.Bytes()
}

// alphabet spells bytes in GPT-2's alphabet.
func alphabet(token string) string {
	var r [256]rune
	for i, b := range bytealphabet.Order() {
		r[b] = rune(b)
		if i >= 188 {
			r[b] = rune(0x100 + i - 188)
		}
	}
	var s strings.Builder
	for _, b := range []byte(token) {
		s.WriteRune(r[b])
	}
	return s.String()
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read is a reader of one kind of file with its data.
type read func() (*vocab.Definition, error)

func (r read) gives(t *testing.T, want *vocab.Definition) {
	t.Helper()
	got, err := r()
	if err != nil {
		t.Fatal(err)
	}
	if err := invariants(got); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want -, got +:\n%s", d)
	}
}

func (r read) fails(t *testing.T, with string) {
	t.Helper()
	def, err := r()
	if err == nil {
		t.Fatalf("no error, want %q", with)
	}
	if def != nil {
		t.Error("a definition beside an error")
	}
	if !strings.HasPrefix(err.Error(), "format: ") || !strings.Contains(err.Error(), with) {
		t.Errorf("error %q, want %q", err, with)
	}
}

func tiktoken(data []byte, name string) read {
	return func() (*vocab.Definition, error) { return ReadTiktoken(bytes.NewReader(data), name) }
}

func huggingFace(data []byte) read {
	return func() (*vocab.Definition, error) { return ReadHuggingFace(bytes.NewReader(data), "x") }
}

func ranksDef(format, name string, list ...string) *vocab.Definition {
	return &vocab.Definition{
		Name:   name,
		Format: format,
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByRank, IgnoreMerges: true, Unknown: vocab.NoID,
			Tokens: tokens(list...),
		},
	}
}

func TestAlphabet(t *testing.T) {
	// The ends of the three runs of bytes that stand for themselves, and the
	// first and the last of the others, from OpenAI's bytes_to_unicode.
	for r, b := range map[rune]byte{'!': '!', '~': '~', '¡': 0xA1, '¬': 0xAC, '®': 0xAE, 'ÿ': 0xFF, 'Ā': 0, 'Ġ': ' ', 'Ċ': '\n', 'ġ': 0x7F, 'ł': 0xA0, 'Ń': 0xAD} {
		got, ok := bytealphabet.AppendBytes(nil, []byte(string(r)))
		if !ok || len(got) != 1 || got[0] != b {
			t.Errorf("%c: got %x, %v, want %x", r, got, ok, b)
		}
	}
	all := ""
	for b := range 256 {
		all += string([]byte{byte(b)})
	}
	if got, ok := bytealphabet.AppendBytes(nil, []byte(alphabet(all))); !ok || string(got) != all {
		t.Errorf("alphabet of all bytes: got %x, %v", got, ok)
	}
	for _, bad := range []string{" ", "\n", "\x7f", "\u00a0", "\u00ad", "\u0144", "™", "😀", "\xc4", "\xc4a", "\xff", "a b"} {
		if got, ok := bytealphabet.AppendBytes([]byte("x"), []byte(bad)); ok || string(got) != "x" {
			t.Errorf("%q: got %q, %v", bad, got, ok)
		}
	}
}

func TestTiktoken(t *testing.T) {
	list := byteList("ab", "", "\xff\xfe", " abc")
	want := ranksDef("tiktoken", "cl100k_base", list...)
	want.Splitters = []vocab.Splitter{{Op: vocab.SplitRegexp, Pattern: patternCL100K, Behavior: vocab.Isolated}}
	tiktoken(rankFile("\n", list...), "cl100k_base").gives(t, want)
	tiktoken(rankFile("\r\n", list...), "cl100k_base").gives(t, want)
	tiktoken(bytes.TrimSpace(rankFile("\n\n", list...)), "cl100k_base").gives(t, want)

	// Lines in any order.
	var swapped []byte
	for _, line := range bytes.SplitAfter(rankFile("\n", list...), []byte("\n")) {
		swapped = append(bytes.Clone(line), swapped...)
	}
	tiktoken(swapped, "cl100k_base").gives(t, want)

	// A name that is not known has no splitters; qwen has a normaliser.
	tiktoken(rankFile("\n", list...), "x").gives(t, ranksDef("tiktoken", "x", list...))
	def, err := ReadTiktoken(bytes.NewReader(rankFile("\n", list...)), "qwen")
	if err != nil || len(def.Normalizers) != 1 || def.Normalizers[0].Op != vocab.NFC {
		t.Errorf("qwen: normalizers %v, error %v", def.Normalizers, err)
	}

	file := string(rankFile("\n", list...))
	for _, c := range []struct{ old, new, err string }{
		{"YWI= 256", "YWI 256", "line 257: token \"YWI\" is not base64"},
		{"YWI= 256", "YQ\r== 256", "line 257: token \"YQ\\r==\" is not base64"},
		{"YWI= 256", "YWJ= 256", "is not base64"}, // bits behind the end
		{"YWI= 256", "YWI=", "line 257: \"YWI=\": a token in base64, a space and a rank were expected"},
		{"YWI= 256", "YWI= -1", "line 257: rank \"-1\" is not a whole number"},
		{"YWI= 256", "YWI= 256 x", "rank \"256 x\" is not a whole number"},
		{"YWI= 256", " 256", "line 257: empty token"},
		{"YWI= 256", "YQ== 256", "line 257: token stands twice: \"a\" with id 97 and with id 256"},
		{"YWI= 256", "YWI= 258", "id 258 is given to two tokens, \"ab\" and \"\\xff\\xfe\""},
		{"YWI= 256", "YWI= 4194304", "token id 4194304 is over the limit of 4194303"},
		{"YWI= 256", "YWI= 99999999999999999999", "is not a whole number"},
		{"YQ== 97\n", "", "no token for the single byte 0x61"},
		{file, "", "no token for the single byte 0x00"},
		{"YWI= 256", base64.StdEncoding.EncodeToString(make([]byte, maxToken+1)) + " 256", "has 65537 bytes, the limit is 65536"},
	} {
		tiktoken([]byte(strings.Replace(file, c.old, c.new, 1)), "x").fails(t, c.err)
	}
	want2 := errors.New("broken disk")
	if _, err := ReadTiktoken(iotest.ErrReader(want2), "x"); !errors.Is(err, want2) {
		t.Errorf("error %v, want %v", err, want2)
	}
}

func TestTiktokenByLine(t *testing.T) {
	// Ranks that mean nothing, and a token twice.
	data := rankFile("\n", byteList("ab", "a", "abc")...)
	data = bytes.ReplaceAll(data, []byte(" 258\n"), []byte(" 7\n"))
	r := read(func() (*vocab.Definition, error) {
		return ReadTiktokenWith(bytes.NewReader(data), "x", TiktokenOptions{ByLine: true})
	})
	r.gives(t, ranksDef("tiktoken", "x", byteList("ab", "abc")...))
}

func TestTiktokenJSON(t *testing.T) {
	list := byteList("ab")
	text := "! 3"
	for _, token := range list {
		text += " " + base64.StdEncoding.EncodeToString([]byte(token))
	}
	data := fmt.Sprintf(`{"explicit_n_vocab": 1, "pat_str": "\\s+|.", "special_tokens": {"<EOT>": 0, "<x>": 2}, "bpe_ranks": %q}`, text+"\n! 300 YWJj")
	open := func(data string, name string) read {
		return func() (*vocab.Definition, error) { return ReadTiktokenJSON(strings.NewReader(data), name) }
	}
	holes := append([]string{"", "", ""}, list...)
	for len(holes) < 300 {
		holes = append(holes, "")
	}
	want := ranksDef("tiktoken", "claude2", append(holes, "abc")...)
	want.Normalizers = []vocab.Normalizer{{Op: vocab.NFKC, Unicode: "17.0.0"}}
	want.Splitters = []vocab.Splitter{{Op: vocab.SplitRegexp, Pattern: `\s+|.`, Behavior: vocab.Isolated}}
	want.Added = []vocab.AddedToken{{ID: 0, Text: "<EOT>", Special: true}, {ID: 2, Text: "<x>", Special: true}}
	open(data, "claude2").gives(t, want)
	for _, c := range []struct{ old, new, err string }{
		{`"pat_str"`, `"pat"`, `unknown key "pat"`},
		{`"pat_str": "\\s+|.", `, ``, "pat_str is missing"},
		{`"bpe_ranks"`, `"special_tokens": {}, "pat_str": "x", "explicit_n_vocab": 2}`, "where the end of the file was expected"},
		{`! 300`, `! x`, `bpe_ranks: line 2: "x" is not the rank of a first token`},
		{`YWJj`, `YWJj YWJj`, "rank 301: token stands twice"},
		{`"<x>": 2`, `"<x>": 4194304`, "over the limits"},
		{`"<x>": 2`, `"<x>": "2"`, "where a whole number was expected"},
	} {
		open(strings.Replace(data, c.old, c.new, 1), "claude2").fails(t, c.err)
	}
	open(`{"pat_str": "x"}`, "x").fails(t, "bpe_ranks is missing")
}

// tekkenFile writes a tekken.json of all bytes and "ab", "cd", of which config
// takes the first n.
func tekkenFile(n int, specials string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"config": {"pattern": "a|.", "num_vocab_tokens": 258, "default_vocab_size": %d, "default_num_special_tokens": 3, "version": "v3"}, "vocab": [`, n+3)
	for i, token := range byteList("ab", "cd") {
		fmt.Fprintf(&b, "%s\n{\"rank\": %d, \"token_bytes\": %q, \"token_str\": null}", strings.Repeat(",", min(i, 1)), i, base64.StdEncoding.EncodeToString([]byte(token)))
	}
	b.WriteString(`]` + specials + `, "version": 1, "type": "Tekken", "image": {"a": [1, {}]}}`)
	return b.String()
}

func TestTekken(t *testing.T) {
	open := func(data string) read {
		return func() (*vocab.Definition, error) { return ReadTekken(strings.NewReader(data), "x") }
	}
	const specials = `, "special_tokens": [{"rank": 0, "token_str": "<unk>", "is_control": true}, {"rank": 1, "token_str": "[x]", "is_control": false}]`
	want := ranksDef("tekken", "x", append([]string{"", "", ""}, byteList("ab")...)...)
	want.Splitters = []vocab.Splitter{{Op: vocab.SplitRegexp, Pattern: "a|.", Behavior: vocab.Isolated}}
	want.Added = []vocab.AddedToken{{ID: 0, Text: "<unk>", Special: true}, {ID: 1, Text: "[x]", Special: true}, {ID: 2, Text: "<SPECIAL_2>", Special: true}}
	open(tekkenFile(257, specials)).gives(t, want)

	// Old files name no special tokens, but have more of them than three.
	old := strings.Replace(tekkenFile(278, ""), `"default_num_special_tokens": 3`, `"default_num_special_tokens": 24`, 1)
	def, err := ReadTekken(strings.NewReader(old), "x")
	if err != nil || len(def.Added) != 24 || def.Added[19].Text != "[TOOL_CONTENT]" || def.Added[20].Text != "<SPECIAL_20>" {
		t.Errorf("added %v, error %v", def, err)
	}
	open(strings.Replace(old, `"v3"`, `"v11"`, 1)).fails(t, `special_tokens is missing, which only versions to v7 may leave out, not "v11"`)

	file := tekkenFile(257, specials)
	for _, c := range []struct{ old, new, err string }{
		{`"rank": 5,`, `"rank": 6,`, "vocab[5] has rank 6"},
		{`"BQ=="`, `"BQ"`, `vocab[5]: token "BQ" is not base64`},
		{`"BQ=="`, `"YWE="`, "vocab[5] is not the single byte 0x05"},
		{`"BQ=="`, `"BA=="`, "vocab[5]: token stands twice"},
		{`, "token_bytes": "BQ=="`, ``, "vocab[5]: rank or token_bytes is missing"},
		{`"token_str": null`, `"token": null`, `vocab[0]: unknown key "token"`},
		{`"pattern": "a|."`, `"pattern": ""`, "config.pattern is missing"},
		{`"default_vocab_size": 260, `, ``, "config.default_vocab_size or config.default_num_special_tokens is missing"},
		{`"default_vocab_size": 260`, `"default_vocab_size": 262`, "vocab has 258 tokens, config asks for 259"},
		{`"default_vocab_size": 260`, `"default_vocab_size": 260.5`, "a fraction where a whole number was expected"},
		{`"default_num_special_tokens": 3`, `"default_num_special_tokens": 1`, "special_tokens: 2 of them, config.default_num_special_tokens is 1"},
		{`"default_num_special_tokens": 3`, `"default_num_special_tokens": 261`, "260 tokens with 261 special ones"},
		{`"default_vocab_size": 260, "default_num_special_tokens": 3`, `"default_vocab_size": 4000000, "default_num_special_tokens": 4000000`, "special ones among them"},
		{`"rank": 1, "token_str": "[x]"`, `"rank": 2, "token_str": "[x]"`, "special_tokens[1] has rank 2"},
		{`"[x]"`, `"<unk>"`, `special_tokens: "<unk>" stands twice`},
		{`"[x]"`, `"<SPECIAL_2>"`, `special_tokens: "<SPECIAL_2>" stands twice`},
		{`"type"`, `"foo"`, `unknown or repeated key "foo"`},
		{`"type"`, `"config"`, `unknown or repeated key "config"`},
		{`"config": {`, `"type": {`, "config is missing"},
		{`"vocab": [`, `"image": [`, "vocab is missing"},
	} {
		open(strings.Replace(file, c.old, c.new, 1)).fails(t, c.err)
	}
}

func TestHuggingFaceByteLevel(t *testing.T) {
	huggingFace(testdata(t, "hf_bytelevel.json")).gives(t, &vocab.Definition{
		Name:   "x",
		Format: "huggingface",
		Added: []vocab.AddedToken{
			{ID: 0, Text: "<s>", Special: true},
			{ID: 1, Text: "<｜end｜>", Special: true},
			{ID: 12, Text: "<tab>", Normalized: true, RStrip: true}, // the second of two
			{ID: 13, Text: "  "},                                    // not the 99 of the file
		},
		Splitters: []vocab.Splitter{
			{Op: vocab.SplitRegexp, Pattern: `\p{N}{1,3}`, Behavior: vocab.Isolated, LineEnd: true},
			{Op: vocab.SplitPrefixSpace},
			{Op: vocab.SplitRegexp, Pattern: patternGPT2, Behavior: vocab.Isolated, LineEnd: true},
		},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByList, Unknown: vocab.NoID,
			// "<｜end｜>" and "™" are not in the alphabet: no text reaches them.
			Tokens: tokens("<s>", "", " ", "a", "b", "\xc3", "\xa0", " a", "ab", " ab", "", "à"),
			// "a b" stands twice; the later place counts.
			Merges: []vocab.Merge{{Left: 2, Right: 3, Into: 7}, {Left: 7, Right: 4, Into: 9}, {Left: 2, Right: 8, Into: 9}, {Left: 5, Right: 6, Into: 11}, {Left: 3, Right: 4, Into: 8}},
		},
	})
}

func TestHuggingFaceChars(t *testing.T) {
	bytes := make([]vocab.ID, 256)
	for b := range bytes {
		bytes[b] = vocab.NoID
	}
	bytes['A'] = 1
	huggingFace(testdata(t, "hf_chars.json")).gives(t, &vocab.Definition{
		Name:   "x",
		Format: "huggingface",
		Normalizers: []vocab.Normalizer{
			{Op: vocab.Prepend, Content: "▁"},
			{Op: vocab.Replace, Pattern: " ", Content: "▁"},
		},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByList, Chars: true, IgnoreMerges: true,
			ByteFallback: true, ByteTokens: bytes, Unknown: 0, FuseUnknown: true,
			Tokens: tokens("<unk>", "<0x41>", "▁", "a", "é", "▁a", "aé", "", "", "\"\\/\b\f\n\r\t😀"),
			Merges: []vocab.Merge{{Left: 2, Right: 3, Into: 5}, {Left: 3, Right: 4, Into: 6}},
		},
		Decoder: vocab.Decoder{Space: "▁", TrimSpace: true},
	})
}

func TestHuggingFaceUnigram(t *testing.T) {
	bytes := make([]vocab.ID, 256)
	for b := range bytes {
		bytes[b] = vocab.NoID
	}
	bytes['A'] = 5
	huggingFace(testdata(t, "hf_unigram.json")).gives(t, &vocab.Definition{
		Name:        "x",
		Format:      "huggingface",
		Normalizers: []vocab.Normalizer{{Op: vocab.Precompiled, Charsmap: []byte{0, 1, 2, 3}}},
		Splitters: []vocab.Splitter{
			{Op: vocab.SplitWhitespace},
			{Op: vocab.SplitMetaspace, Replacement: "▁", Prepend: vocab.PrependAlways, Split: true},
		},
		Model: vocab.Model{
			Kind: vocab.Unigram, Unknown: 1, FuseUnknown: true, ByteFallback: true, ByteTokens: bytes,
			// Of the two "a" the last one counts.
			Tokens: tokens("<pad>", "<unk>", "▁", "", "a", "<0x41>"),
			// The fourth is the library's reading, one unit below the nearest.
			Scores64: []float64{0, 0, -1.5, -15.77446746826172, -0.002, -7},
		},
		Decoder: vocab.Decoder{Space: "▁"},
	})
	if -15.77446746826172 == -15.774467468261719 {
		t.Error("the two spellings are one number")
	}
}

func TestHuggingFaceWordPiece(t *testing.T) {
	huggingFace(testdata(t, "hf_wordpiece.json")).gives(t, &vocab.Definition{
		Name:        "x",
		Format:      "huggingface",
		Normalizers: []vocab.Normalizer{{Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true}},
		Splitters:   []vocab.Splitter{{Op: vocab.SplitBert}},
		Model: vocab.Model{
			Kind: vocab.WordPiece, Unknown: 0, ContinuingPrefix: "##", MaxWordChars: 100,
			Tokens: tokens("[UNK]", "a", "##b"),
		},
		Decoder: vocab.Decoder{WordPrefix: "##"},
	})
}

func TestHuggingFaceSteps(t *testing.T) {
	huggingFace(testdata(t, "hf_steps.json")).gives(t, &vocab.Definition{
		Name:   "x",
		Format: "huggingface",
		Normalizers: []vocab.Normalizer{
			{Op: vocab.NFC}, {Op: vocab.NFD}, {Op: vocab.NFKC}, {Op: vocab.NFKD}, {Op: vocab.Nmt}, {Op: vocab.Lowercase}, {Op: vocab.StripAccents},
			{Op: vocab.Strip, Left: true}, {Op: vocab.ByteLevel},
			{Op: vocab.Replace, Pattern: " {2,}", Regexp: true, Content: "▁"},
			{Op: vocab.Bert, CleanText: true, Lowercase: true},
		},
		Splitters: []vocab.Splitter{
			{Op: vocab.SplitRegexp, Pattern: `\w+|[^\w\s]+`, Behavior: vocab.Removed, Invert: true},
			{Op: vocab.SplitWhitespace}, {Op: vocab.SplitBert}, {Op: vocab.SplitScripts},
			{Op: vocab.SplitPunctuation, Behavior: vocab.Isolated}, {Op: vocab.SplitPunctuation, Behavior: vocab.Contiguous},
			{Op: vocab.SplitDigits}, {Op: vocab.SplitDigits, Individual: true},
			{Op: vocab.SplitLiteral, Pattern: "|", Behavior: vocab.Removed},
			{Op: vocab.SplitFixed, Length: 5}, {Op: vocab.SplitFixed, Length: 3},
			{Op: vocab.SplitLiteral, Pattern: " ", Behavior: vocab.MergedWithPrevious},
			{Op: vocab.SplitRegexp, Pattern: "a$", Behavior: vocab.MergedWithNext, Invert: true, LineEnd: true},
			{Op: vocab.SplitRegexp, Pattern: "b", Behavior: vocab.Removed, LineEnd: true},
			{Op: vocab.SplitMetaspace, Replacement: "_", Prepend: vocab.PrependFirst},
			{Op: vocab.SplitMetaspace, Replacement: "▁", Split: true},
			{Op: vocab.SplitMetaspace, Replacement: "▁", Prepend: vocab.PrependAlways, Split: true},
		},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByList, Chars: true, Unknown: vocab.NoID,
			ContinuingPrefix: "##", EndSuffix: "</w>",
			Tokens: tokens("a", "##b", "ab"),
			Merges: []vocab.Merge{{Left: 0, Right: 1, Into: 2}},
		},
		Decoder: vocab.Decoder{Suffix: "</w>"},
	})
}

// bpe is a tokenizer.json of few parts.
func bpe(more, model string) string {
	return `{` + more + `"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]` + model + `}}`
}

func TestHuggingFaceErrors(t *testing.T) {
	for _, c := range []struct{ data, err string }{
		{``, "end of file where an object was expected"},
		{`[]`, "'[' where an object was expected"},
		{`{}`, "model is missing"},
		{`{"model": null}`, "where an object was expected"},
		{"{\n \"model\": {\"type\": \"BPE\"", "line 2, byte 25: end of file where a comma or } was expected"},
		{bpe("", "") + "x", "'x' where the end of the file was expected"},
		{bpe(`"models": 1, `, ""), `unknown key "models"`},
		{bpe(`"version": "2.0", `, ""), `unsupported version "2.0"`},
		{bpe(`"version": 1, `, ""), "'1' where a string was expected"},
		{bpe(`"model": {}, `, ""), "model stands twice"},
		{bpe(`"decoder": null, "decoder": null, `, ""), "decoder stands twice"},
		{"\xff", "line 1, byte 1: not UTF-8"},
		{`{"a` + "\xed\xa0\x80", "line 1, byte 4: not UTF-8"},
		{`{"model": {"vocab": {"\ud800": 0}}}`, `\ud800 is half of a surrogate pair`},
		{`{"model": {"vocab": {"\udc00\ud800": 0}}}`, `\udc00 is half of a surrogate pair`},
		{`{"model": {"vocab": {"\ud83d\u0041": 0}}}`, `\ud83d is half of a surrogate pair`},
		{`{"model": {"vocab": {"\ud83d`, `is half of a surrogate pair`},
		{`{"model": {"vocab": {"\u12`, `\u without four hexadecimal digits`},
		{`{"model": {"vocab": {"\x41": 0}}}`, `unknown escape \x`},
		{"{\"model\": {\"vocab\": {\"a\tb\": 0}}}", "control character 0x09 in a string"},
		{`{"truncation": ` + strings.Repeat("[", 100), "nested deeper than 64"},
		{`{"truncation": 01}`, "number with a leading zero"},
		{`{"truncation": 1e999}`, "number out of range"},
		{`{"truncation": nul}`, "'n' where a value was expected"},

		// Models.
		{`{"model": {"type": "BPE", "vocab": {}}}`, "model.merges is missing"},
		{`{"model": {"type": "BPE", "merges": []}}`, "model.vocab is missing"},
		{`{"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}`, `model: unsupported type "WordLevel"`},
		{`{"model": {"vocab": {"a": 0}, "unk_token": "a"}}`, `model: unsupported type "WordLevel"`},
		{bpe("", `, "dropout": 0.1`), "model: dropout: 0.1 is not supported, only nothing or 0"},
		{bpe("", `, "unk_token": "<unk>"`), `model: unk_token "<unk>" is not in the vocabulary`},
		{bpe("", `, "unk_token": 3`), "model: unk_token: a string was expected, not 3"},
		{bpe("", `, "magic": 3`), `model: unsupported field "magic" of type "BPE"`},
		{bpe("", `, "fuse_unk": 3`), "model: fuse_unk: true or false was expected, not 3"},
		{bpe("", `, "fuse_unk": true, "fuse_unk": true`), "model.fuse_unk stands twice"},
		{bpe("", `, "vocab": {}`), "model.vocab stands twice"},
		{`{"model": {"type": "BPE", "vocab": {"a": 0, "a": 1}, "merges": []}}`, `model.vocab: token stands twice: "a" with id 0 and with id 1`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0, "b": 0}, "merges": []}}`, `id 0 is given to two tokens, "a" and "b"`},
		{`{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}`, "'-' where a whole number was expected"},
		{`{"model": {"type": "BPE", "vocab": {"a": 4194304}, "merges": []}}`, "token id 4194304 is over the limit"},
		{`{"model": {"type": "BPE", "vocab": {"a": 18446744073709551616}, "merges": []}}`, "number is too large"},
		{`{"model": {"type": "BPE", "vocab": {"` + strings.Repeat("a", maxToken+1) + `": 0}, "merges": []}}`, "has 65537 bytes"},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}`, `model.merges[0]: "a" is not two tokens and a space`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]}}`, `model.merges[0]: "a a a" is not two tokens and a space`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}}`, "model.merges[0]: two strings were expected, not 1"},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a","a","a"]]}}`, "model.merges[0]: two strings were expected, not 3"},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [[]]}}`, "two strings were expected"},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}`, `model.merges[0]: token "b" is not in the vocabulary`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]}}`, `model.merges[0]: token "aa", made of "a" and "a", is not in the vocabulary`},
		{`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"], "continuing_subword_prefix": "##"}}`, `token "a" is shorter than the prefix "##"`},
		{bpe(`"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, `, `, "byte_fallback": true`), "model: byte_fallback with ByteLevel is supported only if every byte is a token"},
		{bpe(`"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, `, `, "end_of_word_suffix": "▁"`), `model: end_of_word_suffix "▁" is not spelled in the alphabet of ByteLevel`},
		{`{"model": {"type": "Unigram", "vocab": [["a"]]}}`, "model.vocab[0]: line 1, byte 46: a piece and a score were expected, not 1 values"},
		{`{"model": {"type": "Unigram", "vocab": [["a", 1, 2]]}}`, "model.vocab[0]: line"},
		{`{"model": {"type": "Unigram", "vocab": [["a", "b"]]}}`, "where a number was expected"},
		{`{"model": {"type": "Unigram", "vocab": [["a", 1]], "unk_id": 1}}`, "model: unk_id: an index into vocab was expected, not 1"},
		{`{"model": {"type": "Unigram", "vocab": [["a", 1]], "unk_id": 0.5}}`, "unk_id: an index into vocab was expected, not 0.5"},
		{`{"model": {"type": "Unigram", "vocab": [["a", 1]], "merges": []}}`, "model: merges in a Unigram model"},
		{`{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "model": {"type": "Unigram", "vocab": [["a", 1]]}}`, "model: a Unigram model behind ByteLevel is not supported"},
		{`{"model": {"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "b", "continuing_subword_prefix": "", "max_input_chars_per_word": 1}}`, `model: unk_token "b" is not in the vocabulary`},
		{`{"model": {"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "a", "continuing_subword_prefix": "", "max_input_chars_per_word": "1"}}`, "model: max_input_chars_per_word: a whole number was expected"},
		{`{"model": {"type": "WordPiece", "vocab": {"a": 0}, "unk_token": "a", "max_input_chars_per_word": 1}}`, "model: continuing_subword_prefix: a string was expected, not nothing"},

		// Steps.
		{bpe(`"normalizer": {"type": "Foo"}, `, ""), `normalizer: unsupported type "Foo"`},
		{bpe(`"normalizer": 3, `, ""), "normalizer: an object was expected, not 3"},
		{bpe(`"normalizer": {"a": 3}, `, ""), "normalizer: type is missing"},
		{bpe(`"normalizer": {"type": "NFC", "type": "NFD"}, `, ""), `normalizer: line 1, byte 39: key "type" stands twice`},
		{bpe(`"normalizer": {"type": "NFC", "form": "x"}, `, ""), `normalizer: unsupported field "form" of type "NFC"`},
		{bpe(`"normalizer": {"type": "Strip", "strip_left": true}, `, ""), "normalizer: strip_right: true or false was expected, not nothing"},
		{bpe(`"normalizer": {"type": "Replace", "pattern": "a", "content": "b"}, `, ""), `normalizer: pattern: {"String": ...} or {"Regex": ...} was expected, not "a"`},
		{bpe(`"normalizer": {"type": "Replace", "pattern": {"Glob": "a"}, "content": "b"}, `, ""), "pattern: "},
		{bpe(`"normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "b"}, `, ""), "normalizer: pattern of 0 bytes"},
		{bpe(`"normalizer": {"type": "Precompiled", "precompiled_charsmap": "!"}, `, ""), "normalizer: precompiled_charsmap: illegal base64"},
		{bpe(`"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Sequence", "normalizers": [{"type": "Foo"}]}]}, `, ""), `normalizer.normalizers[1].normalizers[0]: unsupported type "Foo"`},
		{bpe(`"normalizer": {"type": "Sequence", "normalizers": {}}, `, ""), "normalizer: normalizers: an array was expected, not an object"},
		{bpe(`"normalizer": {"type": "Sequence", "normalizers": [`+strings.Repeat(`{"type": "NFC"},`, 64)+`{"type": "NFC"}]}, `, ""), "normalizer.normalizers[64]: more than 64 normalizers"},
		{bpe(`"normalizer": {"type": "Sequence", "normalizers": [`+strings.Repeat(`0,`, maxNodes)+`0]}, `, ""), "more than 4096 values"},
		{bpe(`"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Foo"}]}, `, ""), `pre_tokenizer.pretokenizers[1]: unsupported type "Foo"`},
		{bpe(`"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel", "add_prefix_space": false}, {"type": "ByteLevel", "add_prefix_space": false}]}, `, ""), `pre_tokenizer.pretokenizers[1]: a second ByteLevel is not supported`},
		{bpe(`"pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Merged", "invert": false}, `, ""), `pre_tokenizer: behavior: unsupported behavior "Merged"`},
		{bpe(`"pre_tokenizer": {"type": "Metaspace", "replacement": "__"}, `, ""), `pre_tokenizer: replacement: one character was expected, not "__"`},
		{bpe(`"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"}, `, ""), `pre_tokenizer: unsupported prepend_scheme "last"`},
		{bpe(`"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "add_prefix_space": false}, `, ""), `pre_tokenizer: add_prefix_space is false, but prepend_scheme is "first"`},
		{bpe(`"pre_tokenizer": {"type": "FixedLength", "length": 0}, `, ""), "pre_tokenizer: length: a whole number above 0 was expected, not 0"},
		{bpe(`"pre_tokenizer": {"type": "CharDelimiterSplit", "delimiter": ""}, `, ""), "delimiter: one character was expected"},
		{bpe(`"decoder": {"type": "CTC", "pad_token": "a"}, `, ""), `decoder: unsupported type "CTC"`},
		{bpe(`"decoder": {"type": "Replace", "pattern": {"String": "a"}, "content": "b"}, `, ""), "decoder: only one Replace of a string by a space is supported"},
		{bpe(`"decoder": {"type": "Strip", "content": " ", "start": 2, "stop": 0}, `, ""), "decoder: only one space at the start is supported"},

		// Added tokens.
		{bpe(`"added_tokens": [{"id": 3, "content": "x"}], `, ""), "added_tokens[0]: line 1, byte 44: not all of id, content"},
		{bpe(`"added_tokens": [{"id": 3, "word": "x"}], `, ""), `added_tokens[0]: line 1, byte 36: unsupported field "word"`},
		{bpe(`"added_tokens": [{"special": 1}], `, ""), "where true or false was expected"},
		{bpe(`"added_tokens": {}, `, ""), "'{' where an array was expected"},
	} {
		huggingFace([]byte(c.data)).fails(t, c.err)
	}
}

// TestFloat holds the number reader to values that HF tokenizers 0.23.3 gave
// back for them.
func TestFloat(t *testing.T) {
	for text, want := range map[string]uint64{
		"0":                               0x0000000000000000,
		"-0":                              0x8000000000000000,
		"-13.0":                           0xc02a000000000000,
		"-15.774467468261719":             0xc02f8c8700000001, // nearest is c02f8c8700000000
		"-1.8771917819976807":             0xbffe08fa40000001, // nearest is bffe08fa40000000
		"-18.728811264038086":             0xc032ba9360000001, // nearest is c032ba9360000000
		"-20.000000000000004e-1":          0xc000000000000001,
		"1e-400":                          0x0000000000000000,
		"4.9e-324":                        0x0000000000000001,
		"18446744073709551615":            0x43f0000000000000,
		"1844674407370955161.55":          0x43b999999999999a,
		"184467440737095516150.1":         0x4424000000000000,
		"1.23456789012345678901234567890": 0x3ff3c0ca428c59fb,
		"12345678901234567890123.5E+3":    0x45246c993044fd54, // nearest is 45246c993044fd55
		"6.02214076e23":                   0x44dfe185ca57c517,
	} {
		s, err := newScanner([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.float(); err != nil || math.Float64bits(got) != want {
			t.Errorf("%s: got %#016x, %v, want %#016x", text, math.Float64bits(got), err, want)
		}
	}
}

func TestMerges(t *testing.T) {
	open := func(vocabJSON io.Reader, merges string, name string) read {
		return func() (*vocab.Definition, error) { return ReadMerges(vocabJSON, strings.NewReader(merges), name) }
	}
	var first []string
	for _, b := range bytealphabet.Order() {
		first = append(first, string([]byte{b}))
	}
	space, a, b, c := vocab.ID(220), vocab.ID('a'-'!'), vocab.ID('b'-'!'), vocab.ID('c'-'!')
	merges := string(testdata(t, "merges.txt"))
	want := &vocab.Definition{
		Name:   "gpt2",
		Format: "merges",
		Splitters: []vocab.Splitter{
			{Op: vocab.SplitRegexp, Pattern: patternGPT2, Behavior: vocab.Isolated, LineEnd: true},
		},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByList, Unknown: vocab.NoID,
			Tokens: tokens(append(first, " a", " abc", " ab", "ab")...),
			// The second begins from a token that only the third makes.
			Merges: []vocab.Merge{{Left: space, Right: a, Into: 256}, {Left: 258, Right: c, Into: 257}, {Left: 256, Right: b, Into: 258}, {Left: a, Right: b, Into: 259}},
		},
	}
	open(nil, merges, "gpt2").gives(t, want)

	// With ids, and with the count behind the pair that Cohere's file has.
	var js bytes.Buffer
	js.WriteString("{")
	for i, token := range byteList("ab", "abc") {
		fmt.Fprintf(&js, "%q: %d, ", alphabet(token), 300-i)
	}
	js.WriteString(`"<｜x｜>": 0}`)
	ids := make([]string, 301)
	for i, token := range byteList("ab", "abc") {
		ids[300-i] = token
	}
	want = &vocab.Definition{
		Name:   "x",
		Format: "merges",
		Added:  []vocab.AddedToken{{ID: 0, Text: "<｜x｜>", Special: true}},
		Model: vocab.Model{
			Kind: vocab.BPE, MergeBy: vocab.ByList, Unknown: vocab.NoID,
			Tokens: tokens(ids...),
			Merges: []vocab.Merge{{Left: 300 - 'a', Right: 300 - 'b', Into: 44}, {Left: 44, Right: 300 - 'c', Into: 43}},
		},
	}
	counts := string(testdata(t, "vocab.bpe"))
	open(bytes.NewReader(js.Bytes()), counts, "x").gives(t, want)
	open(bytes.NewReader(js.Bytes()), counts+"c d\n", "x").fails(t, `line 3: token "cd", made of "c" and "d", is not in the vocabulary`)
	open(strings.NewReader(`{"a": 0}`), counts, "x").fails(t, "vocab.json: no token for the single byte 0x00")
	open(strings.NewReader(`{"a": "b"}`), counts, "x").fails(t, "vocab.json: line 1, byte 7: '\"' where a whole number was expected")

	for _, c := range []struct{ data, err string }{
		{"", "no merges"},
		{"#version: 0.2\n", "no merges"},
		{"a b\nab\n", `line 2: "ab" is not two tokens and a space`},
		{"a b c\n", `line 1: "a b c" is not two tokens and a space`},
		{"a b\nab cd\n", `line 2: token "cd" is not in the vocabulary`},
		{"a ™\n", `line 1: "a ™" is not spelled in GPT-2's byte alphabet`},
		{" a\n", "is not two tokens and a space"},
	} {
		open(nil, c.data, "x").fails(t, c.err)
	}
}

func TestVocabTxt(t *testing.T) {
	data := testdata(t, "vocab.txt")
	open := func(data []byte, o BertOptions) read {
		return func() (*vocab.Definition, error) { return ReadVocabTxt(bytes.NewReader(data), "x", o) }
	}
	want := &vocab.Definition{
		Name:   "x",
		Format: "wordpiece",
		Added: []vocab.AddedToken{
			{ID: 0, Text: "[PAD]", Special: true}, {ID: 1, Text: "[UNK]", Special: true}, {ID: 2, Text: "[CLS]", Special: true},
		},
		Normalizers: []vocab.Normalizer{{Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true}},
		Splitters:   []vocab.Splitter{{Op: vocab.SplitBert}},
		Model: vocab.Model{
			Kind: vocab.WordPiece, ContinuingPrefix: "##", MaxWordChars: 100, Unknown: 1,
			Tokens: tokens("[PAD]", "[UNK]", "[CLS]", "", "##b", "", "a", "c"), // of the two "a" the last one counts
		},
		Decoder: vocab.Decoder{WordPrefix: "##"},
	}
	open(data, BertOptions{}).gives(t, want)
	want.Normalizers[0].StripAccents, want.Normalizers[0].Lowercase = false, false
	open(data, BertOptions{Cased: true}).gives(t, want)
	want.Normalizers[0].StripAccents, want.Normalizers[0].ChineseChars = true, false
	open(data, BertOptions{Cased: true, StripAccents: true, JoinChinese: true}).gives(t, want)
	open([]byte("a\nb\n"), BertOptions{}).fails(t, "no token [UNK] in 2 lines")
}

func TestSplitters(t *testing.T) {
	for name := range recipes {
		s, ok := Splitters(name)
		if !ok || len(s) == 0 {
			t.Errorf("%s: %d splitters, %v", name, len(s), ok)
		}
	}
	for name, of := range aliases {
		if _, ok := recipes[name]; ok {
			t.Errorf("%s is an alias and a recipe", name)
		}
		s, ok := Splitters(name)
		want, _ := Splitters(of)
		if d := cmp.Diff(want, s); !ok || d != "" {
			t.Errorf("%s: %v\n%s", name, ok, d)
		}
	}
	// The result is the caller's own.
	s, _ := Splitters("o200k_base")
	s[0].Pattern = ""
	if s, _ := Splitters("o200k_base"); s[0].Pattern != patternO200K {
		t.Error("the table changed")
	}
	if s, ok := Splitters("nothing"); ok || s != nil {
		t.Error("nothing is known")
	}
}

func TestOpen(t *testing.T) {
	ranks := rankFile("\n", byteList("ab")...)
	file := func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: b} }
	hf, wp := file(testdata(t, "hf_chars.json")), file(testdata(t, "hf_wordpiece.json"))
	tk := file([]byte(tekkenFile(274, "")))
	tk.Data = bytes.Replace(tk.Data, []byte(`special_tokens": 3`), []byte(`special_tokens": 20`), 1)
	sp := file(spFile(2, piece("<unk>", 0, vocab.Unknown), piece("a", -1, vocab.Normal)))
	gguf := file(ggufFileOf(t, 3, "bert"))
	merges, pair := file(testdata(t, "merges.txt")), file(testdata(t, "vocab.bpe"))
	var js bytes.Buffer
	for i, token := range byteList(" a", " ab", " abc", "ab", "abc") {
		fmt.Fprintf(&js, "%s%q: %d", strings.Repeat(", ", min(i, 1)), alphabet(token), i)
	}
	ids := file([]byte("{" + js.String() + "}"))
	txt := file(testdata(t, "vocab.txt"))
	capital := file(append(bytes.Clone(txt.Data), "\nÄ"...))
	claude := file([]byte(`{"pat_str": "x", "bpe_ranks": ""}`))

	for _, c := range []struct {
		path   string
		fsys   fstest.MapFS
		format string // of the result, or an error
		tokens int
	}{
		{"m", fstest.MapFS{"m/tokenizer.json": hf, "m/tekken.json": tk, "m/vocab.txt": txt}, "huggingface", 10},
		{"m", fstest.MapFS{"m/tekken.json": tk, "m/tokenizer.model": sp}, "tekken", 277},
		{"m", fstest.MapFS{"m/tokenizer.model": file(ranks), "m/a.gguf": gguf}, "tiktoken", 257},
		{"m", fstest.MapFS{"m/tokenizer.model": sp, "m/a.gguf": gguf}, "sentencepiece", 2},
		{"m", fstest.MapFS{"m/tokenizer.model.v3": sp}, "sentencepiece", 2},
		{"m", fstest.MapFS{"m/vocab.json": ids, "m/merges.txt": merges, "m/a.gguf": gguf}, "merges", 261},
		{"m", fstest.MapFS{"m/encoder.json": ids, "m/vocab.bpe": pair}, "merges", 261},
		{"m", fstest.MapFS{"m/vocab.json": ids, "m/a.tiktoken": file(ranks)}, "tiktoken", 257},
		{"m", fstest.MapFS{"m/a.tiktoken": file(ranks)}, "tiktoken", 257},
		{"m", fstest.MapFS{"m/a.tiktoken": file(ranks), "m/b.tiktoken": file(ranks)}, "folder m has 2 files *.tiktoken: a.tiktoken, b.tiktoken", 0},
		{"m", fstest.MapFS{"m/a.gguf": gguf, "m/vocab.txt": txt}, "gguf", 4},
		{"m", fstest.MapFS{"m/vocab.txt": txt, "m/merges.txt": merges}, "wordpiece", 8},
		{"m", fstest.MapFS{"m/merges.txt": merges}, "merges", 260},
		{"m", fstest.MapFS{"m/readme.md": txt, "m/tokenizer.json/x": hf}, "folder m has no vocabulary: looked for tokenizer.json, tekken.json, tokenizer.model", 0},
		{"m", fstest.MapFS{"n": txt}, "file does not exist", 0},
		{".", fstest.MapFS{"spiece.model": sp}, "sentencepiece", 2},

		// Files by content, whatever their names.
		{"m/x", fstest.MapFS{"m/x": hf}, "huggingface", 10},
		{"m/x", fstest.MapFS{"m/x": wp}, "huggingface", 3},
		{"m/x", fstest.MapFS{"m/x": tk}, "tekken", 277},
		{"m/x", fstest.MapFS{"m/x": sp}, "sentencepiece", 2},
		{"m/x", fstest.MapFS{"m/x": gguf}, "gguf", 4},
		{"m/x", fstest.MapFS{"m/x": file(ranks)}, "tiktoken", 257},
		{"m/x", fstest.MapFS{"m/x": merges}, "merges", 260},
		{"m/merges.txt", fstest.MapFS{"m/merges.txt": merges, "m/vocab.json": ids}, "merges", 261},
		{"m/x.json", fstest.MapFS{"m/x.json": ids, "m/merges.txt": merges}, "merges", 261},
		{"m/x.json", fstest.MapFS{"m/x.json": ids}, "a vocab.json needs its merges", 0},
		{"m/x", fstest.MapFS{"m/x": claude}, "no token for the single byte 0x00", 0},
		{"m/x", fstest.MapFS{"m/x": file([]byte(" \n"))}, "empty file", 0},
		{"m/x", fstest.MapFS{"m/x": file([]byte("hello\n"))}, "x: not a vocabulary of a format that is known", 0},
		{"m/x", fstest.MapFS{"m/x": file([]byte(`{"a": "b"}`))}, "JSON, but neither a tokenizer.json", 0},
		{"m/x", fstest.MapFS{"m/x": file([]byte(`{"model": {"type": "Foo", "vocab": {}}}`))}, `format: huggingface x: model: unsupported type "Foo" (file m/x)`, 0},
	} {
		def, err := Open(c.fsys, c.path, "x")
		switch {
		case c.tokens == 0:
			if err == nil || !strings.Contains(err.Error(), c.format) || !strings.HasPrefix(err.Error(), "format: ") {
				t.Errorf("%s in %v: error %v, want %q", c.path, keys(c.fsys), err, c.format)
			}
		case err != nil:
			t.Errorf("%s in %v: %v", c.path, keys(c.fsys), err)
		case def.Format != c.format || def.Model.Tokens.Len() != c.tokens:
			t.Errorf("%s in %v: %d tokens of %s, want %d of %s", c.path, keys(c.fsys), def.Model.Tokens.Len(), def.Format, c.tokens, c.format)
		}
	}

	// What is cased.
	config := file([]byte(`{"do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": false}`))
	for _, c := range []struct {
		fsys                    fstest.MapFS
		lower, accents, chinese bool
	}{
		{fstest.MapFS{"vocab.txt": txt}, true, true, true},
		{fstest.MapFS{"vocab.txt": capital}, false, false, true},
		{fstest.MapFS{"vocab.txt": txt, "tokenizer_config.json": config}, false, true, false},
	} {
		def, err := Open(c.fsys, "vocab.txt", "x")
		if err != nil {
			t.Fatal(err)
		}
		want := []vocab.Normalizer{{Op: vocab.Bert, CleanText: true, Lowercase: c.lower, StripAccents: c.accents, ChineseChars: c.chinese}}
		if d := cmp.Diff(want, def.Normalizers); d != "" {
			t.Errorf("%v:\n%s", keys(c.fsys), d)
		}
	}
	_, err := Open(fstest.MapFS{"vocab.txt": txt, "tokenizer_config.json": file([]byte("{"))}, ".", "x")
	if err == nil || !strings.Contains(err.Error(), "tokenizer_config.json") {
		t.Errorf("broken config: error %v", err)
	}
}

func keys(m fstest.MapFS) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	return names
}

// invariants checks what every definition keeps to, whatever the file was.
func invariants(def *vocab.Definition) error {
	m := &def.Model
	n := m.Tokens.Len()
	if n == 0 || n > maxTokens {
		return fmt.Errorf("%d tokens", n)
	}
	end := uint32(0)
	for id, e := range m.Tokens.Ends {
		if e < end || e > uint32(len(m.Tokens.Bytes)) {
			return fmt.Errorf("token %d ends at %d, the one before at %d, the arena at %d", id, e, end, len(m.Tokens.Bytes))
		}
		end = e
	}
	if end != uint32(len(m.Tokens.Bytes)) {
		return fmt.Errorf("the last token ends at %d of %d", end, len(m.Tokens.Bytes))
	}
	for name, l := range map[string]int{"types": len(m.Types), "scores": len(m.Scores), "scores64": len(m.Scores64)} {
		if l != 0 && l != n {
			return fmt.Errorf("%d %s for %d tokens", l, name, n)
		}
	}
	if m.Unknown != vocab.NoID && int(m.Unknown) >= n {
		return fmt.Errorf("unknown token %d of %d", m.Unknown, n)
	}
	if m.ByteFallback != (m.ByteTokens != nil) || m.ByteTokens != nil && len(m.ByteTokens) != 256 {
		return fmt.Errorf("byte fallback %v with %d byte tokens", m.ByteFallback, len(m.ByteTokens))
	}
	for _, id := range m.ByteTokens {
		if id != vocab.NoID && int(id) >= n {
			return fmt.Errorf("byte token %d of %d", id, n)
		}
	}
	seen := make(map[[2]vocab.ID]bool)
	for i, g := range m.Merges {
		if int(g.Left) >= n || int(g.Right) >= n || int(g.Into) >= n {
			return fmt.Errorf("merge %d: %v of %d tokens", i, g, n)
		}
		if m.ContinuingPrefix == "" && string(m.Tokens.At(g.Left))+string(m.Tokens.At(g.Right)) != string(m.Tokens.At(g.Into)) {
			return fmt.Errorf("merge %d: %q and %q into %q", i, m.Tokens.At(g.Left), m.Tokens.At(g.Right), m.Tokens.At(g.Into))
		}
		if k := [2]vocab.ID{g.Left, g.Right}; seen[k] {
			return fmt.Errorf("merge %d: %v stands twice", i, k)
		} else {
			seen[k] = true
		}
	}
	switch {
	case m.Kind < vocab.BPE || m.Kind > vocab.WordPiece:
		return fmt.Errorf("kind %d", m.Kind)
	case (m.Kind == vocab.BPE) != (m.MergeBy != 0):
		return fmt.Errorf("%v merges by %d", m.Kind, m.MergeBy)
	case def.Format == "" || def.Name == "":
		return fmt.Errorf("format %q, name %q", def.Format, def.Name)
	}
	for _, a := range def.Added {
		if a.Text == "" || a.ID >= maxTokens {
			return fmt.Errorf("added token %+v", a)
		}
	}
	return nil
}
