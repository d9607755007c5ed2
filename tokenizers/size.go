package tokenizers

import "github.com/babelmeter/babelmeter/tokenizers/vocab"

// A Sizer tells of a vocabulary as a whole. Encoders that can do so implement
// it.
type Sizer interface {
	// Size returns how many different tokens a text can become: the ids that
	// have bytes, without control tokens and without the unknown token.
	Size() int
	// Unknown returns the token that stands for what the vocabulary cannot
	// spell; false if it has none.
	Unknown() (ID, bool)
}

// Size returns how many different tokens a text can become.
func (t *Tokenizer) Size() int {
	m := &t.def.Model
	special := make(map[ID]bool)
	ids := make(map[ID]bool)
	for _, a := range t.def.Added {
		if a.Special {
			special[a.ID] = true
		} else {
			ids[a.ID] = true
		}
	}
	for i := range m.Tokens.Ends {
		id := ID(i)
		switch m.TypeOf(id) {
		case vocab.Control, vocab.Unknown, vocab.Unused:
			continue
		}
		if len(m.Tokens.At(id)) > 0 && !special[id] && id != m.Unknown {
			ids[id] = true
		}
	}
	return len(ids)
}

// Unknown returns the token of what cannot be spelled.
func (t *Tokenizer) Unknown() (ID, bool) {
	return t.def.Model.Unknown, t.def.Model.Unknown != vocab.NoID
}
