package normalize

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// testCharsmap returns the charsmap that vectors.py built, and pieces to keep.
func testCharsmap(t testing.TB) ([]byte, []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/invalid.json")
	if err != nil {
		t.Fatal(err)
	}
	var x struct {
		Charsmap    []byte
		UserDefined []string `json:"user_defined"`
	}
	if err := json.Unmarshal(data, &x); err != nil {
		t.Fatal(err)
	}
	return x.Charsmap, x.UserDefined
}

// everything returns a chain for each op.
func everything(t testing.TB) map[string]*Chain {
	blob, kept := testCharsmap(t)
	m := map[string]*Chain{}
	for name, n := range map[string]vocab.Normalizer{
		"NFC": {Op: vocab.NFC}, "NFD": {Op: vocab.NFD}, "NFKC": {Op: vocab.NFKC}, "NFKD": {Op: vocab.NFKD},
		"Lowercase": {Op: vocab.Lowercase}, "StripAccents": {Op: vocab.StripAccents}, "Nmt": {Op: vocab.Nmt},
		"Replace": {Op: vocab.Replace, Pattern: " ", Content: "\u2581"}, "Run": {Op: vocab.Replace, Pattern: ` {2,}`, Regexp: true, Content: " "},
		"Regexp": {Op: vocab.Replace, Pattern: `a[^\s]|\s+b`, Regexp: true, Content: "x"}, "Prepend": {Op: vocab.Prepend, Content: "\u2581"},
		"Strip": {Op: vocab.Strip, Left: true, Right: true}, "Precompiled": {Op: vocab.Precompiled, Charsmap: blob},
		"Bert":          {Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true},
		"SentencePiece": {Op: vocab.SentencePiece, Charsmap: blob, DummyPrefix: true, RemoveExtraSpaces: true, EscapeSpaces: true},
		"spaces":        {Op: vocab.SentencePiece, RemoveExtraSpaces: true},
		"escape":        {Op: vocab.SentencePiece, EscapeSpaces: true}, "ByteLevel": {Op: vocab.ByteLevel},
	} {
		m[name] = chain(t, kept, n)
	}
	m["all"] = chain(t, kept, vocab.Normalizer{Op: vocab.NFKC}, vocab.Normalizer{Op: vocab.Lowercase}, vocab.Normalizer{Op: vocab.Strip, Left: true, Right: true},
		vocab.Normalizer{Op: vocab.NFD}, vocab.Normalizer{Op: vocab.StripAccents}, vocab.Normalizer{Op: vocab.NFC}, vocab.Normalizer{Op: vocab.Replace, Pattern: " ", Content: "\u2581"})
	return m
}

// idempotent are those whose result does not change when normalised again.
var idempotent = map[string]bool{
	"NFC": true, "NFD": true, "NFKC": true, "NFKD": true, "StripAccents": true, "Nmt": true, "Replace": true, "Run": true, "Strip": true,
	"spaces": true, "escape": true,
}

func FuzzChains(f *testing.F) {
	for _, s := range []string{"", " ", "a", "\u0301e\u0301\u0323", "\u1100\u1161\u11a8\u11a8가각", "Ｆｕｌｌ　ｗｉｄｔｈ", "\xff\xe4\xb8 \xed\xa0\x80", "  a  b  ", "İI\u0130", "\r\n\t", "abc\u0301", "\u0f73\u0f71", "👨‍👩 <x>\u2581\u2581"} {
		f.Add(s)
	}
	all := everything(f)
	f.Fuzz(func(t *testing.T, s string) {
		for name, c := range all {
			got := string(c.Append(nil, s))
			if c.Unchanged(s) && got != s {
				t.Errorf("%s: Unchanged(%q), but it becomes %q", name, s, got)
			}
			if utf8.ValidString(s) && !utf8.ValidString(got) {
				t.Errorf("%s: %q becomes invalid: %q", name, s, got)
			}
			if idempotent[name] && utf8.ValidString(s) { // dropping what stands between stray bytes may join them
				if again := string(c.Append(nil, got)); again != got {
					t.Errorf("%s: %q becomes %q, then %q", name, s, got, again)
				}
			}
		}
	})
}

