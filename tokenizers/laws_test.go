package tokenizers_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
)

// lossless are vocabularies whose ids give back the text: byte-level ones
// without a normaliser.
var lossless = []string{"o200k_base", "cl100k_base", "r50k_base", "deepseek_v3", "kimi_k2", "mistral_tekken_240718"}

func TestRoundTrip(t *testing.T) {
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range lossless {
		t.Run(name, func(t *testing.T) {
			tok := open(t, name)
			var ids []tokenizers.ID
			var text []byte
			for _, want := range texts {
				ids, _ = tok.AppendEncode(ids[:0], want)
				if text, err = tok.AppendDecode(text[:0], ids); err != nil || string(text) != want {
					t.Fatalf("%+q came back as %+q (%v)", want, text, err)
				}
			}
		})
	}
}

// SentencePiece vocabularies with byte fallback give back the text but for the
// space that a dummy prefix puts before it.
func TestRoundTripSentencePiece(t *testing.T) {
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mistral_v3", "mistral_v1"} {
		tok := open(t, name)
		for _, want := range texts {
			if strings.Contains(want, "▁") {
				continue // is a space when it comes back
			}
			ids, _ := tok.AppendEncode(nil, want)
			got, err := tok.AppendDecode(nil, ids)
			if err != nil || string(got) != want {
				t.Fatalf("%s: %+q came back as %+q (%v)", name, want, got, err)
			}
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	tok := open(t, "r50k_base")
	if _, err := tok.AppendDecode(nil, []tokenizers.ID{0, 1 << 30}); err == nil || !strings.Contains(err.Error(), "id 2 of the list") {
		t.Errorf("error %v, want one that names the second id", err)
	}
	if _, err := tok.TokenBytes(1 << 30); err == nil {
		t.Error("no error for an id beyond the vocabulary")
	}
}

// Encoding appends to what is there, and gives the same whoever else encodes.
func TestConcurrent(t *testing.T) {
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		texts = texts[:1500]
	}
	for _, name := range []string{"o200k_base", "qwen3", "mistral_v3"} {
		tok := open(t, name)
		want := make([][]tokenizers.ID, len(texts))
		for i, text := range texts {
			want[i], _ = tok.AppendEncode(nil, text)
		}
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range texts {
					i = (i*31 + g*977) % len(texts)
					ids, _ := tok.AppendEncode([]tokenizers.ID{7}, texts[i])
					if ids[0] != 7 || !slices.Equal(ids[1:], want[i]) {
						t.Errorf("%s: %+q: %v, alone %v", name, texts[i], ids, want[i])
						return
					}
					if n, _ := tok.Count(texts[i]); n != len(want[i]) {
						t.Errorf("%s: %+q: counted %d of %d", name, texts[i], n, len(want[i]))
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// The table of Unicode 16.0, section 3.9 (U+FFFD Substitution of Maximal
// Subparts), and what else Python's bytes.decode("utf-8", "replace") gives.
func TestValidUTF8(t *testing.T) {
	const r = "\ufffd"
	for in, want := range map[string]string{
		"":                                     "",
		"a中😀":                                  "a中😀",
		"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41": r + r + r + r + r + r + r + r + "A",
		"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41": r + r + r + r + r + r + r + r + "A",
		"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42": r + r + r + r + r + "A" + r + r + "B",
		"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41": r + r + r + r + "A",
		"\xe4\xb8":                             r,
		"\xf0\x9f\x98":                         r,
		"\xf0\x9f\x98a":                        r + "a",
		"\xf5\x80":                             r + r,
		"a\x80":                                "a" + r,
		"\xef\xbf\xbd\xff":                     r + r,
	} {
		if got := tokenizers.ValidUTF8(in); got != want {
			t.Errorf("%+q: %+q, want %+q", in, got, want)
		}
	}
}

// Ill-formed text is encoded as its mended form.
func TestIllFormed(t *testing.T) {
	for _, name := range []string{"o200k_base", "deepseek_v3", "qwen3", "mistral_v3"} {
		tok := open(t, name)
		for _, text := range []string{"\xff", "a\x80b", "中\xe4\xb8中", "x\xed\xa0\x80y", strings.Repeat("word ", 3000) + "\xc3", "\xf0\x9f\x98", "\x80" + strings.Repeat("中", 2000)} {
			got, err := tok.AppendEncode(nil, text)
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := tok.AppendEncode(nil, tokenizers.ValidUTF8(text)); !slices.Equal(got, want) {
				t.Errorf("%s: %+.40q: %v, mended %v", name, text, got, want)
			}
			if n, _ := tok.Count(text); n != len(got) {
				t.Errorf("%s: %+.40q: counted %d of %d", name, text, n, len(got))
			}
		}
	}
}

// A tokenizer that is warm allocates nothing, for a word or for pages.
func TestAllocations(t *testing.T) {
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(texts[:400], "\n")
	for _, name := range vectorNames(t) {
		t.Run(name, func(t *testing.T) {
			tok := open(t, name)
			var ids []tokenizers.ID
			for _, text := range []string{"babelmeter", "こんにちは、世界。How are you?", page} {
				ids = slices.Grow(ids[:0], len(text)+16)
				least := func(f func()) float64 {
					n := testing.AllocsPerRun(1, f)
					for range 50 { // a collection empties pools, and the race detector now and then
						n = min(n, testing.AllocsPerRun(1, f))
					}
					return n
				}
				if n := least(func() { tok.Count(text) }); n > 0 {
					t.Errorf("counting %.20q: %v allocations", text, n)
				}
				if n := least(func() { ids, _ = tok.AppendEncode(ids[:0], text) }); n > 0 {
					t.Errorf("encoding %.20q: %v allocations", text, n)
				}
			}
		})
	}
}

// FuzzEncode: no text makes the engine panic, count otherwise than it encodes,
// or lose a byte.
func FuzzEncode(f *testing.F) {
	var toks []*tokenizers.Tokenizer
	for _, name := range []string{"o200k_base", "cl100k_base", "deepseek_v3"} {
		def, err := builtin.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		tok, err := tokenizers.New(def)
		if err != nil {
			f.Fatal(err)
		}
		toks = append(toks, tok)
	}
	texts, err := vectors.Texts()
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(texts); i += 40 {
		f.Add(texts[i])
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tok := range toks {
			ids, err := tok.AppendEncode(nil, text)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := tok.Count(text); err != nil || n != len(ids) {
				t.Fatalf("counted %d of %d (%v)", n, len(ids), err)
			}
			if got, err := tok.AppendDecode(nil, ids); err != nil || !bytes.Equal(got, []byte(tokenizers.ValidUTF8(text))) {
				t.Fatalf("%+q came back as %+q (%v)", text, got, err)
			}
		}
	})
}

// What BenchmarkHostile and TestHostile feed: a megabyte of one kind.
func hostile(size int) map[string]string {
	fill := func(next func(i uint32) rune) string {
		var b strings.Builder
		for x := uint32(1); b.Len() < size; {
			x ^= x << 13
			x ^= x >> 17
			x ^= x << 5
			b.WriteRune(next(x))
		}
		return b.String()
	}
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	return map[string]string{
		"letter": repeat("a"), "spaces": repeat(" "), "newlines": repeat("\n"), "equals": repeat("="), "emoji": repeat("😀"),
		"mixed":  repeat(" \n"),
		"az":     fill(func(i uint32) rune { return 'a' + rune(i%26) }),
		"han":    fill(func(i uint32) rune { return 0x4E00 + rune(i%0x5000) }),
		"phrase": repeat("今天天气很好我们一起去公园散步吧他说这个问题非常重要"),
	}
}

var hostileVocabs = []string{"o200k_base", "cl100k_base", "qwen3", "mistral_v3", "gemma2", "llm_jp_v3", "bert_base_uncased"}

// BenchmarkHostile shows that the time grows with the length alone.
func BenchmarkHostile(b *testing.B) {
	for _, name := range hostileVocabs {
		b.Run("vocab="+name, func(b *testing.B) {
			tok := open(b, name)
			for _, mb := range []int{1, 4, 16} {
				for kind, text := range hostile(mb << 20) {
					b.Run("input="+kind+"/mb="+strconv.Itoa(mb), func(b *testing.B) {
						b.SetBytes(int64(len(text)))
						want, _ := tok.Count(text)
						for b.Loop() {
							if n, _ := tok.Count(text); n != want {
								b.Fatalf("%d tokens, then %d", want, n)
							}
						}
					})
				}
			}
		})
	}
}

func TestHostileIsValid(t *testing.T) {
	for kind, text := range hostile(1 << 12) {
		if !utf8.ValidString(text) || len(text) < 1<<11 {
			t.Errorf("%s: %d bytes", kind, len(text))
		}
	}
}
