package tokenizers

import (
	"bytes"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// spaceMark is how SentencePiece and its heirs spell a space in their tokens.
const spaceMark = "▁"

// respelled returns a definition that gives the same ids and spares a pass over
// every text: where the last thing done to a text is to write "▁" for each
// space, the tokens are spelled with spaces instead.
//
// Afterwards a space and a "▁" are the same, so it makes no difference which of
// them both are written as; the normaliser that is left turns a "▁" in a text,
// which is rare, into a space. It must be that no token has a space already, and
// that the mark itself is a token: what no token spells is spelled by the bytes
// that it has.
//
// Where this does not hold, it returns the definition itself.
func respelled(def *vocab.Definition) *vocab.Definition {
	normalizers, ok := marksSpaces(def)
	if !ok {
		return def
	}
	m := &def.Model
	if !(m.Kind == vocab.BPE && m.Chars || m.Kind == vocab.Unigram) {
		return def
	}
	for _, a := range def.Added {
		if a.Normalized && (a.LStrip || a.RStrip || a.SingleWord) {
			return def // spaces are white space, the mark is not
		}
	}
	if bytes.IndexByte(m.Tokens.Bytes, ' ') >= 0 || strings.Contains(m.ContinuingPrefix+m.EndSuffix, spaceMark) {
		return def
	}
	known := false
	tokens := vocab.Tokens{Bytes: make([]byte, 0, len(m.Tokens.Bytes)), Ends: make([]uint32, 0, m.Tokens.Len())}
	start := uint32(0)
	for id, end := range m.Tokens.Ends {
		t := m.Tokens.Bytes[start:end]
		start = end
		marked := bytes.Contains(t, []byte(spaceMark))
		switch typ := m.TypeOf(vocab.ID(id)); {
		case !marked:
			tokens.Bytes = append(tokens.Bytes, t...)
			tokens.Ends = append(tokens.Ends, uint32(len(tokens.Bytes)))
			continue
		case typ == vocab.UserDefined && m.Kind == vocab.Unigram:
			return def // its score depends on its length in bytes
		case typ == vocab.Normal && len(t) == len(spaceMark):
			known = true
		}
		for len(t) > 0 {
			at := bytes.Index(t, []byte(spaceMark))
			if at < 0 {
				tokens.Bytes = append(tokens.Bytes, t...)
				break
			}
			tokens.Bytes = append(append(tokens.Bytes, t[:at]...), ' ')
			t = t[at+len(spaceMark):]
		}
		tokens.Ends = append(tokens.Ends, uint32(len(tokens.Bytes)))
	}
	if !known {
		return def
	}
	new := *def
	new.Normalizers, new.Splitters = normalizers, nil
	new.Model.Tokens = tokens
	return &new
}

// marksSpaces reports whether the last thing done to a text is to mark its
// spaces, and returns what is done instead if tokens are spelled with spaces.
func marksSpaces(def *vocab.Definition) ([]vocab.Normalizer, bool) {
	if len(def.Normalizers) == 0 {
		return nil, false
	}
	last := len(def.Normalizers) - 1
	unmark := vocab.Normalizer{Op: vocab.Replace, Pattern: spaceMark, Content: " "}
	switch n := def.Normalizers[last]; n.Op {
	case vocab.SentencePiece:
		if !n.EscapeSpaces || n.RemoveExtraSpaces || len(n.Charsmap) > 0 || last > 0 || len(def.Splitters) > 0 {
			return nil, false
		}
		n.EscapeSpaces = false
		return []vocab.Normalizer{unmark, n}, true
	case vocab.Replace:
		if n.Regexp || n.Pattern != " " || n.Content != spaceMark {
			return nil, false
		}
		var steps []vocab.Normalizer
		for _, n := range def.Normalizers[:last] {
			if n.Op != vocab.Prepend && n.Op != vocab.Append {
				return nil, false
			}
			n.Content = strings.ReplaceAll(n.Content, spaceMark, " ")
			steps = append(steps, n)
		}
		for _, s := range def.Splitters {
			// There is no space left to split at.
			if s.Op != vocab.SplitLiteral || s.Pattern != " " || s.Invert {
				return nil, false
			}
		}
		return append(steps, unmark), true
	}
	return nil, false
}