// FuzzCharsmap feeds damaged blobs to New: an error, or a chain that ends.
func FuzzCharsmap(f *testing.F) {
	blob, _ := testCharsmap(f)
	f.Add(blob, "abc\u0301 x")
	f.Add([]byte{4, 0, 0, 0, 0, 0, 0, 0}, "a")
	f.Fuzz(func(t *testing.T, blob []byte, s string) {
		for _, op := range []vocab.NormalizerOp{vocab.Precompiled, vocab.SentencePiece} {
			c, err := New(&vocab.Definition{Normalizers: []vocab.Normalizer{{Op: op, Charsmap: blob, RemoveExtraSpaces: true}}})
			if err != nil {
				continue
			}
			if got := string(c.Append(nil, s)); c.Unchanged(s) && got != s {
				t.Errorf("Unchanged(%q), but it becomes %q", s, got)
			}
		}
	})
}

// TestDamagedCharsmap changes, cuts and extends a good blob at random.
func TestDamagedCharsmap(t *testing.T) {
	blob, _ := testCharsmap(t)
	rng := rand.New(rand.NewPCG(3, 4))
	refused, taken := 0, 0
	for range 3000 {
		b := append([]byte(nil), blob...)
		switch rng.IntN(4) {
		case 0:
			b = b[:rng.IntN(len(b))]
		default:
			for range 1 + rng.IntN(4) {
				b[rng.IntN(len(b))] = byte(rng.Uint32())
			}
		}
		c, err := New(&vocab.Definition{Normalizers: []vocab.Normalizer{{Op: vocab.SentencePiece, Charsmap: b, RemoveExtraSpaces: true}, {Op: vocab.Precompiled, Charsmap: b}}})
		if err != nil {
			refused++
			continue
		}
		taken++
		c.Append(nil, "abc b\u0301\u3000 \u0915\u094d\u1100\u1161 \xff "+strings.Repeat("a", 100))
	}
	if refused < 100 || taken < 100 {
		t.Errorf("%d blobs refused, %d taken", refused, taken)
	}
	// A trie that leads back to itself: the root's base is 0, and so is that of
	// unit 'a'.
	loop := make([]byte, 4+4*256)
	binary.LittleEndian.PutUint32(loop, 4*256)
	binary.LittleEndian.PutUint32(loop[4+4*'a':], 'a'<<10|'a')
	if _, err := newCharsmap(loop); err == nil || !strings.Contains(err.Error(), "leads back") {
		t.Errorf("a trie with a loop: %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	c := everything(t)["all"]
	texts := []string{"Ｆｕｌｌ", "e\u0301 É", " \u1100\u1161\u11a8 ", strings.Repeat("Ünïcödé ", 50)}
	var want []string
	for _, s := range texts {
		want = append(want, string(c.Append(nil, s)))
	}
	done := make(chan bool)
	for range 4 {
		go func() {
			defer func() { done <- true }()
			var buf []byte
			for i := range 2000 {
				k := i % len(texts)
				buf = c.Append(buf[:0], texts[k])
				if string(buf) != want[k] {
					t.Errorf("%q becomes %q, want %q", texts[k], buf, want[k])
					return
				}
			}
		}()
	}
	for range 4 {
		<-done
	}
}

// TestAllocations: beyond dst, a warm chain allocates nothing.
func TestAllocations(t *testing.T) {
	text := "Plain text,  é e\u0301 \u1112\u1161\u11ab 中文　ＡＢ \u0915\u093c <x> İ\n"
	for name, c := range everything(t) {
		if name == "Regexp" {
			continue // package regexp allocates each match
		}
		buf := c.Append(nil, text)
		if n := testing.AllocsPerRun(50, func() {
			buf = c.Append(buf[:0], text)
			c.Unchanged(text)
		}); n >= 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
