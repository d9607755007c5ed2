// Package bench measures: it encodes the segments of a corpus under
// vocabularies and yields records.
//
// A [Plan] says what; [Run] does it and yields [results.Item] values as they
// are finished. Nothing is averaged here and nothing is reported: that is done
// from the records alone, by results/report.
//
// A benchmark is a test. Before an engine counts, it is held to the reference
// vectors of the vocabulary, and what it did there is part of the run. An
// engine that fails, panics or takes too long is a record with Err, never the
// end of the run.
package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/babelmeter/babelmeter/bench/hygiene"
	"github.com/babelmeter/babelmeter/bench/textsize"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// DefaultTimeLimit bounds each call of an engine that Run makes on one domain
// of one language, and each verification.
const DefaultTimeLimit = 2 * time.Minute

// Plan says what to measure.
type Plan struct {
	// Run holds what the caller knows of the run: tool, version, command,
	// start, host, seed, base. Corpora and Vocabs are filled in by Run.
	Run     results.Run
	Corpus  *corpora.Corpus
	Entries []Entry
	// Compare are engines that are held to the vectors of each vocabulary, too,
	// and do not count: what each does there is part of the run.
	Compare []tokenizers.Engine
	// Listed are vocabularies that the run names after those of the entries, and
	// does not count: each says what it needs.
	Listed []results.Vocab
	// Details: beside the counts also what is told of the tokens themselves
	// (results.Record.Split and Unknown, results.Whole). It takes about four
	// times as long. Vendors are not asked for it.
	Details bool
	// TimeLimit is DefaultTimeLimit if zero.
	TimeLimit time.Duration
}

// Entry is one vocabulary under one engine.
type Entry struct {
	Spec   *tokenizers.Spec
	Engine tokenizers.Engine
	Files  fs.FS // laid out as Spec.Files says
	// Vectors are the reference vectors of the vocabulary; nil if there are
	// none, and then the run says so.
	Vectors iter.Seq2[Vector, error]
	// Estimates: the models that the vocabulary is an estimate for are named,
	// too.
	Estimates bool
	// StandIn names the vocabulary that the engine opens in place of Spec's, if
	// every count is an estimate. Other engines are not held to it.
	StandIn string
	// Asked tells how the engine asks a vendor, if it does.
	Asked *results.Asked
}

// An asker is an encoder that asks a server: it does several texts at a time,
// has its own time limits and stops when ctx is done.
type asker interface {
	CountTexts(ctx context.Context, texts []string) ([]int, error)
}

// Vector is a text with the ids that the reference gives it.
type Vector struct {
	Text string
	IDs  []tokenizers.ID
	// CountOnly: the reference's number of ids is certain, the ids are not
	// (vocabularies known from their merges alone).
	CountOnly bool
}

// detailed reports whether the details of an entry are wanted and can be had:
// a vendor that is asked counts what it is asked for, and not each word again.
func (p *Plan) detailed(e *Entry) bool { return p.Details && e.Asked == nil }

// Steps returns how many items Run yields for the plan, for progress.
func (p *Plan) Steps() int {
	langs := len(p.Corpus.Langs())
	parts := langs * len(p.Corpus.Domains())
	n := 1 + parts + parts*len(p.Entries)
	for i := range p.Entries {
		if p.detailed(&p.Entries[i]) {
			n += langs
		}
	}
	return n
}

