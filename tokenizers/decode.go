package tokenizers

import (
	"bytes"
	"fmt"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// decoder makes text of ids, one after the other.
type decoder struct {
	t       *Tokenizer
	dst     []byte
	started bool
}

// add appends one token. i is its place, for the error.
func (d *decoder) add(i int, id ID) error {
	text, err := d.t.tokenBytes(id)
	if err != nil {
		return fmt.Errorf("tokenizers: id %d of the list: %w", i+1, err)
	}
	dec := &d.t.def.Decoder
	if dec.WordPrefix != "" {
		rest, inner := bytes.CutPrefix(text, []byte(dec.WordPrefix))
		if !inner && d.started {
			d.dst = append(d.dst, ' ')
		}
		text = rest
	}
	if !d.started && dec.TrimSpace {
		text = bytes.TrimPrefix(text, []byte(" "))
	}
	d.started = true
	d.dst = append(d.dst, text...)
	return nil
}

func (d *decoder) finish() []byte { return d.dst }

// tokenBytes is the text of one id: real bytes, with the marks for spaces and
// bytes undone.
func (t *Tokenizer) tokenBytes(id ID) ([]byte, error) {
	m := &t.def.Model
	if m.TypeOf(id) == vocab.Byte || m.ByteFallback {
		if b, ok := t.byteOf(id); ok {
			return []byte{b}, nil
		}
	}
	text := m.Tokens.At(id)
	if len(text) == 0 {
		for _, a := range t.def.Added {
			if a.ID == id {
				return []byte(a.Text), nil
			}
		}
		return nil, fmt.Errorf("%d is no token of %s", id, t.def.Name)
	}
	dec := &t.def.Decoder
	if dec.Space != "" {
		text = bytes.ReplaceAll(text, []byte(dec.Space), []byte(" "))
	}
	if dec.Suffix != "" {
		if rest, ok := bytes.CutSuffix(text, []byte(dec.Suffix)); ok {
			text = append(bytes.Clone(rest), ' ')
		}
	}
	return text, nil
}

// byteOf returns the byte that a byte token stands for.
func (t *Tokenizer) byteOf(id ID) (byte, bool) {
	for b, x := range t.def.Model.ByteTokens {
		if x == id && id != vocab.NoID {
			return byte(b), true
		}
	}
	return 0, false
}
