// Package bybook encodes pieces the slow way, as the references' rules read:
// what package model is held to.
//
// Think of it as the rules written down so that a person can check them line
// by line against the reference. Nothing is fast: tokens are found in a map of
// strings, every pair is looked at again after every merge, every way to spell
// a piece is tried. It shares no code with package model, only the data of
// package vocab. Each rule names the place in the reference where it stands.
package bybook

import (
	"fmt"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Model encodes the pieces of one vocabulary. It is immutable and safe for
// concurrent use.
type Model struct {
	encode func(piece string) []vocab.ID
}

// New makes the by-the-book model of a definition. It trusts the definition;
// package model is the one that checks.
func New(def *vocab.Definition) (*Model, error) {
	m := &def.Model
	switch {
	case m.Kind == vocab.BPE && m.MergeBy == vocab.ByRank && !m.Chars:
		return &Model{byRank(m)}, nil
	case m.Kind == vocab.BPE && m.MergeBy == vocab.ByList:
		return &Model{byList(m)}, nil
	case m.Kind == vocab.BPE && m.MergeBy == vocab.ByScore && m.Chars:
		return &Model{byScore(m)}, nil
	case m.Kind == vocab.Unigram && m.Scores64 != nil:
		return &Model{unigramHF(m)}, nil
	case m.Kind == vocab.Unigram:
		return &Model{unigramSentencePiece(m)}, nil
	case m.Kind == vocab.WordPiece:
		return &Model{wordPiece(m)}, nil
	}
	return nil, fmt.Errorf("bybook: %s: no rule for %v, merges by %d, characters %v", def.Name, m.Kind, m.MergeBy, m.Chars)
}

// Encode returns the ids of a piece of valid UTF-8, nil if it is empty.
func (b *Model) Encode(piece string) []vocab.ID {
	if piece == "" {
		return nil
	}
	return b.encode(piece)
}

// characters cuts a string into its code points.
func characters(s string) (chars []string) {
	for _, r := range s {
		chars = append(chars, string(r))
	}
	return chars
}

// spell returns the byte tokens of a string, false if one of them is missing.
func spell(m *vocab.Model, s string) (ids []vocab.ID, ok bool) {
	if !m.ByteFallback {
		return nil, false
	}
	for i := range len(s) {
		id := m.ByteTokens[s[i]]
		if id == vocab.NoID {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}
