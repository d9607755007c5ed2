package split

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// chains are rows of knives, with whether they are one pattern.
func chains() map[string]struct {
	steps []vocab.Splitter
	one   bool
} {
	type chain = struct {
		steps []vocab.Splitter
		one   bool
	}
	re := func(patterns ...string) (steps []vocab.Splitter) {
		for _, p := range patterns {
			steps = append(steps, vocab.Splitter{Op: vocab.SplitRegexp, Pattern: p, Behavior: vocab.Isolated, LineEnd: true})
		}
		return steps
	}
	digits := func(individual bool) []vocab.Splitter {
		return []vocab.Splitter{{Op: vocab.SplitDigits, Individual: individual}}
	}
	marks := []vocab.Splitter{{Op: vocab.SplitPunctuation, Behavior: vocab.Contiguous}}
	cjk := "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
	return map[string]chain{
		"deepseek":           {re(`\p{N}{1,3}`, cjk, patterns["deepseek"]), true},
		"hyperclovax":        {re(`\p{N}`, cjk, patterns["deepseek"]), true},
		"digits, gpt2":       {append(digits(true), re(patterns["gpt2"])...), true},
		"digit runs, gpt2":   {append(digits(false), re(patterns["gpt2"])...), true},
		"marks, digits, o":   {slices.Concat(marks, digits(true), re(patterns["o200k"])), true},
		"cjk, marks, l3":     {slices.Concat(re(cjk), marks, re(patterns["llama3"])), false}, // ・ is of both
		"bounded, gpt2":      {re(`\p{N}{1,3}`, patterns["gpt2"]), false},                    // which cuts digits, too
		"words, gpt2":        {re(`\s?\p{L}+`, patterns["gpt2"]), false},
		"meeting sets, gpt2": {re(`[a-c]+`, `[b-d]+`, patterns["gpt2"]), false},
		"lines, tail":        {re("[\r\n]", `\s+$`), true},
		"bert":               {[]vocab.Splitter{{Op: vocab.SplitBert}}, true},
	}
}

// A chain that was made one pattern cuts as the chain does.
func TestFuse(t *testing.T) {
	for name, c := range chains() {
		t.Run(name, func(t *testing.T) {
			chain, err := New(&vocab.Definition{Name: "test", Splitters: c.steps})
			if err != nil {
				t.Fatal(err)
			}
			re, drop := chain.Single()
			if (re != nil) != c.one {
				t.Fatalf("one pattern: %v, want %v", re != nil, c.one)
			}
			if re == nil {
				return
			}
			rng := rand.New(rand.NewPCG(7, 8))
			for range 5000 {
				text := randomText(rng)
				if rng.IntN(3) == 0 {
					text += strings.Repeat("中・\u3040ー゠", rng.IntN(4)) + randomText(rng) + strings.Repeat("\x01 ", rng.IntN(3))
				}
				if rng.IntN(20) == 0 {
					text = strings.Repeat(text, 9)
				}
				var want []string
				chain.Each(nil, text, true, func(p string) bool { want = append(want, p); return true })
				var got []string
				start := 0
				for _, e := range allEnds(t, re, text, drop, 8) {
					if e < 0 {
						start = int(^e)
						continue
					}
					got = append(got, text[start:e])
					start = int(e)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%q:\n  as one %q\nas chain %q", text, got, want)
				}
			}
		})
	}
}
