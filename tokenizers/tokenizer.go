package tokenizers

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
	"github.com/babelmeter/babelmeter/tokenizers/internal/valid"
	"github.com/babelmeter/babelmeter/tokenizers/model"
	"github.com/babelmeter/babelmeter/tokenizers/normalize"
	"github.com/babelmeter/babelmeter/tokenizers/split"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Tokenizer is the native encoder and decoder of one vocabulary. It gives the
// ids of the vocabulary's reference on every valid text. It is immutable and
// safe for concurrent use.
type Tokenizer struct {
	def        *vocab.Definition
	raw        *added // looked for in the text as it comes
	normalized *added // looked for in the normalised text
	normalizer *normalize.Chain
	splitter   *split.Chain
	model      model.Model
	scratch    sync.Pool // *scratch
}

// scratch is what one call needs besides the model's own.
type scratch struct {
	normal []byte
	ends   []int32
	deep   [][]int32 // ends by level, where several patterns cut
	chain  split.Scratch
	memory model.Memory
}

// New makes the native tokenizer of a definition. A definition that asks for
// something that is not supported is an error that names it.
func New(def *vocab.Definition) (*Tokenizer, error) {
	t := &Tokenizer{def: def}
	def = respelled(def) // t.def is for decoding
	t.scratch.New = func() any { return &scratch{ends: make([]int32, 0, batch)} }
	var err error
	// The model takes longest to make: the rest is made beside it.
	made := make(chan error, 1)
	go func() {
		var err error
		t.model, err = model.New(def)
		made <- err
	}()
	t.normalizer, err = normalize.New(def)
	if err == nil {
		t.splitter, err = split.New(def)
	}
	if modelErr := <-made; err == nil {
		err = modelErr
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizers: %w", err)
	}
	var raw, normalized []vocab.AddedToken
	for _, a := range def.Added {
		if !a.Normalized {
			raw = append(raw, a)
			continue
		}
		a.Text = string(t.normalizer.Append(nil, a.Text))
		normalized = append(normalized, a)
	}
	tables, err := ucd.At(def.Unicode)
	if err != nil {
		return nil, fmt.Errorf("tokenizers: %w", err)
	}
	word := tables.Word()
	if t.raw, err = newAdded(raw, word); err == nil {
		t.normalized, err = newAdded(normalized, word)
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizers: %s: added tokens: %w", def.Name, err)
	}
	return t, nil
}

// AppendEncode appends the ids of text to dst. The only error is that of a text
// of more than 256 MiB.
func (t *Tokenizer) AppendEncode(dst []ID, text string) ([]ID, error) {
	if err := checkSize(text); err != nil {
		return dst, err
	}
	s := t.getScratch()
	token := func(id ID) { dst = append(dst, id) }
	pieces := func(text string, start int, ends []int32) {
		dst = t.model.AppendPieces(&s.memory, dst, text, start, ends)
	}
	first := len(dst)
	if !t.walk(s, text, token, pieces) {
		dst = dst[:first]
		t.walk(s, ValidUTF8(text), token, pieces)
	}
	t.putScratch(s)
	return dst, nil
}

// Count returns the number of ids of text.
func (t *Tokenizer) Count(text string) (int, error) {
	if err := checkSize(text); err != nil {
		return 0, err
	}
	n := 0
	s := t.getScratch()
	token := func(ID) { n++ }
	pieces := func(text string, start int, ends []int32) { n += t.model.CountPieces(&s.memory, text, start, ends) }
	if !t.walk(s, text, token, pieces) {
		n = 0
		t.walk(s, ValidUTF8(text), token, pieces)
	}
	t.putScratch(s)
	return n, nil
}

// batch is how many pieces are cut before they are encoded: two short loops
// run faster than one that does both.
const batch = 1024

// maxText is the longest text that is encoded at once: ends of pieces are
// 32-bit, and normalising may make a text three times as long and more.
const maxText = 1 << 28

func checkSize(text string) error {
	if len(text) > maxText {
		return fmt.Errorf("tokenizers: a text of %d bytes; at most %d are encoded at once: cut it at line ends", len(text), maxText)
	}
	return nil
}

func (t *Tokenizer) getScratch() *scratch { return t.scratch.Get().(*scratch) }

