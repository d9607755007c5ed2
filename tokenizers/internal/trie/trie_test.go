package trie

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// random makes a set of strings over a few letters, and a text of them.
func random(rnd *rand.Rand) ([]Entry, string) {
	letters := []string{"a", "b", "<", "\n", "▁", "中", "\xff", " "}
	word := func(most int) string {
		var b strings.Builder
		for range 1 + rnd.IntN(most) {
			b.WriteString(letters[rnd.IntN(len(letters))])
		}
		return b.String()
	}
	var entries []Entry
	seen := make(map[string]bool)
	for range 1 + rnd.IntN(40) {
		if w := word(5); !seen[w] {
			seen[w] = true
			entries = append(entries, Entry{w, uint32(len(entries))})
		}
	}
	text := word(300)
	if rnd.IntN(2) == 0 {
		text = strings.Repeat("x", rnd.IntN(100)) + text
	}
	return entries, text
}

// longest is the longest string of a set that a text begins with, by the book.
func longest(entries []Entry, text string) (v uint32, n int) {
	for _, e := range entries {
		if strings.HasPrefix(text, e.Key) && len(e.Key) > n {
			v, n = e.Value, len(e.Key)
		}
	}
	return v, n
}

func TestTrie(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		entries, text := random(rnd)
		trie, err := New(entries)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(text) {
			v, n := trie.Longest(text[i:])
			if wantV, wantN := longest(entries, text[i:]); v != wantV || n != wantN {
				t.Fatalf("%v at %d of %q: %d, %d bytes; want %d, %d", entries, i, text, v, n, wantV, wantN)
			}
		}
		for _, e := range entries {
			if v, ok := trie.Get(e.Key); !ok || v != e.Value {
				t.Fatalf("%v: %q is %d, %v; want %d", entries, e.Key, v, ok, e.Value)
			}
			if _, ok := trie.Get(e.Key + "x"); ok {
				t.Fatalf("%v: %q is found", entries, e.Key+"x")
			}
		}
	}
	var empty Trie
	if _, n := empty.Longest("a"); n != 0 {
		t.Error("an empty trie finds something")
	}
}

func checkFinder(t *testing.T, entries []Entry, text string) {
	t.Helper()
	f, err := NewFinder(entries)
	if err != nil {
		t.Fatal(err)
	}
	for pos := 0; pos <= len(text); {
		wantAt, wantV, wantN := len(text), uint32(0), 0
		for i := pos; i < len(text) && wantN == 0; i++ {
			if v, n := longest(entries, text[i:]); n > 0 {
				wantAt, wantV, wantN = i, v, n
			}
		}
		at, v, n := f.Next(text, pos)
		if at != wantAt || v != wantV || n != wantN {
			t.Fatalf("%v from %d of %q: %d at %d, %d bytes; want %d at %d, %d", entries, pos, text, v, at, n, wantV, wantAt, wantN)
		}
		pos = max(at, pos) + 1
	}
}

func TestFinder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	for range 400 {
		entries, text := random(rnd)
		checkFinder(t, entries, text)
	}
}

func FuzzFinder(f *testing.F) {
	f.Add("<b>,</b>,\n,▁▁", "a text <b> of ▁▁▁ several\n\nlines, and some more of them")
	f.Fuzz(func(t *testing.T, list, text string) {
		var entries []Entry
		seen := make(map[string]bool)
		for w := range strings.SplitSeq(list, ",") {
			if w != "" && !seen[w] && len(entries) < 30 {
				seen[w] = true
				entries = append(entries, Entry{w, uint32(len(entries))})
			}
		}
		if len(entries) > 0 && len(text) < 1000 {
			checkFinder(t, entries, text)
		}
	})
}
