package bench

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/bench/textsize"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// details gathers what is told of the tokens of one language under one
// encoder. A nil one gathers nothing.
type details struct {
	enc     tokenizers.Encoder
	namer   tokenizers.Namer // nil if the encoder does not tell
	sizer   tokenizers.Sizer // likewise
	unknown tokenizers.ID
	has     bool // there is an unknown token

	occurs map[tokenizers.ID]uint64
	split  map[tokenizers.ID]bool // whether it is no whole character
	single map[string]bool        // whether a word is one token, with a blank before it or not
	words  uint64
	kept   uint64
	err    error // of a domain: the whole is not to be had
}

func newDetails(enc tokenizers.Encoder) *details {
	d := &details{enc: enc, occurs: make(map[tokenizers.ID]uint64), split: make(map[tokenizers.ID]bool), single: make(map[string]bool)}
	d.namer, _ = enc.(tokenizers.Namer)
	if d.sizer, _ = enc.(tokenizers.Sizer); d.sizer != nil {
		d.unknown, d.has = d.sizer.Unknown()
	}
	return d
}

func (d *details) fail(err error) {
	if d != nil && d.err == nil {
		d.err = err
	}
}

// add sets the counts of a record and what is told of its tokens.
func (d *details) add(rec *results.Record, counts []uint32, texts []string, limit time.Duration) error {
	if d == nil {
		rec.Tokens = counts
		return nil
	}
	// The goroutine that is given up on must not write to what is read here.
	got, err := guard(limit, func() (r results.Record, err error) {
		var ids []tokenizers.ID
		for i, text := range texts {
			if ids, err = d.enc.AppendEncode(ids[:0], text); err != nil {
				return r, fmt.Errorf("segment %d: %w", i+1, err)
			}
			if len(ids) != int(counts[i]) {
				return r, fmt.Errorf("segment %d: Count is %d but AppendEncode gives %d ids", i+1, counts[i], len(ids))
			}
			var split, unknown uint32
			for _, id := range ids {
				d.occurs[id]++
				switch {
				case d.has && id == d.unknown:
					unknown++
				case d.isSplit(id):
					split++
				}
			}
			if d.namer != nil {
				r.Split = append(r.Split, split)
			}
			if d.sizer != nil {
				r.Unknown = append(r.Unknown, unknown)
			}
			if err := d.addWords(text); err != nil {
				return r, fmt.Errorf("segment %d: %w", i+1, err)
			}
		}
		return r, nil
	})
	if err != nil {
		d.fail(err)
		return err
	}
	rec.Tokens, rec.Split, rec.Unknown = counts, got.Split, got.Unknown
	return nil
}

// isSplit reports whether a token alone is not text: some bytes of a character.
func (d *details) isSplit(id tokenizers.ID) bool {
	if d.namer == nil {
		return false
	}
	split, ok := d.split[id]
	if !ok {
		b, err := d.namer.TokenBytes(id)
		split = err == nil && !utf8.Valid(b)
		d.split[id] = split
	}
	return split
}

func (d *details) addWords(text string) error {
	for word, blank := range textsize.Words(tokenizers.ValidUTF8(text)) {
		d.words++
		forms := []string{word}
		if blank {
			forms = append(forms, " "+word)
		}
		for _, form := range forms {
			one, ok := d.single[form]
			if !ok {
				n, err := d.enc.Count(form)
				if err != nil {
					return err
				}
				one = n == 1 && !d.isUnknown(form)
				d.single[form] = one
			}
			if one {
				d.kept++
				break
			}
		}
	}
	return nil
}

// isUnknown reports whether the one token of a word says nothing of it.
func (d *details) isUnknown(word string) bool {
	if !d.has {
		return false
	}
	ids, err := d.enc.AppendEncode(nil, word)
	return err == nil && len(ids) == 1 && ids[0] == d.unknown
}

// finish sets what is told of the whole language.
func (d *details) finish(w *results.Whole, joined string, limit time.Duration) error {
	n, err := guard(limit, func() (int, error) { return d.enc.Count(joined) })
	if err != nil {
		return fmt.Errorf("all segments joined: %w", err)
	}
	if n < 1 || uint64(n) > math.MaxInt64 {
		return fmt.Errorf("all segments joined: the engine counts %d tokens", n)
	}
	w.Joined = uint64(n)
	if d.sizer != nil {
		w.Size = uint64(d.sizer.Size())
	}
	spectrum := make(map[uint64]uint64)
	for _, f := range d.occurs {
		spectrum[f]++
	}
	for _, f := range slices.Sorted(maps.Keys(spectrum)) {
		w.Spectrum = append(w.Spectrum, [2]uint64{f, spectrum[f]})
	}
	w.Words, w.Single = d.words, d.kept
	return nil
}