func (t *Tokenizer) putScratch(s *scratch) {
	t.model.Release(&s.memory)
	t.scratch.Put(s)
}

// walk takes text down the road: to its parts, and those to pieces. It calls
// token for an added token and pieces for pieces. If the text is not UTF-8 it
// returns false and has called nothing.
func (t *Tokenizer) walk(s *scratch, text string, token func(ID), pieces func(text string, start int, ends []int32)) bool {
	if !valid.UTF8(text) {
		return false
	}
	if t.raw == nil && t.normalized == nil && t.normalizer.Identity() {
		t.split(s, text, true, pieces)
		return true
	}
	t.parts(&s.normal, text, token, func(part string, first bool) { t.split(s, part, first, pieces) })
	return true
}

// parts takes text, which is UTF-8, down the first half of the road: added
// tokens that match raw text, normaliser, added tokens that match normalised
// text. What lies between tokens is a part; first says that it is the beginning
// of the text. A part that is not as it was lies in normal, which the next one
// overwrites; if normal is nil, in new memory.
func (t *Tokenizer) parts(normal *[]byte, text string, token func(ID), part func(text string, first bool)) {
	t.raw.each(text, func(raw string, start int, id ID) {
		if id != vocab.NoID {
			token(id)
			return
		}
		text := raw
		if !t.normalizer.Identity() && !t.normalizer.Unchanged(raw) {
			var buf []byte
			if normal != nil {
				buf = (*normal)[:0]
			}
			buf = t.normalizer.Append(buf, raw)
			if normal != nil {
				*normal = buf
			}
			// Nothing writes to it before this part is done with.
			text = unsafe.String(unsafe.SliceData(buf), len(buf))
		}
		t.normalized.each(text, func(text string, inner int, id ID) {
			if id != vocab.NoID {
				token(id)
				return
			}
			part(text, start == 0 && inner == 0)
		})
	})
}

// split cuts a text, which is UTF-8, and calls pieces with batches of pieces.
// first says that the text is the beginning of the whole.
func (t *Tokenizer) split(s *scratch, text string, first bool, pieces func(text string, start int, ends []int32)) {
	if text == "" {
		return
	}
	if re, drop := t.splitter.Single(); re != nil {
		for pos := 0; pos < len(text); {
			start := pos
			s.ends, pos = re.AppendEnds(s.ends[:0], text, pos, drop)
			pieces(text, start, s.ends)
		}
		return
	}
	if patterns := t.splitter.Patterns(); len(patterns) > 0 {
		for len(s.deep) < len(patterns)-1 {
			s.deep = append(s.deep, make([]int32, 0, batch))
		}
		splitDeep(s, patterns, 0, text, pieces)
		return
	}
	one := s.ends[:1]
	if t.splitter.Whole() {
		one[0] = int32(len(text))
		pieces(text, 0, one)
		return
	}
	t.splitter.Each(&s.chain, text, first, func(p string) bool {
		one[0] = int32(len(p))
		pieces(p, 0, one)
		return true
	})
}

// splitDeep cuts by the pattern of a level, and each of its pieces by those
// behind it. The text is valid UTF-8.
func splitDeep(s *scratch, patterns []*split.Regexp, level int, text string, pieces func(text string, start int, ends []int32)) {
	re := patterns[level]
	last := level == len(patterns)-1
	for pos := 0; pos < len(text); {
		start := pos
		if last {
			s.ends, pos = re.AppendEnds(s.ends[:0], text, pos, false)
			pieces(text, start, s.ends)
			continue
		}
		var ends []int32
		ends, pos = re.AppendEnds(s.deep[level][:0], text, pos, false)
		for _, end := range ends {
			splitDeep(s, patterns, level+1, text[start:end], pieces)
			start = int(end)
		}
	}
}

// AppendDecode appends the text that ids stand for to dst. Where the
// vocabulary is lossless it gives back the text that was encoded.
func (t *Tokenizer) AppendDecode(dst []byte, ids []ID) ([]byte, error) {
	d := decoder{t: t, dst: dst}
	for i, id := range ids {
		if err := d.add(i, id); err != nil {
			return dst, err
		}
	}
	return d.finish(), nil
}

// TokenBytes returns the bytes that id stands for on its own.
func (t *Tokenizer) TokenBytes(id ID) ([]byte, error) {
	return t.tokenBytes(id)
}
