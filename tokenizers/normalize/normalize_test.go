package normalize

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// spec is a normaliser in the words of scripts/unicode/vectors.py.
type spec struct {
	Op                string `json:"op"`
	Pattern           string `json:"pattern"`
	Regexp            bool   `json:"regexp"`
	Content           string `json:"content"`
	Left              bool   `json:"left"`
	Right             bool   `json:"right"`
	Charsmap          []byte `json:"charsmap"`
	CleanText         bool   `json:"clean_text"`
	ChineseChars      bool   `json:"chinese_chars"`
	StripAccents      bool   `json:"strip_accents"`
	Lowercase         bool   `json:"lowercase"`
	DummyPrefix       bool   `json:"dummy_prefix"`
	RemoveExtraSpaces bool   `json:"remove_extra_spaces"`
	EscapeSpaces      bool   `json:"escape_spaces"`
	SpaceAsSuffix     bool   `json:"space_as_suffix"`
}

func (s spec) normalizer(t testing.TB) vocab.Normalizer {
	t.Helper()
	for op := vocab.NFC; op <= vocab.ByteLevel; op++ {
		if opName(op) == s.Op {
			return vocab.Normalizer{
				Op: op, Pattern: s.Pattern, Regexp: s.Regexp, Content: s.Content, Left: s.Left, Right: s.Right, Charsmap: s.Charsmap,
				CleanText: s.CleanText, ChineseChars: s.ChineseChars, StripAccents: s.StripAccents, Lowercase: s.Lowercase,
				DummyPrefix: s.DummyPrefix, RemoveExtraSpaces: s.RemoveExtraSpaces, EscapeSpaces: s.EscapeSpaces, SpaceAsSuffix: s.SpaceAsSuffix,
			}
		}
	}
	t.Fatalf("no op %q", s.Op)
	return vocab.Normalizer{}
}

// chain compiles normalisers, with pieces that are user-defined.
func chain(t testing.TB, userDefined []string, list ...vocab.Normalizer) *Chain {
	t.Helper()
	def := &vocab.Definition{Name: "test", Normalizers: list}
	def.Model.Tokens.Append("<unk>")
	def.Model.Types = []vocab.Type{vocab.Unknown}
	for _, p := range userDefined {
		def.Model.Tokens.Append(p)
		def.Model.Types = append(def.Model.Types, vocab.UserDefined)
	}
	c, err := New(def)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// check compares one text, and holds Unchanged to its promise.
func check(t *testing.T, what any, c *Chain, in, want string) {
	t.Helper()
	got := string(c.Append([]byte("<"), in))
	if got != "<"+want {
		t.Errorf("%v: %q (%X)\n got %q (%X)\nwant %q (%X)", what, in, []rune(in), got[1:], []rune(got[1:]), want, []rune(want))
	}
	if c.Unchanged(in) && want != in {
		t.Errorf("%v: Unchanged(%q), but it becomes %q", what, in, want)
	}
}

type cases struct {
	Normalizers []spec    `json:"normalizers"`
	UserDefined []string  `json:"user_defined"`
	In          []string  `json:"in"`
	Out         []*string `json:"out"`
}

// readCases reads testdata/name, whose first line names the references.
func readCases(t testing.TB, name string, header any) []cases {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zr, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bufio.NewReader(zr))
	if err := dec.Decode(header); err != nil {
		t.Fatal(err)
	}
	var all []cases
	for dec.More() {
		var c cases
		if err := dec.Decode(&c); err != nil {
			t.Fatal(err)
		}
		if len(c.In) == 0 || len(c.In) != len(c.Out) {
			t.Fatalf("%s: %d texts, %d results", name, len(c.In), len(c.Out))
		}
		all = append(all, c)
	}
	return all
}

// run checks all texts of c and returns how many it changed.
func (c *cases) run(t *testing.T) (changed int) {
	var list []vocab.Normalizer
	name := ""
	for _, s := range c.Normalizers {
		list = append(list, s.normalizer(t))
		s.Charsmap = nil
		name += fmt.Sprintf("%+v", s)
	}
	ch := chain(t, c.UserDefined, list...)
	for i, in := range c.In {
		want := in
		if c.Out[i] != nil {
			want = *c.Out[i]
			changed++
		}
		check(t, name, ch, in, want)
		if t.Failed() {
			t.FailNow()
		}
	}
	return changed
}

func TestCases(t *testing.T) {
	var header struct{ Versions map[string]string }
	texts, changed := 0, 0
	for _, c := range readCases(t, "cases.jsonl.gz", &header) {
		texts += len(c.In)
		t.Run(c.Normalizers[0].Op, func(t *testing.T) { changed += c.run(t) })
	}
	t.Logf("%d texts, %d changed, as %v", texts, changed, header.Versions)
	if changed < 5000 {
		t.Errorf("only %d texts were changed", changed)
	}
}

// blocks returns digests of what becomes of each code point between a and b,
// by blocks of 4096, as vectors.py makes them.
func blocks(c *Chain) []string {
	var list []string
	var buf []byte
	for block := rune(0); block <= utf8.MaxRune; block += 0x1000 {
		h := sha256.New()
		for r := block; r < block+0x1000; r++ {
			if utf8.ValidRune(r) {
				text := "a" + string(r) + "b"
				buf = append(c.Append(buf[:0], text), '\n')
				if c.Unchanged(text) && string(buf) != text+"\n" {
					buf = append(buf, "Unchanged lies"...)
				}
				h.Write(buf)
			}
		}
		list = append(list, hex.EncodeToString(h.Sum(nil))[:8])
	}
	return list
}

