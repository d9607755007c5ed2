package format

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

func (h *hfReader) readModel() error {
	tree := &node{kind: '{'}
	for _, o := range h.parts.options {
		tree.keys = append(tree.keys, o.key)
		tree.elems = append(tree.elems, o.value)
	}
	var err error
	p := part{node: tree, path: "model", err: &err}
	if h.parts.vocab == 0 {
		return errors.New("model.vocab is missing")
	}
	if p.get("type").kind == 'n' {
		h.inferType(p)
	}
	switch p.kind(map[string][]string{
		"BPE":       {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges"},
		"Unigram":   {"unk_id", "byte_fallback"},
		"WordPiece": {"unk_token", "continuing_subword_prefix", "max_input_chars_per_word"},
	}) {
	case "BPE":
		if h.parts.merges == 0 {
			return errors.New("model.merges is missing")
		}
		h.bpe(p)
	case "Unigram":
		h.unigram(p)
	case "WordPiece":
		h.wordPiece(p)
	}
	return err
}

// inferType names the type of a model that does not say, as old files, by the
// fields it has; the library tries its types in this order.
func (h *hfReader) inferType(p part) {
	kind := "WordLevel"
	switch {
	case h.parts.merges != 0:
		kind = "BPE"
	case h.data[h.parts.vocab] == '[':
		kind = "Unigram"
	case p.get("continuing_subword_prefix").kind != 'n':
		kind = "WordPiece"
	}
	for i, k := range p.keys {
		if k == "type" {
			p.elems[i] = node{kind: '"', text: kind}
			return
		}
	}
	p.keys = append(p.keys, "type")
	p.elems = append(p.elems, node{kind: '"', text: kind})
}

// vocabMap reads model.vocab as an object of strings and ids.
func (h *hfReader) vocabMap() error {
	h.pos, h.depth = h.parts.vocab, 0
	h.table = newTable((len(h.data) - h.pos) / 64)
	return h.object(func(key []byte) error {
		// The id stands behind the string, which lives until then only if it
		// is put away first.
		h.buf = append(h.buf[:0], key...)
		at := h.pos
		id, err := h.uint()
		if err != nil {
			return err
		}
		if err := h.addModelToken(id, h.buf); err != nil {
			h.pos = at
			return h.errorf("model.vocab: %w", err)
		}
		return nil
	})
}

// addModelToken enters a token as the file spells it.
func (h *hfReader) addModelToken(id uint64, text []byte) error {
	h.entries++
	if !h.byteLevel {
		return h.table.add(id, text)
	}
	n := len(text)
	b, ok := bytealphabet.AppendBytes(text, text) // behind itself, as scratch space
	h.buf = b[:0]
	if ok {
		return h.table.add(id, b[n:])
	}
	if h.odd == nil {
		h.odd = make(map[string]vocab.ID)
	}
	if _, ok := h.odd[string(text)]; ok {
		return fmt.Errorf("%w: %s", errTwice, clip(text))
	}
	if err := h.table.add(id, nil); err != nil {
		return err
	}
	h.odd[string(text)] = vocab.ID(id)
	return nil
}

func (h *hfReader) bpe(p part) {
	m := &h.def.Model
	*m = vocab.Model{
		Kind:         vocab.BPE,
		MergeBy:      vocab.ByList,
		Chars:        !h.byteLevel,
		IgnoreMerges: p.boolean("ignore_merges", false),
		ByteFallback: p.boolean("byte_fallback", false),
		FuseUnknown:  p.boolean("fuse_unk", false),
		Unknown:      vocab.NoID,
	}
	if d := p.get("dropout"); d.kind != 'n' && (d.kind != '0' || d.number != 0) {
		p.fail("dropout: %s is not supported, only nothing or 0", d.describe())
	}
	if p.get("continuing_subword_prefix").kind != 'n' {
		m.ContinuingPrefix = h.affix(p, "continuing_subword_prefix")
	}
	if p.get("end_of_word_suffix").kind != 'n' {
		m.EndSuffix = h.affix(p, "end_of_word_suffix")
	}
	if *p.err != nil {
		return
	}
	if err := h.vocabMap(); err != nil {
		*p.err = err
		return
	}
	h.pos, h.depth = h.parts.merges, 0
	if *p.err = h.merges(); *p.err != nil {
		return
	}
	if m.Tokens, *p.err = h.table.tokens(); *p.err != nil {
		return
	}

	// With every byte a token nothing is unknown, and neither byte_fallback
	// nor a missing unk_token matters.
	complete := h.byteLevel && m.ContinuingPrefix == "" && m.EndSuffix == "" && h.table.missingByte() < 0
	if m.ByteFallback {
		if h.byteLevel && !complete {
			p.fail("byte_fallback with ByteLevel is supported only if every byte is a token")
			return
		}
		if h.byteLevel {
			m.ByteFallback = false
		} else {
			var n int
			m.ByteTokens, n = h.table.byteTokens()
			complete = n == 256
		}
	}
	if u := p.get("unk_token"); u.kind != 'n' {
		text := p.str("unk_token")
		id, ok := h.modelID([]byte(text))
		if ok {
			m.Unknown = id
		} else if !complete {
			p.fail("unk_token %s is not in the vocabulary", clip([]byte(text)))
		}
	}
}

// affix reads continuing_subword_prefix or end_of_word_suffix in the model's
// own units.
func (h *hfReader) affix(p part, key string) string {
	text := p.str(key)
	if h.byteLevel {
		b, ok := bytealphabet.AppendBytes(nil, []byte(text))
		if !ok {
			p.fail("%s %q is not spelled in the alphabet of ByteLevel", key, text)
		}
		text = string(b)
	}
	return text
}

// merges reads model.merges in either notation, "a b" or ["a", "b"]. In a list
// with a pair twice the later place counts: the library collects the pairs in
// a map.
func (h *hfReader) merges() error {
	l := newMergeList(h.table, h.def.Model.ContinuingPrefix, (len(h.data)-h.pos)/24)
	var left, right, lb, rb []byte
	err := h.array(func(i int) error {
		if h.peek() == '[' {
			n := 0
			err := h.array(func(j int) error {
				b, err := h.str()
				switch n = j; j {
				case 0:
					left = append(left[:0], b...)
				case 1:
					right = append(right[:0], b...)
				}
				return err
			})
			if err != nil {
				return err
			}
			if n != 1 {
				return h.errorf("model.merges[%d]: two strings were expected, not %d", i, n+1)
			}
		} else {
			b, err := h.str()
			if err != nil {
				return err
			}
			if bytes.HasPrefix(b, []byte("#version")) {
				return nil
			}
			space := bytes.IndexByte(b, ' ')
			if space < 0 || bytes.IndexByte(b[space+1:], ' ') >= 0 {
				return h.errorf("model.merges[%d]: %s is not two tokens and a space", i, clip(b))
			}
			left, right = append(left[:0], b[:space]...), append(right[:0], b[space+1:]...)
		}
		lb, rb = left, right
		if h.byteLevel {
			var ok1, ok2 bool
			h.buf, ok1 = bytealphabet.AppendBytes(h.buf[:0], left)
			n := len(h.buf)
			h.buf, ok2 = bytealphabet.AppendBytes(h.buf, right)
			lb, rb = h.buf[:n], h.buf[n:]
			if !ok1 || !ok2 {
				// No text reaches a token outside the alphabet.
				for _, side := range [][]byte{left, right} {
					if _, ok := h.modelID(side); !ok {
						return h.errorf("model.merges[%d]: token %s is not in the vocabulary", i, clip(side))
					}
				}
				return nil
			}
		}
		if err := l.add(lb, rb); err != nil {
			return h.errorf("model.merges[%d]: %w", i, err)
		}
		return nil
	})
	h.def.Model.Merges = l.lastWins()
	return err
}

func (h *hfReader) unigram(p part) {
	if h.byteLevel {
		p.fail("a Unigram model behind ByteLevel is not supported")
		return
	}
	if h.parts.merges != 0 {
		p.fail("merges in a Unigram model")
		return
	}
	m := &h.def.Model
	*m = vocab.Model{
		Kind:         vocab.Unigram,
		ByteFallback: p.boolean("byte_fallback", false),
		FuseUnknown:  true, // always so in the library
		Unknown:      vocab.NoID,
	}
	h.pos, h.depth = h.parts.vocab, 0
	h.table = newTable((len(h.data) - h.pos) / 32)
	*p.err = h.array(func(i int) error {
		n := 0
		err := h.array(func(j int) (err error) {
			switch n++; j {
			case 0:
				var b []byte
				if b, err = h.str(); err == nil {
					err = h.table.set(uint64(i), b) // of equal pieces the last one counts
				}
			case 1:
				var score float64
				score, err = h.float()
				m.Scores64 = append(m.Scores64, score)
			}
			return err
		})
		if err == nil && n != 2 {
			err = h.errorf("a piece and a score were expected, not %d values", n)
		}
		if err != nil {
			return fmt.Errorf("model.vocab[%d]: %w", i, err)
		}
		h.entries++
		return nil
	})
	if *p.err != nil {
		return
	}
	if m.Tokens, *p.err = h.table.tokens(); *p.err != nil {
		return
	}
	if m.ByteFallback {
		m.ByteTokens, _ = h.table.byteTokens()
	}
	if u := p.get("unk_id"); u.kind != 'n' {
		id := int(u.number)
		if u.kind != '0' || u.number != float64(id) || id < 0 || id >= h.entries {
			p.fail("unk_id: an index into vocab was expected, not %s", u.describe())
			return
		}
		m.Unknown = vocab.ID(id)
	}
}

func (h *hfReader) wordPiece(p part) {
	if h.byteLevel {
		p.fail("a WordPiece model behind ByteLevel is not supported")
		return
	}
	if h.parts.merges != 0 {
		p.fail("merges in a WordPiece model")
		return
	}
	m := &h.def.Model
	*m = vocab.Model{
		Kind:             vocab.WordPiece,
		ContinuingPrefix: p.str("continuing_subword_prefix"),
		Unknown:          vocab.NoID,
	}
	if v := p.get("max_input_chars_per_word"); v.kind != '0' || v.number != float64(int(v.number)) || v.number < 0 || v.number > 1<<30 {
		p.fail("max_input_chars_per_word: a whole number was expected, not %s", v.describe())
	} else {
		m.MaxWordChars = int(v.number)
	}
	unknown := p.str("unk_token")
	if *p.err != nil {
		return
	}
	if *p.err = h.vocabMap(); *p.err != nil {
		return
	}
	if m.Tokens, *p.err = h.table.tokens(); *p.err != nil {
		return
	}
	id, ok := h.table.find([]byte(unknown))
	if !ok {
		p.fail("unk_token %s is not in the vocabulary", clip([]byte(unknown)))
		return
	}
	m.Unknown = id
}
