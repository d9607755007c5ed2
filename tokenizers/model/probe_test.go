package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// probing keeps some strings of a text in a cache and holds the two ways of
// looking them up to each other, from every place on.
func probing(t *testing.T, text string, seed uint64) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 1))
	c := newCache(seed%2 == 0)
	var spans []span
	start := 0
	for end := range text {
		if end == 0 || rnd.IntN(3) == 0 {
			continue
		}
		s := span(end)
		if rnd.IntN(4) == 0 {
			s |= partSpan
		}
		spans = append(spans, s)
		if size := end - start; size <= maxKey && rnd.IntN(10) > 0 {
			k := makeKey(text, start, size)
			if s&partSpan != 0 && c.parts > 0 {
				k.hi |= partKey
			}
			if c.get(k) == nil {
				var list []vocab.ID
				for range 1 + rnd.IntN(6) {
					list = append(list, vocab.ID(rnd.IntN(idMask+1)))
				}
				c.put(k, list)
			}
		}
		start = end
	}
	start = 0
	for i := range spans {
		dst := make([]vocab.ID, 2, 4*len(spans)+8)
		n, to, ids := c.probe(dst, text, start, spans[i:])
		wantN, wantTo, want := c.probeGo(make([]vocab.ID, 2, 4*len(spans)+8), text, start, spans[i:])
		if n != wantN || to != wantTo || !slices.Equal(ids, want) {
			t.Fatalf("%q, spans %v from %d: %d spans to %d, %v; plain: %d to %d, %v", text, spans[i:], start, n, to, ids, wantN, wantTo, want)
		}
		start = spans[i].end()
	}
}

func TestProbe(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	parts := []string{" the", "ab", "中", "\x00", "x", "東京", "한국", "😀", " ", "internationalisation", "é"}
	for seed := range uint64(300) {
		var b strings.Builder
		for range rnd.IntN(60) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		probing(t, b.String(), seed)
	}
}

func FuzzProbe(f *testing.F) {
	f.Add("the quick brown fox jumps over the lazy dog, twice", uint64(0))
	f.Add("中文和日本語と한국어 mixed with \x00 and 😀", uint64(1))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) <= 1<<10 && utf8.ValidString(text) {
			probing(t, text, seed)
		}
	})
}

// A cache gives back what was put into it or nothing, whatever else was.
func TestCache(t *testing.T) {
	c := newCache(true)
	rnd := rand.New(rand.NewPCG(3, 4))
	want := make(map[key][]vocab.ID)
	found := 0
	for i := range 400_000 {
		n := 1 + rnd.IntN(maxKey)
		var b [16]byte
		for i := range n {
			b[i] = 'a' + byte(rnd.IntN(4))
		}
		k := makeKey(string(b[:]), 0, n)
		if v := c.get(k); v != nil {
			found++
			if got := c.append(nil, v); !slices.Equal(got, want[k]) {
				t.Fatalf("after %d: %q gives %v, was %v", i, b[:n], got, want[k])
			}
			continue
		}
		list := make([]vocab.ID, 1+rnd.IntN(7))
		for i := range list {
			list[i] = vocab.ID(rnd.IntN(1 << 20))
		}
		c.put(k, list)
		want[k] = list
	}
	if found < 40_000 {
		t.Errorf("only %d found", found)
	}
}

// The filter of two characters says "joined" wherever the four kinds of token
// have it so.
func TestCJKFilter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	char := func() string { return string(rune(0x3000 + rnd.IntN(0xA000))) }
	m := &vocab.Model{Kind: vocab.BPE}
	var tokens []string
	for range 300 {
		all := char() + char() + char()
		from, to := rnd.IntN(3), len(all)-rnd.IntN(3)
		tokens = append(tokens, all[from:to])
		m.Tokens.Append(all[from:to])
	}
	f := newBarriers(m)
	crosses := func(a, b string) bool {
		for _, tok := range tokens {
			for i := 1; i < len(tok); i++ {
				if (strings.HasSuffix(a, tok[:i]) || strings.HasSuffix(tok[:i], a)) && (strings.HasPrefix(b, tok[i:]) || strings.HasPrefix(tok[i:], b)) {
					return true
				}
			}
		}
		return false
	}
	barriers := 0
	for range 3000 {
		a, b := char(), char()
		if tok := tokens[rnd.IntN(len(tokens))]; rnd.IntN(2) == 0 {
			// Two that a token has side by side, or nearly.
			valid := []rune(strings.ToValidUTF8(tok, ""))
			if len(valid) > 1 {
				a, b = string(valid[0]), string(valid[1])
			}
			if tok[0]&0xC0 == 0x80 && len(valid) > 0 {
				b = string(valid[0])
				a = "\xE4" + string([]byte{0x80 + byte(rnd.IntN(64)), tok[0]})
				if tok[1]&0xC0 == 0x80 {
					a = "\xE4" + tok[:2]
				}
			}
		}
		if len(a) != 3 || len(b) != 3 || !utf8.ValidString(a) || !isCJK(b[0]) {
			continue
		}
		barrier := f.pairs.barrierCJK(a+b, 3) != 0
		if barrier {
			barriers++
		}
		if barrier && crosses(a, b) {
			t.Fatalf("%q|%q (% x|% x) is a barrier, and a token crosses there", a, b, a, b)
		}
	}
	if barriers < 500 {
		t.Errorf("only %d barriers", barriers)
	}
}