func compareBlocks(t *testing.T, c *Chain, want []string) {
	t.Helper()
	got := blocks(c)
	if len(want) != len(got) {
		t.Fatalf("%d blocks, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("code points %X000 to %XFFF differ", i, i)
		}
	}
}

func TestSingles(t *testing.T) {
	data, err := os.ReadFile("testdata/singles.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Normalizers []struct {
			Normalizer spec
			Digests    []string
		}
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Normalizers) < 12 {
		t.Errorf("only %d normalisers", len(all.Normalizers))
	}
	for _, n := range all.Normalizers {
		t.Run(n.Normalizer.Op, func(t *testing.T) {
			t.Parallel()
			compareBlocks(t, chain(t, nil, n.Normalizer.normalizer(t)), n.Digests)
		})
	}
}

func TestInvalidUTF8(t *testing.T) {
	data, err := os.ReadFile("testdata/invalid.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Charsmap    []byte
		UserDefined []string `json:"user_defined"`
		Cases       []struct{ In, Out string }
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	c := chain(t, all.UserDefined, vocab.Normalizer{Op: vocab.SentencePiece, Charsmap: all.Charsmap, DummyPrefix: true, RemoveExtraSpaces: true, EscapeSpaces: true})
	unhex := func(s string) string {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, x := range all.Cases {
		check(t, "SentencePiece", c, unhex(x.In), unhex(x.Out))
	}
}

func TestIdentity(t *testing.T) {
	for _, list := range [][]vocab.Normalizer{
		nil,
		{{Op: vocab.Strip}, {Op: vocab.Precompiled}},
		{{Op: vocab.Prepend}, {Op: vocab.Append}},
		{{Op: vocab.Replace, Pattern: "a", Content: "a"}},
	} {
		c := chain(t, nil, list...)
		if !c.Identity() {
			t.Errorf("%v is not the identity", list)
		}
		check(t, list, c, " a b", " a b")
	}
	c := chain(t, nil, vocab.Normalizer{Op: vocab.NFC})
	if c.Identity() || !c.Unchanged("") || !c.Unchanged("é한글 中文") || c.Unchanged("e\u0301") {
		t.Error("NFC: wrong about itself")
	}
}

func TestAppend(t *testing.T) {
	c := chain(t, nil, vocab.Normalizer{Op: vocab.Append, Content: "</s>"}, vocab.Normalizer{Op: vocab.Prepend, Content: "<s>"})
	check(t, "Append", c, "x", "<s>x</s>")
	check(t, "Append", c, "", "")
}

func TestErrors(t *testing.T) {
	for _, x := range []struct {
		n    vocab.Normalizer
		want string
	}{
		{vocab.Normalizer{}, "not supported"},
		{vocab.Normalizer{Op: 200}, "op 200"},
		{vocab.Normalizer{Op: vocab.Replace}, "empty pattern"},
		{vocab.Normalizer{Op: vocab.Replace, Pattern: "\xff"}, "UTF-8"},
		{vocab.Normalizer{Op: vocab.Precompiled, Charsmap: []byte{1, 2, 3}}, "charsmap"},
		{vocab.Normalizer{Op: vocab.Precompiled, Charsmap: make([]byte, 100)}, "charsmap"},
		{vocab.Normalizer{Op: vocab.SentencePiece, Charsmap: []byte("abc")}, "charsmap"},
	} {
		_, err := New(&vocab.Definition{Name: "broken", Normalizers: []vocab.Normalizer{{Op: vocab.NFC}, x.n}})
		if err == nil || !strings.Contains(err.Error(), x.want) || !strings.HasPrefix(err.Error(), "normalize: broken: normalizer 1 (") {
			t.Errorf("%+v: error %v, want one with %q", x.n, err, x.want)
		}
	}
	for _, p := range []string{
		"a*", "a?", "(a*)", "x|", "|", "^a", "a$", `\b`, `\Aa`, `a\z`, "a(?=b)", "a(?!b)", "(?<=a)b", "(?i:a)", "(?i)a", "a++", "a*+", "a?+", "a**", "a{2}{3}", "a{2}?",
		"a{3,2}", "a{1001}", "a{", "a{x}", "(a", "a)", "[a", "[]", "[^]", "[a-z&&b]", "[a[b]]", "[z-a]", `[\w-a]`, "[a-", "[-a]", `\`, `\1`, `\k<a>`, `\R`, `\X`, `\h`, `\G`, `\p`, `\p{`, `\p{Nope}`, `\u12`,
		`\x41`, `\x{110000}`, `\x{D800}`, "(a*)+b", "(?:(?:a?)*)b", "+", "{2}", strings.Repeat("(", 200), strings.Repeat("(?:a{1000}){1000}", 3), `[\x{0}-\x{10FFFF}&&a]`, `[^\x{0}-\x{10FFFF}]`,
	} {
		_, err := New(&vocab.Definition{Name: "x", Normalizers: []vocab.Normalizer{{Op: vocab.Replace, Pattern: p, Regexp: true, Content: "y"}}})
		if err == nil || !strings.Contains(err.Error(), "pattern") {
			t.Errorf("pattern %q: error %v, want one that names it", p, err)
		}
	}
}
