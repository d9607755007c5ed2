package tokenizers

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// chunk is how much text a goroutine takes at a time, and what is too little
// to be worth another one.
const chunk = 256 << 10

// AppendEncodeParallel is AppendEncode for a large text by several goroutines,
// GOMAXPROCS if workers is 0. The ids are the same: the text is cut only where
// a piece ends whatever stands around, and a text that offers no such place,
// or a vocabulary whose pipeline looks further, is encoded by one.
func (t *Tokenizer) AppendEncodeParallel(dst []ID, text string, workers int) ([]ID, error) {
	parts := t.parts(text, &workers)
	if len(parts) < 2 {
		return t.AppendEncode(dst, text)
	}
	ids := make([][]ID, len(parts))
	err := each(len(parts), workers, func(i int) (err error) {
		ids[i], err = t.AppendEncode(make([]ID, 0, len(parts[i])/3), parts[i])
		return err
	})
	if err != nil {
		return dst, err
	}
	for _, part := range ids {
		dst = append(dst, part...)
	}
	return dst, nil
}

// CountParallel is Count as AppendEncodeParallel is AppendEncode.
func (t *Tokenizer) CountParallel(text string, workers int) (int, error) {
	parts := t.parts(text, &workers)
	if len(parts) < 2 {
		return t.Count(text)
	}
	var total atomic.Int64
	err := each(len(parts), workers, func(i int) error {
		n, err := t.Count(parts[i])
		total.Add(int64(n))
		return err
	})
	return int(total.Load()), err
}

// parts cuts a text where that is exact.
func (t *Tokenizer) parts(text string, workers *int) []string {
	if *workers <= 0 {
		*workers = runtime.GOMAXPROCS(0)
	}
	re, _ := t.splitter.Single()
	if *workers == 1 || len(text) < 2*chunk || re == nil || t.raw != nil || t.normalized != nil || !t.normalizer.Identity() {
		return nil
	}
	// Ill-formed text is mended first: a cut could fall into what is one part.
	text = ValidUTF8(text)
	var parts []string
	for len(text) > 0 {
		at := -1
		if len(text) >= 2*chunk {
			at = re.SafeCut(text, chunk, 2*chunk)
		}
		if at < 0 && len(text) > 2*chunk {
			at = re.SafeCut(text, 2*chunk, len(text))
		}
		if at < 0 {
			at = len(text)
		}
		parts = append(parts, text[:at])
		text = text[at:]
	}
	return parts
}

// each calls f with 0 to n-1 by several goroutines, handed out in order. It
// returns the first error by number.
func each(n, workers int, f func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, workers) {
		wg.Go(func() {
			for i := int(next.Add(1) - 1); i < n; i = int(next.Add(1) - 1) {
				errs[i] = f(i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
