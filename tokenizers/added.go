package tokenizers

import (
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/trie"
	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// added finds added tokens in text: at the leftmost place where one stands the
// longest one, as HF tokenizers does.
//
// Special ones are found, too, and then passed over as ordinary text: that is
// what the reference does when it is told to encode special tokens as text,
// and it matters where a token that is not special lies inside or across one.
type added struct {
	tokens []vocab.AddedToken
	finder *trie.Finder // with places in tokens
	word   ucd.Set      // \w of Rust's regex, for SingleWord
}

// newAdded returns nil if no token is one that can be found.
func newAdded(tokens []vocab.AddedToken, word ucd.Set) (*added, error) {
	a := &added{word: word}
	useful := false
	seen := make(map[string]bool)
	var keys []trie.Entry
	for _, t := range tokens {
		if t.Text == "" {
			continue
		}
		useful = useful || !t.Special
		if seen[t.Text] {
			continue
		}
		seen[t.Text] = true
		keys = append(keys, trie.Entry{Key: t.Text, Value: uint32(len(a.tokens))})
		a.tokens = append(a.tokens, t)
	}
	if !useful {
		return nil, nil
	}
	var err error
	a.finder, err = trie.NewFinder(keys)
	return a, err
}

// each calls f with the parts of text in order, with where they start: those
// between tokens with id NoID, and the tokens with their ids.
func (a *added) each(text string, f func(part string, start int, id ID)) {
	if a == nil {
		if text != "" {
			f(text, 0, vocab.NoID)
		}
		return
	}
	rest := 0 // start of what is not yet given out
	for i := 0; ; {
		start, k, n := a.finder.Next(text, i)
		if n == 0 {
			break
		}
		t := &a.tokens[k]
		end := start + n
		i = end
		if t.Special || t.SingleWord && (a.endsWithWord(text[:start]) || a.startsWithWord(text[end:])) {
			continue
		}
		if t.LStrip {
			start = max(rest, len(strings.TrimRightFunc(text[:start], isSpace)))
		}
		if t.RStrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], isSpace))
		}
		if rest < start {
			f(text[rest:start], rest, vocab.NoID)
		}
		f(text[start:end], start, t.ID)
		rest = end
		// A match that lies in what was stripped is passed by, as there.
		i = max(i, rest)
	}
	if rest < len(text) {
		f(text[rest:], rest, vocab.NoID)
	}
}

// isSpace is White_Space, which has not changed since Unicode 6.3.
func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return r >= 0x2000 && r <= 0x200A
}

func (a *added) startsWithWord(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && a.word.Contains(r)
}

func (a *added) endsWithWord(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	return n > 0 && a.word.Contains(r)
}
