package packed

import (
	"encoding/binary"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// What the scores are.
const (
	scoresNone = iota
	scoresWhole
	scores32
)

// header says what the other sections hold.
type header struct {
	tokens   int
	types    bool
	scores   uint8
	scores64 bool
	merges   uint8
}

// A codec writes the fields of a definition or reads them, by one and the same
// list of fields: the two cannot drift apart.
type codec interface {
	flags(...*bool)
	byte(*uint8)
	uint(*int)
	id(*vocab.ID)
	string(*string)
	bytes(*[]byte)
	// list codes the length of a slice, at most limit, and whether it is nil.
	list(n *int, notNil *bool, limit int)
}

// meta codes all of a definition that is not by token.
func meta(c codec, d *vocab.Definition, h *header) {
	c.uint(&h.tokens)
	c.flags(&h.types, &h.scores64)
	c.byte(&h.scores)
	c.byte(&h.merges)

	c.string(&d.Name)
	c.string(&d.Format)
	c.string(&d.Unicode)

	slice(c, &d.Added, maxTokens, func(a *vocab.AddedToken) {
		c.id(&a.ID)
		c.string(&a.Text)
		c.flags(&a.Special, &a.Normalized, &a.LStrip, &a.RStrip, &a.SingleWord)
	})
	slice(c, &d.Normalizers, maxSteps, func(n *vocab.Normalizer) {
		c.byte((*uint8)(&n.Op))
		c.string(&n.Unicode)
		c.string(&n.Pattern)
		c.string(&n.Content)
		c.bytes(&n.Charsmap)
		c.flags(&n.Regexp, &n.Left, &n.Right)
		c.flags(&n.CleanText, &n.ChineseChars, &n.StripAccents, &n.Lowercase)
		c.flags(&n.DummyPrefix, &n.RemoveExtraSpaces, &n.EscapeSpaces, &n.SpaceAsSuffix)
	})
	slice(c, &d.Splitters, maxSteps, func(s *vocab.Splitter) {
		c.byte((*uint8)(&s.Op))
		c.byte((*uint8)(&s.Behavior))
		c.byte((*uint8)(&s.Prepend))
		c.string(&s.Pattern)
		c.string(&s.Replacement)
		c.uint(&s.Length)
		c.flags(&s.Invert, &s.LineEnd, &s.Split, &s.Individual)
	})

	m := &d.Model
	c.byte((*uint8)(&m.Kind))
	c.byte((*uint8)(&m.MergeBy))
	c.flags(&m.Chars, &m.IgnoreMerges, &m.ByteFallback, &m.FuseUnknown)
	c.string(&m.ContinuingPrefix)
	c.string(&m.EndSuffix)
	c.id(&m.Unknown)
	c.uint(&m.MaxWordChars)
	slice(c, &m.ByteTokens, maxTokens, c.id)

	c.string(&d.Decoder.Space)
	c.flags(&d.Decoder.TrimSpace)
	c.string(&d.Decoder.WordPrefix)
	c.string(&d.Decoder.Suffix)
}

func slice[T any](c codec, s *[]T, limit int, item func(*T)) {
	n, notNil := len(*s), *s != nil
	c.list(&n, &notNil, limit)
	if notNil && *s == nil {
		*s = make([]T, n)
	}
	for i := range *s {
		item(&(*s)[i])
	}
}

func readMeta(data []byte) (*vocab.Definition, header, error) {
	def, h := new(vocab.Definition), header{}
	r := metaReader{reader{data: data}}
	meta(&r, def, &h)
	switch {
	case r.err != nil || len(r.data) > 0:
		return nil, h, corrupt("section meta is malformed")
	case h.tokens > maxTokens:
		return nil, h, corrupt("%d tokens, more than %d", h.tokens, maxTokens)
	case h.merges > mergesList || h.scores > scores32:
		return nil, h, corrupt("merges of kind %d, scores of kind %d", h.merges, h.scores)
	}
	return def, h, nil
}

type metaReader struct{ reader }

func (r *metaReader) flags(f ...*bool) {
	b := r.reader.byte()
	for i, p := range f {
		*p = b>>i&1 != 0
	}
	if b>>len(f) != 0 {
		r.fail()
	}
}

func (r *metaReader) byte(p *uint8)    { *p = r.reader.byte() }
func (r *metaReader) uint(p *int)      { *p = r.reader.uint(1<<31 - 1) }
func (r *metaReader) string(p *string) { *p = string(r.take(r.reader.uint(maxSection))) }

func (r *metaReader) id(p *vocab.ID) {
	v := r.uint64()
	if v > 1<<32-1 {
		r.fail()
	}
	*p = vocab.ID(v) - 1 // NoID is 0
}

func (r *metaReader) bytes(p *[]byte) {
	n := r.reader.uint(maxSection)
	if n > 0 {
		*p = append([]byte{}, r.take(n-1)...)
	}
}

func (r *metaReader) list(n *int, notNil *bool, limit int) {
	v := r.reader.uint(limit + 1)
	*n, *notNil = max(v-1, 0), v > 0
	if *n > len(r.data) { // an item takes a byte or more
		r.fail()
		*n = 0
	}
}

type metaWriter struct{ data []byte }

func (w *metaWriter) flags(f ...*bool) {
	var b byte
	for i, p := range f {
		if *p {
			b |= 1 << i
		}
	}
	w.data = append(w.data, b)
}

func (w *metaWriter) byte(p *uint8)  { w.data = append(w.data, *p) }
func (w *metaWriter) uint(p *int)    { w.data = binary.AppendUvarint(w.data, uint64(*p)) }
func (w *metaWriter) id(p *vocab.ID) { w.data = binary.AppendUvarint(w.data, uint64(*p+1)) }

func (w *metaWriter) string(p *string) {
	w.data = append(binary.AppendUvarint(w.data, uint64(len(*p))), *p...)
}

func (w *metaWriter) bytes(p *[]byte) {
	if *p == nil {
		w.data = append(w.data, 0)
		return
	}
	w.data = append(binary.AppendUvarint(w.data, uint64(len(*p)+1)), *p...)
}

func (w *metaWriter) list(n *int, notNil *bool, _ int) {
	if !*notNil {
		w.data = append(w.data, 0)
		return
	}
	w.data = binary.AppendUvarint(w.data, uint64(*n+1))
}