// Run carries out a plan: first the run, then the texts, then the records, by
// vocabulary, language and domain, each language's whole behind its records if
// the plan wants it. It stops after the item it is at when ctx
// is done and yields ctx.Err() last. Other errors are those of the corpus.
func Run(ctx context.Context, p Plan) iter.Seq2[results.Item, error] {
	return func(yield func(results.Item, error) bool) {
		limit := cmp.Or(p.TimeLimit, DefaultTimeLimit)
		run := p.Run
		run.Schema = results.Schema
		run.Vocabs, run.Compared = nil, nil
		c := p.Corpus
		var langs []string
		for _, l := range c.Langs() {
			langs = append(langs, string(l))
		}
		run.Corpora = []results.Corpus{{
			Name: c.Name, Version: c.Version, License: c.License, Digest: c.Digest(),
			Domains: c.Domains(), Langs: langs, Segments: c.Len(), Docs: c.Docs(),
		}}
		notNFC := make(map[string]int)
		for _, l := range c.Langs() {
			for s, err := range c.Segments(l) {
				if err == nil && !hygiene.IsNFC(s.Text) {
					notNFC[string(l)]++
				}
			}
		}
		if len(notNFC) > 0 {
			run.Corpora[0].NotNFC = notNFC
		}
		encoders := make([]tokenizers.Encoder, len(p.Entries))
		failures := make([]error, len(p.Entries))
		for i, e := range p.Entries {
			if ctx.Err() != nil {
				yield(results.Item{}, ctx.Err())
				return
			}
			v := results.Vocab{
				Name: e.Spec.Name, Engine: e.Engine.Name(), Version: e.Engine.Version(),
				Digest: e.Spec.Digest(), License: e.Spec.Licence.SPDX,
				Reference: e.Spec.Reference.String(), Unicode: e.Spec.Unicode, StandIn: e.StandIn, Asked: e.Asked,
			}
			if e.Spec.Reference == (tokenizers.Reference{}) {
				v.Reference = "" // the vendor is asked, there is nothing to be held to
			}
			for _, m := range e.Spec.Models {
				if m.Sold() || e.Estimates && m.Provenance == tokenizers.Estimate && !m.Retired && !m.Embedding {
					v.Models = append(v.Models, results.Model{Name: m.Name, Provenance: string(m.Provenance), Evidence: m.Evidence})
				}
			}
			encoders[i], v.Verified, failures[i] = open(e, limit)
			run.Vocabs = append(run.Vocabs, v)
		}
		run.Vocabs = append(run.Vocabs, p.Listed...)
		// What is among the entries is not compared, and nothing twice.
		held := make(map[[2]string]bool)
		for _, e := range p.Entries {
			held[[2]string{e.Spec.Name, e.Engine.Name()}] = true
		}
		for _, e := range p.Entries {
			for _, other := range p.Compare {
				if ctx.Err() != nil {
					yield(results.Item{}, ctx.Err())
					return
				}
				k := [2]string{e.Spec.Name, other.Name()}
				if e.Vectors == nil || held[k] || e.StandIn != "" {
					continue
				}
				held[k] = true
				x := results.Compared{Vocab: e.Spec.Name, Engine: other.Name(), Version: other.Version()}
				e.Engine = other
				var err error
				if x.Verified, err = VerifyEntry(e, limit); err != nil {
					x.Err = err.Error()
				}
				run.Compared = append(run.Compared, x)
			}
		}
		if !yield(results.Item{Run: &run}, nil) {
			return
		}

		texts := make(map[corpora.Lang][]part)
		for _, l := range c.Langs() {
			parts, err := split(c, l)
			if err != nil {
				yield(results.Item{}, err)
				return
			}
			texts[l] = parts
			for i := range parts {
				if !yield(results.Item{Texts: &parts[i].sizes}, nil) {
					return
				}
			}
		}
		for i, e := range p.Entries {
			for _, l := range c.Langs() {
				var all *details
				if p.detailed(&e) {
					all = newDetails(encoders[i])
				}
				for _, part := range texts[l] {
					if ctx.Err() != nil {
						yield(results.Item{}, ctx.Err())
						return
					}
					rec := &results.Record{
						Corpus: c.Name, Domain: part.sizes.Domain, Lang: string(l),
						Vocab: e.Spec.Name, Engine: e.Engine.Name(),
					}
					if err := failures[i]; err != nil {
						rec.Err = err.Error()
					} else if counts, err := count(ctx, encoders[i], part.texts, limit); err != nil {
						if _, ok := encoders[i].(asker); ok && ctx.Err() != nil {
							yield(results.Item{}, ctx.Err())
							return
						}
						rec.Err = err.Error()
						if errors.Is(err, errTimeLimit) {
							failures[i] = err // it may still be running: do not feed it more
						}
						all.fail(err)
					} else if err := all.add(rec, counts, part.texts, limit); err != nil {
						rec.Err = err.Error()
						if errors.Is(err, errTimeLimit) {
							failures[i] = err
						}
					}
					if !yield(results.Item{Record: rec}, nil) {
						return
					}
				}
				if p.detailed(&e) {
					joined, err := c.Joined(l)
					if err != nil {
						yield(results.Item{}, err)
						return
					}
					w := &results.Whole{Corpus: c.Name, Lang: string(l), Vocab: e.Spec.Name, Engine: e.Engine.Name()}
					if err := failures[i]; err != nil {
						w.Err = err.Error()
					} else if all.err != nil {
						w.Err = all.err.Error()
					} else if err := all.finish(w, joined, limit); err != nil {
						w.Err = err.Error()
						if errors.Is(err, errTimeLimit) {
							failures[i] = err
						}
					}
					if !yield(results.Item{Whole: w}, nil) {
						return
					}
				}
			}
		}
	}
}

// part is one domain of one language.
type part struct {
	sizes results.Texts
	texts []string
}

func split(c *corpora.Corpus, l corpora.Lang) ([]part, error) {
	var parts []part
	index := make(map[string]int)
	for s, err := range c.Segments(l) {
		if err != nil {
			return nil, err
		}
		i, ok := index[s.Domain]
		if !ok {
			i = len(parts)
			index[s.Domain] = i
			parts = append(parts, part{sizes: results.Texts{Corpus: c.Name, Domain: s.Domain, Lang: string(l)}})
		}
		p := &parts[i]
		size := textsize.Of(s.Text)
		p.texts = append(p.texts, s.Text)
		p.sizes.Keys = append(p.sizes.Keys, s.Key)
		p.sizes.Docs = append(p.sizes.Docs, s.Doc)
		p.sizes.Bytes = append(p.sizes.Bytes, size.Bytes)
		p.sizes.Chars = append(p.sizes.Chars, size.Chars)
		p.sizes.Graphemes = append(p.sizes.Graphemes, size.Graphemes)
		p.sizes.Words = append(p.sizes.Words, size.Words)
	}
	return parts, nil
}

