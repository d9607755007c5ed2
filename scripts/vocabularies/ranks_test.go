package main

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers/model"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// ranks makes a model of three bytes and of tokens over them.
func ranks(tokens ...string) *vocab.Model {
	m := &vocab.Model{Kind: vocab.BPE, MergeBy: vocab.ByRank, IgnoreMerges: true, Unknown: vocab.NoID}
	for _, s := range append([]string{"a", "b", "c"}, tokens...) {
		m.Tokens.Append(s)
	}
	return m
}

func TestToList(t *testing.T) {
	for _, c := range []struct {
		tokens     []string
		exceptions int
	}{
		{nil, 0},
		{[]string{"ab", "abc"}, 0},
		{[]string{"abc", "ab"}, 1},         // abc comes before its parts
		{[]string{"bc", "ab", "abcc"}, 1},  // a, bc, c
		{[]string{"ab", "bc", "abbc"}, 0},  // ab, bc
		{[]string{"ab", "abc", "ab"}, 1},   // twice
		{[]string{"abca", "cc", "bcb"}, 2}, // unreachable but as whole pieces
	} {
		m := ranks(c.tokens...)
		ok, exceptions := toList(m)
		if exceptions != c.exceptions || ok != (c.exceptions == 0) {
			t.Errorf("%q: %v with %d exceptions, expected %d", c.tokens, ok, exceptions, c.exceptions)
		}
		if ok != (m.MergeBy == vocab.ByList) {
			t.Errorf("%q: merges by %d", c.tokens, m.MergeBy)
		}
	}
}

// TestSame encodes random texts by rank and by list, with random vocabularies
// for which toList says that it is the same.
func TestSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	lists := 0
	for range 500 {
		byRank := ranks()
		have := map[string]bool{"a": true, "b": true, "c": true}
		for range rng.IntN(25) {
			// Mostly two tokens joined, sometimes any string.
			s := string(byRank.Tokens.At(vocab.ID(rng.IntN(byRank.Tokens.Len())))) + string(byRank.Tokens.At(vocab.ID(rng.IntN(byRank.Tokens.Len()))))
			if !have[s] && len(s) < 12 {
				have[s] = true
				byRank.Tokens.Append(s)
			}
		}
		byList := *byRank
		if ok, _ := toList(&byList); !ok {
			continue
		}
		lists++
		one, err := model.New(&vocab.Definition{Name: "ranks", Model: *byRank})
		if err != nil {
			t.Fatal(err)
		}
		two, err := model.New(&vocab.Definition{Name: "list", Model: byList})
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			b := make([]byte, 1+rng.IntN(40))
			for i := range b {
				b[i] = "abc"[rng.IntN(3)]
			}
			x, y := one.AppendEncode(nil, string(b)), two.AppendEncode(nil, string(b))
			if !slices.Equal(x, y) {
				t.Fatalf("%s: by rank %v, by list %v", b, x, y)
			}
		}
	}
	if lists < 100 {
		t.Errorf("only %d vocabularies could be lists", lists)
	}
	t.Logf("%d vocabularies", lists)
}