// VerifyEntry opens an entry and holds it to its vectors. The error is that of
// opening or of the vectors, and then nothing is verified; differences are in
// the result. limit is DefaultTimeLimit if zero.
func VerifyEntry(e Entry, limit time.Duration) (results.Verified, error) {
	_, v, err := verified(e, cmp.Or(limit, DefaultTimeLimit))
	return v, err
}

func verified(e Entry, limit time.Duration) (tokenizers.Encoder, results.Verified, error) {
	var v results.Verified
	enc, err := guard(limit, func() (tokenizers.Encoder, error) { return e.Engine.Open(e.Files, e.Spec) })
	if err != nil {
		return nil, v, fmt.Errorf("open: %w", err)
	}
	if e.Vectors == nil {
		return enc, v, nil
	}
	if v, err = guard(limit, func() (results.Verified, error) { return Verify(enc, e.Vectors) }); err != nil {
		// Those that agreed before the error do not speak for the rest.
		return nil, results.Verified{}, fmt.Errorf("verify: %w", err)
	}
	return enc, v, nil
}

// open opens and verifies one entry. An encoder that fails its vectors is not
// used: the error says so.
func open(e Entry, limit time.Duration) (tokenizers.Encoder, results.Verified, error) {
	enc, v, err := verified(e, limit)
	if err == nil && v.Texts > 0 && !v.OK() {
		err = fmt.Errorf("differs from %s on %d of %d reference texts; first: %s", e.Spec.Reference, v.Texts-v.Agree, v.Texts, v.First)
	}
	return enc, v, err
}

// Verify encodes the texts of vectors and compares with the reference's ids.
// A text on which the encoder fails or panics counts as a difference. The
// error is that of the vectors.
func Verify(enc tokenizers.Encoder, vectors iter.Seq2[Vector, error]) (results.Verified, error) {
	var v results.Verified
	var ids []tokenizers.ID
	for vec, err := range vectors {
		if err != nil {
			return v, err
		}
		v.Texts++
		n := 0
		err := protect(func() (err error) {
			if ids, err = enc.AppendEncode(ids[:0], vec.Text); err != nil {
				return err
			}
			n, err = enc.Count(vec.Text)
			return err
		})
		diff := ""
		switch {
		case err != nil:
			diff = err.Error()
		case n != len(ids):
			diff = fmt.Sprintf("Count is %d but AppendEncode gives %d ids", n, len(ids))
		case vec.CountOnly && len(ids) != len(vec.IDs):
			diff = fmt.Sprintf("%d tokens, expected %d", len(ids), len(vec.IDs))
		case !vec.CountOnly && !slices.Equal(ids, vec.IDs):
			diff = firstDifference(ids, vec.IDs)
		}
		if diff == "" {
			v.Agree++
		} else if v.First == "" {
			v.First = fmt.Sprintf("text %d %+q: %s", v.Texts, clip(vec.Text), diff)
		}
	}
	return v, nil
}

func firstDifference(got, want []tokenizers.ID) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	window := func(ids []tokenizers.ID) []tokenizers.ID { return ids[min(i, len(ids)):min(i+4, len(ids))] }
	return fmt.Sprintf("from id %d on got %v, expected %v (%d and %d ids)", i+1, window(got), window(want), len(got), len(want))
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func count(ctx context.Context, enc tokenizers.Encoder, texts []string, limit time.Duration) ([]uint32, error) {
	if a, ok := enc.(asker); ok {
		var ns []int
		err := protect(func() (err error) {
			ns, err = a.CountTexts(ctx, texts)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(ns) != len(texts) {
			return nil, fmt.Errorf("the engine gives %d counts for %d segments", len(ns), len(texts))
		}
		counts := make([]uint32, len(ns))
		for i, n := range ns {
			if n < 0 || n > math.MaxUint32 {
				return nil, fmt.Errorf("segment %d: the engine counts %d tokens", i+1, n)
			}
			counts[i] = uint32(n)
		}
		return counts, nil
	}
	return guard(limit, func() ([]uint32, error) {
		counts := make([]uint32, len(texts))
		for i, t := range texts {
			n, err := enc.Count(t)
			if err != nil {
				return nil, fmt.Errorf("segment %d: %w", i+1, err)
			}
			if n < 0 || n > math.MaxUint32 {
				return nil, fmt.Errorf("segment %d: the engine counts %d tokens", i+1, n)
			}
			counts[i] = uint32(n)
		}
		return counts, nil
	})
}

var errTimeLimit = errors.New("time limit")

// guard runs f and gives up on it after limit. What it gave up on goes on in
// its goroutine until it ends by itself: Go cannot stop it. Its result is
// dropped.
func guard[T any](limit time.Duration, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.err = protect(func() (err error) {
			r.value, err = f()
			return err
		})
		done <- r
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		var zero T
		return zero, fmt.Errorf("%w of %v exceeded", errTimeLimit, limit)
	}
}

// protect turns a panic of f into an error.
func protect(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine panicked: %v", r)
		}
	}()
	return f()
}
