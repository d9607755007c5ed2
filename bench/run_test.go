package bench_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
)

// engine is one of this test: it has a token for each byte, unless told
// otherwise.
type engine struct {
	name  string
	open  func() error
	ids   func(text string, ids []tokenizers.ID) ([]tokenizers.ID, error)
	count func(text string, n int) (int, error)
	calls atomic.Int64
}

func (e *engine) Name() string    { return e.name }
func (e *engine) Version() string { return "v0" }

func (e *engine) Open(fs.FS, *tokenizers.Spec) (tokenizers.Encoder, error) {
	if e.open != nil {
		if err := e.open(); err != nil {
			return nil, err
		}
	}
	return encoder{e}, nil
}

type encoder struct{ e *engine }

func (x encoder) AppendEncode(dst []tokenizers.ID, text string) ([]tokenizers.ID, error) {
	var ids []tokenizers.ID
	for i := range len(text) {
		ids = append(ids, tokenizers.ID(text[i]))
	}
	if x.e.ids != nil {
		var err error
		if ids, err = x.e.ids(text, ids); err != nil {
			return dst, err
		}
	}
	return append(dst, ids...), nil
}

func (x encoder) Count(text string) (int, error) {
	x.e.calls.Add(1)
	if x.e.count != nil {
		return x.e.count(text, len(text))
	}
	return len(text), nil
}

// small is a corpus of two languages, two domains that are interleaved, and
// three segments.
func small(t testing.TB) *corpora.Corpus {
	t.Helper()
	row := func(key, domain, text string) corpora.Segment {
		return corpora.Segment{Key: key, Doc: strings.TrimRight(key, "12"), Domain: domain, Text: text}
	}
	c, err := corpora.New("small", []corpora.Lang{"en", "ja"}, map[corpora.Lang][]corpora.Segment{
		"en": {row("x1", "x", "one"), row("y1", "y", "e\u0301!"), row("x2", "x", "two words")},
		"ja": {row("x1", "x", "一"), row("y1", "y", "え！"), row("x2", "x", "二語")},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Version, c.License = "1", "CC0-1.0"
	return c
}

func spec(name string) *tokenizers.Spec {
	return &tokenizers.Spec{
		Name: name, Unicode: "16.0.0",
		Reference: tokenizers.Reference{Name: "bytes", Version: "1"}, Licence: tokenizers.Licence{SPDX: "MIT"},
		Files: []tokenizers.File{{Name: name + ".txt", SHA256: strings.Repeat("ab", 32)}},
		Models: []tokenizers.Model{
			{Name: name + "-sold", Provenance: tokenizers.Exact, Evidence: "e"},
			{Name: name + "-retired", Provenance: tokenizers.Exact, Retired: true},
			{Name: name + "-embedding", Provenance: tokenizers.Exact, Embedding: true},
		},
	}
}

// byteVectors are right for an engine that does nothing special.
func byteVectors(texts ...string) iter.Seq2[bench.Vector, error] {
	return func(yield func(bench.Vector, error) bool) {
		for _, t := range texts {
			ids, _ := encoder{new(engine)}.AppendEncode(nil, t)
			if !yield(bench.Vector{Text: t, IDs: ids}, nil) {
				return
			}
		}
	}
}

func entry(name string, e *engine) bench.Entry {
	if e.name == "" {
		e.name = "test"
	}
	return bench.Entry{Spec: spec(name), Engine: e, Vectors: byteVectors("abc", "日本", "")}
}

func plan(t testing.TB, entries ...bench.Entry) bench.Plan {
	return bench.Plan{Run: results.Run{Base: "en", Seed: 5, Tool: "test"}, Corpus: small(t), Entries: entries}
}

// run carries out a plan to the end and checks what holds for every run.
func run(t testing.TB, p bench.Plan) *results.Set {
	t.Helper()
	n := 0
	var buf bytes.Buffer
	w := results.NewWriter(&buf)
	set, err := results.Collect(func(yield func(results.Item, error) bool) {
		for it, err := range bench.Run(context.Background(), p) {
			n++
			if err == nil {
				err = w.Write(it)
			}
			if !yield(it, err) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != p.Steps() {
		t.Errorf("%d items, Steps says %d", n, p.Steps())
	}
	again, err := results.ReadSet(&buf, "buf")
	if err != nil {
		t.Errorf("the run cannot be read again: %v", err)
	} else if diff := cmp.Diff(set, again); diff != "" {
		t.Errorf("read again (-run +file):\n%s", diff)
	}
	return set
}

func TestRun(t *testing.T) {
	set := run(t, plan(t, entry("v", &engine{}), entry("w", &engine{name: "other"})))
	want := &results.Set{
		Run: results.Run{
			Schema: results.Schema, Base: "en", Seed: 5, Tool: "test",
			Corpora: []results.Corpus{{Name: "small", Version: "1", License: "CC0-1.0", Digest: small(t).Digest(), Domains: []string{"x", "y"}, Langs: []string{"en", "ja"}, Segments: 3, Docs: 2,
				NotNFC: map[string]int{"en": 1}}},
			Vocabs: []results.Vocab{
				{Name: "v", Engine: "test", Version: "v0", Digest: "sha256:" + strings.Repeat("ab", 32), License: "MIT", Reference: "bytes 1", Unicode: "16.0.0",
					Verified: results.Verified{Texts: 3, Agree: 3}, Models: []results.Model{{Name: "v-sold", Provenance: "exact", Evidence: "e"}}},
				{Name: "w", Engine: "other", Version: "v0", Digest: "sha256:" + strings.Repeat("ab", 32), License: "MIT", Reference: "bytes 1", Unicode: "16.0.0",
					Verified: results.Verified{Texts: 3, Agree: 3}, Models: []results.Model{{Name: "w-sold", Provenance: "exact", Evidence: "e"}}},
			},
		},
		// "e" and an accent are one grapheme of two code points and three bytes.
		Texts: []results.Texts{
			{Corpus: "small", Domain: "x", Lang: "en", Keys: []string{"x1", "x2"}, Docs: []string{"x", "x"}, Bytes: []uint32{3, 9}, Chars: []uint32{3, 9}, Graphemes: []uint32{3, 9}, Words: []uint32{1, 2}},
			{Corpus: "small", Domain: "y", Lang: "en", Keys: []string{"y1"}, Docs: []string{"y"}, Bytes: []uint32{4}, Chars: []uint32{3}, Graphemes: []uint32{2}, Words: []uint32{1}},
			{Corpus: "small", Domain: "x", Lang: "ja", Keys: []string{"x1", "x2"}, Docs: []string{"x", "x"}, Bytes: []uint32{3, 6}, Chars: []uint32{1, 2}, Graphemes: []uint32{1, 2}, Words: []uint32{1, 2}},
			{Corpus: "small", Domain: "y", Lang: "ja", Keys: []string{"y1"}, Docs: []string{"y"}, Bytes: []uint32{6}, Chars: []uint32{2}, Graphemes: []uint32{2}, Words: []uint32{1}},
		},
	}
	for _, v := range []struct{ vocab, engine string }{{"v", "test"}, {"w", "other"}} {
		for _, r := range []results.Record{
			{Domain: "x", Lang: "en", Tokens: []uint32{3, 9}}, {Domain: "y", Lang: "en", Tokens: []uint32{4}},
			{Domain: "x", Lang: "ja", Tokens: []uint32{3, 6}}, {Domain: "y", Lang: "ja", Tokens: []uint32{6}},
		} {
			r.Corpus, r.Vocab, r.Engine = "small", v.vocab, v.engine
			want.Records = append(want.Records, r)
		}
	}
	if diff := cmp.Diff(want, set); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The order of items is part of what a reader relies on: the run, then the
// texts, then the records by vocabulary, language and domain.
func TestRunOrder(t *testing.T) {
	var got []string
	for it, err := range bench.Run(context.Background(), plan(t, entry("v", &engine{}), entry("w", &engine{}))) {
		switch {
		case err != nil:
			t.Fatal(err)
		case it.Run != nil:
			got = append(got, "run")
		case it.Texts != nil:
			got = append(got, it.Texts.Lang+it.Texts.Domain)
		default:
			got = append(got, it.Record.Vocab+it.Record.Lang+it.Record.Domain)
		}
	}
	want := strings.Fields("run enx eny jax jay venx veny vjax vjay wenx weny wjax wjay")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// hang blocks until the test is over.
func hang(t *testing.T) func() {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	return func() { <-release }
}

var errEngine = errors.New("no such luck")

// An engine that goes wrong is rows with Err, says what went wrong, and leaves
// the others alone.
func TestRunOfEnginesThatGoWrong(t *testing.T) {
	on := func(bad string, f func(n int) (int, error)) func(string, int) (int, error) {
		return func(text string, n int) (int, error) {
			if text == bad {
				return f(n)
			}
			return n, nil
		}
	}
	fail := func(int) (int, error) { return 0, errEngine }
	all := map[string]string{"en/x": "", "en/y": "", "ja/x": "", "ja/y": ""}
	every := func(msg string) map[string]string {
		m := make(map[string]string)
		for k := range all {
			m[k] = msg
		}
		return m
	}
	only := func(k, msg string) map[string]string { return map[string]string{k: msg} }
	for _, c := range []struct {
		name   string
		engine func(t *testing.T) *engine
		errs   map[string]string // by lang/domain; the others have counts
	}{
		{"open fails", func(*testing.T) *engine { return &engine{open: func() error { return errEngine }} }, every("open: no such luck")},
		{"open panics", func(*testing.T) *engine { return &engine{open: func() error { panic("ouch") }} }, every("open: engine panicked: ouch")},
		{"open hangs", func(t *testing.T) *engine { h := hang(t); return &engine{open: func() error { h(); return nil }} },
			every("open: time limit of 2m0s exceeded")},
		{"open ends its goroutine", func(*testing.T) *engine { return &engine{open: func() error { runtime.Goexit(); return nil }} },
			every("open: time limit of 2m0s exceeded")},
		{"wrong ids", func(*testing.T) *engine {
			return &engine{ids: func(_ string, ids []tokenizers.ID) ([]tokenizers.ID, error) {
				if len(ids) > 1 {
					ids[1]++
				}
				return ids, nil
			}}
		}, every(`differs from bytes 1 on 2 of 3 reference texts; first: text 1 "abc": from id 2 on got [99 99], expected [98 99] (3 and 3 ids)`)},
		{"an id less", func(*testing.T) *engine {
			return &engine{ids: func(_ string, ids []tokenizers.ID) ([]tokenizers.ID, error) { return ids[:min(len(ids), 5)], nil },
				count: func(_ string, n int) (int, error) { return min(n, 5), nil }}
		}, every(`differs from bytes 1 on 1 of 3 reference texts; first: text 2 "\u65e5\u672c": from id 6 on got [], expected [172] (5 and 6 ids)`)},
		{"Count differs from AppendEncode", func(*testing.T) *engine {
			return &engine{count: func(_ string, n int) (int, error) { return n + 1, nil }}
		},
			every(`differs from bytes 1 on 3 of 3 reference texts; first: text 1 "abc": Count is 4 but AppendEncode gives 3 ids`)},
		{"fails on a vector", func(*testing.T) *engine { return &engine{count: on("日本", fail)} },
			every(`differs from bytes 1 on 1 of 3 reference texts; first: text 2 "\u65e5\u672c": no such luck`)},
		{"panics on a vector", func(*testing.T) *engine {
			return &engine{ids: func(text string, ids []tokenizers.ID) ([]tokenizers.ID, error) { return ids[4:], nil }}
		}, every(`differs from bytes 1 on 3 of 3 reference texts; first: text 1 "abc": engine panicked: runtime error: slice bounds out of range [4:3]`)},
		{"hangs on a vector", func(t *testing.T) *engine {
			h := hang(t)
			return &engine{count: on("日本", func(n int) (int, error) { h(); return n, nil })}
		}, every("verify: time limit of 2m0s exceeded")},
		{"fails on a text", func(*testing.T) *engine { return &engine{count: on("二語", fail)} }, only("ja/x", "segment 2: no such luck")},
		{"fails without a message", func(*testing.T) *engine {
			return &engine{count: on("二語", func(int) (int, error) { return 0, errors.New("") })}
		}, only("ja/x", "segment 2: ")},
		{"open fails without a message", func(*testing.T) *engine { return &engine{open: func() error { return errors.New("") }} }, every("open: ")},
		{"panics on a text", func(*testing.T) *engine {
			return &engine{count: on("one", func(n int) (int, error) { return []int{}[n], nil })}
		}, only("en/x", "engine panicked: runtime error: index out of range [3] with length 0")},
		{"panics with an error", func(*testing.T) *engine {
			return &engine{count: on("one", func(int) (int, error) { panic(errEngine) })}
		},
			only("en/x", "engine panicked: no such luck")},
		{"counts less than nothing", func(*testing.T) *engine {
			return &engine{count: on("え！", func(int) (int, error) { return -1, nil })}
		},
			only("ja/y", "segment 1: the engine counts -1 tokens")},
		// It may still be running: it is not given more.
		{"hangs on a text", func(t *testing.T) *engine {
			h := hang(t)
			return &engine{count: on("e\u0301!", func(n int) (int, error) { h(); return n, nil })}
		}, map[string]string{"en/y": "time limit of 2m0s exceeded", "ja/x": "time limit of 2m0s exceeded", "ja/y": "time limit of 2m0s exceeded"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// In a bubble the two minutes of the limit pass at once.
			synctest.Test(t, func(t *testing.T) {
				good1, good2 := &engine{name: "good1"}, &engine{name: "good2"}
				bad := c.engine(t)
				set := run(t, plan(t, entry("a", good1), entry("b", bad), entry("c", good2)))
				got := make(map[string]string)
				for _, r := range set.Records {
					if r.Vocab != "b" {
						if r.Err != "" || r.Tokens == nil {
							t.Errorf("%s suffers with it: %+v", r.Vocab, r)
						}
						continue
					}
					if r.Err != "" {
						got[r.Lang+"/"+r.Domain] = r.Err
					}
				}
				if diff := cmp.Diff(c.errs, got); diff != "" {
					t.Errorf("errors (-want +got):\n%s", diff)
				}
				if v := set.Run.Vocabs[1].Verified; v.OK() && len(c.errs) == 4 {
					t.Errorf("failed everywhere, but verified: %+v", v)
				}
			})
		})
	}
}

// An engine that was given up on gets no text that comes after.
func TestRunStopsFeedingAnEngineThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hang(t)
		e := &engine{count: func(text string, n int) (int, error) {
			if text == "one" {
				h()
			}
			return n, nil
		}}
		x := entry("v", e)
		x.Vectors = nil
		p := plan(t, x)
		p.TimeLimit = 3 * time.Second
		start := time.Now()
		set := run(t, p)
		if d := time.Since(start); d != p.TimeLimit {
			t.Errorf("took %v, want one limit of %v", d, p.TimeLimit)
		}
		if n := e.calls.Load(); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
		for _, r := range set.Records {
			if r.Err != "time limit of 3s exceeded" {
				t.Errorf("%s/%s: %q", r.Lang, r.Domain, r.Err)
			}
		}
	})
}

// Without vectors an engine counts, and the run says that it was held to
// nothing.
func TestRunWithoutVectors(t *testing.T) {
	for name, vecs := range map[string]iter.Seq2[bench.Vector, error]{"nil": nil, "none": byteVectors()} {
		x := entry("v", &engine{})
		x.Vectors = vecs
		set := run(t, plan(t, x))
		if v := set.Run.Vocabs[0].Verified; v != (results.Verified{}) || v.OK() {
			t.Errorf("%s: verified %+v", name, v)
		}
		if r := set.Records[0]; r.Err != "" || !slices.Equal(r.Tokens, []uint32{3, 9}) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Vectors that cannot be read do not verify anything: those before the error
// do not speak for the rest.
func TestRunWithBrokenVectors(t *testing.T) {
	x := entry("v", &engine{})
	good := x.Vectors
	x.Vectors = func(yield func(bench.Vector, error) bool) {
		for v, err := range good {
			if !yield(v, err) {
				return
			}
		}
		yield(bench.Vector{}, errEngine)
	}
	p := plan(t, x)
	p.Compare = []tokenizers.Engine{&engine{name: "other"}}
	set := run(t, p)
	if r := set.Records[0]; r.Err != "verify: no such luck" {
		t.Errorf("%+v", r)
	}
	if v := set.Run.Vocabs[0].Verified; v != (results.Verified{}) {
		t.Errorf("verified %+v", v)
	}
	if v, err := bench.VerifyEntry(x, 0); err == nil || err.Error() != "verify: no such luck" || v != (results.Verified{}) {
		t.Errorf("VerifyEntry: %+v, %v", v, err)
	}
	want := []results.Compared{{Vocab: "v", Engine: "other", Version: "v0", Err: "verify: no such luck"}}
	if diff := cmp.Diff(want, set.Run.Compared); diff != "" {
		t.Errorf("compared (-want +got):\n%s", diff)
	}
}

func TestVerifyEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hang(t)
		for _, c := range []struct {
			name   string
			engine *engine
			want   results.Verified
			err    string
		}{
			{"right", &engine{}, results.Verified{Texts: 3, Agree: 3}, ""},
			{"wrong", &engine{count: func(string, int) (int, error) { return 0, nil }},
				results.Verified{Texts: 3, Agree: 1, First: `text 1 "abc": Count is 0 but AppendEncode gives 3 ids`}, ""},
			{"no open", &engine{open: func() error { return errEngine }}, results.Verified{}, "open: no such luck"},
			{"hangs", &engine{count: func(string, int) (int, error) { h(); return 0, nil }}, results.Verified{}, "verify: time limit of 1m0s exceeded"},
		} {
			got, err := bench.VerifyEntry(entry("v", c.engine), time.Minute)
			msg := ""
			if err != nil {
				msg = err.Error()
			}
			if got != c.want || msg != c.err {
				t.Errorf("%s: got %+v, %q; want %+v, %q", c.name, got, msg, c.want, c.err)
			}
		}
		x := entry("v", &engine{})
		x.Vectors = nil
		if got, err := bench.VerifyEntry(x, 0); got != (results.Verified{}) || err != nil {
			t.Errorf("without vectors: %+v, %v", got, err)
		}
	})
}

// Engines to compare are held to the vectors, do not count, and spoil nothing.
func TestRunCompares(t *testing.T) {
	wrong := &engine{name: "wrong", count: func(_ string, n int) (int, error) { return n + 1, nil }}
	broken := &engine{name: "broken", open: func() error { panic("ouch") }}
	bare := entry("u", &engine{}) // without vectors there is nothing to hold to
	bare.Vectors = nil
	p := plan(t, entry("v", &engine{}), entry("v", &engine{name: "second"}), entry("w", &engine{}), bare)
	p.Compare = []tokenizers.Engine{&engine{}, &engine{name: "test"}, &engine{name: "second"}, wrong, broken}
	p.Compare[0].(*engine).name = "right"
	p.Run.Compared = []results.Compared{{Vocab: "left from another run"}}
	set := run(t, p)
	ok := results.Verified{Texts: 3, Agree: 3}
	bad := results.Verified{Texts: 3, First: `text 1 "abc": Count is 4 but AppendEncode gives 3 ids`}
	want := []results.Compared{
		{Vocab: "v", Engine: "right", Version: "v0", Verified: ok},
		{Vocab: "v", Engine: "wrong", Version: "v0", Verified: bad},
		{Vocab: "v", Engine: "broken", Version: "v0", Err: "open: engine panicked: ouch"},
		{Vocab: "w", Engine: "right", Version: "v0", Verified: ok},
		{Vocab: "w", Engine: "second", Version: "v0", Verified: ok},
		{Vocab: "w", Engine: "wrong", Version: "v0", Verified: bad},
		{Vocab: "w", Engine: "broken", Version: "v0", Err: "open: engine panicked: ouch"},
	}
	if diff := cmp.Diff(want, set.Run.Compared); diff != "" {
		t.Errorf("compared (-want +got):\n%s", diff)
	}
	for _, r := range set.Records {
		if r.Err != "" {
			t.Errorf("%s/%s: %s", r.Vocab, r.Engine, r.Err)
		}
	}
	if n := p.Compare[0].(*engine).calls.Load(); n != 6 {
		t.Errorf("an engine to compare was given %d texts, want the 3 vectors of 2 vocabularies", n)
	}

	// Interrupted while it compares, a run has no half comparison.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p.Compare = []tokenizers.Engine{&engine{name: "x", open: func() error { cancel(); return nil }}, wrong}
	for it, err := range bench.Run(ctx, p) {
		if err != context.Canceled || it != (results.Item{}) {
			t.Errorf("item %+v, error %v; want %v alone", it, err, context.Canceled)
		}
	}
}

func TestVerify(t *testing.T) {
	ids := []tokenizers.ID{97, 98}
	for _, c := range []struct {
		name    string
		vectors []bench.Vector
		want    results.Verified
	}{
		{"right", []bench.Vector{{Text: "ab", IDs: ids}, {Text: ""}}, results.Verified{Texts: 2, Agree: 2}},
		{"wrong ids", []bench.Vector{{Text: "ab", IDs: ids}, {Text: "ab", IDs: []tokenizers.ID{97, 99}}},
			results.Verified{Texts: 2, Agree: 1, First: `text 2 "ab": from id 2 on got [98], expected [99] (2 and 2 ids)`}},
		{"only the count is known", []bench.Vector{{Text: "ab", IDs: []tokenizers.ID{0, 0}, CountOnly: true}}, results.Verified{Texts: 1, Agree: 1}},
		{"the count is wrong", []bench.Vector{{Text: "ab", IDs: []tokenizers.ID{0}, CountOnly: true}},
			results.Verified{Texts: 1, First: `text 1 "ab": 2 tokens, expected 1`}},
		// The first difference is kept; long texts are cut, control characters shown.
		{"several", []bench.Vector{{Text: "\x1b" + strings.Repeat("語", 70), IDs: ids}, {Text: "x", IDs: ids}},
			results.Verified{Texts: 2, First: `text 1 "\x1b` + strings.Repeat(`\u8a9e`, 59) + `\u2026": from id 1 on got [27 232 170 158], expected [97 98] (211 and 2 ids)`}},
	} {
		got, err := bench.Verify(encoder{new(engine)}, func(yield func(bench.Vector, error) bool) {
			for _, v := range c.vectors {
				if !yield(v, nil) {
					return
				}
			}
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Interrupted, a run finishes the item it is at and says so last.
func TestRunCancelled(t *testing.T) {
	items := func(ctx context.Context, p bench.Plan, each func(n int)) (n int, last error) {
		for _, err := range bench.Run(ctx, p) {
			if err != nil {
				if last != nil {
					t.Errorf("a second error: %v", err)
				}
				last = err
				continue // the end must come by itself
			}
			if last != nil {
				t.Error("an item after the error")
			}
			n++
			each(n)
		}
		return n, last
	}
	// Before the first record (the sixth item), cancelling takes effect there.
	for _, at := range []int{0, 1, 3, 5, 6, 8, 13} {
		ctx, cancel := context.WithCancel(context.Background())
		e := &engine{}
		p := plan(t, entry("v", e), entry("w", &engine{}))
		if at == 0 {
			cancel()
		}
		n, err := items(ctx, p, func(n int) {
			if n == at {
				cancel()
			}
		})
		cancel()
		want := max(at, 5)
		if at == 0 {
			want = 0
		}
		wantErr := error(context.Canceled)
		if at == p.Steps() {
			wantErr = nil // it was done
		}
		if n != want || err != wantErr {
			t.Errorf("cancelled at item %d of %d: %d items, %v; want %d, %v", at, p.Steps(), n, err, want, wantErr)
		}
	}
	// In the middle of a record: that record is whole.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x := entry("v", &engine{count: func(text string, n int) (int, error) {
		if text == "two words" {
			cancel()
		}
		return n, nil
	}})
	if n, err := items(ctx, plan(t, x), func(int) {}); n != 6 || err != context.Canceled {
		t.Errorf("cancelled inside the first record: %d items, %v; want 6, %v", n, err, context.Canceled)
	}
	// A deadline is told as such.
	ctx, cancel = context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancel()
	if n, err := items(ctx, plan(t, x), func(int) {}); n != 0 || err != context.DeadlineExceeded {
		t.Errorf("past the deadline: %d items, %v", n, err)
	}
}

// A caller may stop at any item.
func TestRunStopsWhenAsked(t *testing.T) {
	p := plan(t, entry("v", &engine{}))
	for stop := 1; stop <= p.Steps(); stop++ {
		e := p.Entries[0].Engine.(*engine)
		e.calls.Store(0)
		n := 0
		for range bench.Run(context.Background(), p) {
			if n++; n == stop {
				break
			}
		}
		want := int64(3) // the vectors
		for _, segments := range []int64{2, 1, 2, 1}[:max(0, stop-5)] {
			want += segments
		}
		if got := e.calls.Load(); got != want {
			t.Errorf("stopped at item %d: %d texts were counted, want %d", stop, got, want)
		}
	}
}

// A plan can be carried out again, and by several at once.
func TestRunIsRepeatable(t *testing.T) {
	p := plan(t, entry("v", &engine{}), entry("w", &engine{}))
	p.Run.Vocabs = []results.Vocab{{Name: "left from another run"}}
	want := run(t, p)
	if len(want.Run.Vocabs) != 2 {
		t.Errorf("%d vocabularies, want the plan's 2", len(want.Run.Vocabs))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := results.Collect(bench.Run(context.Background(), p))
			if err != nil {
				t.Error(err)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-first +again):\n%s", diff)
			}
		})
	}
	wg.Wait()
}

func TestSteps(t *testing.T) {
	c := small(t)
	for _, x := range []struct {
		langs   []corpora.Lang
		domains []string
		entries int
	}{{nil, nil, 0}, {nil, nil, 3}, {[]corpora.Lang{"ja"}, nil, 2}, {nil, []string{"y"}, 1}, {[]corpora.Lang{"ja"}, []string{"x"}, 1}} {
		sel, err := c.Select(x.langs, x.domains)
		if err != nil {
			t.Fatal(err)
		}
		p := plan(t)
		p.Corpus = sel
		for i := range x.entries {
			p.Entries = append(p.Entries, entry(fmt.Sprint("v", i), &engine{}))
		}
		run(t, p) // which compares
	}
}

// The real thing: the native engine, held to its vectors, and another engine
// give the same counts of the built-in corpus.
func TestRunOfRealEngines(t *testing.T) {
	c, err := corpora.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p := bench.Plan{Run: results.Run{Base: "en"}, Corpus: c}
	for _, name := range []string{"o200k_base", "cl100k_base"} {
		s, err := cat.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		_, vecs, err := vectors.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		p.Entries = append(p.Entries,
			bench.Entry{Spec: s, Engine: tokenizers.Native{}, Files: tiktokengo.Files(), Vectors: func(yield func(bench.Vector, error) bool) {
				for v, err := range vecs {
					if v.IDs != nil && !yield(bench.Vector{Text: v.Text, IDs: v.IDs}, err) {
						return
					}
				}
			}},
			bench.Entry{Spec: s, Engine: tiktokengo.Engine{}, Files: tiktokengo.Files()})
	}
	set := run(t, p)
	type key struct{ vocab, lang, domain string }
	native := make(map[key][]uint32)
	for _, r := range set.Records {
		k := key{r.Vocab, r.Lang, r.Domain}
		switch {
		case r.Err != "":
			t.Errorf("%v under %s: %s", k, r.Engine, r.Err)
		case r.Engine == "native":
			native[k] = r.Tokens
		case !slices.Equal(r.Tokens, native[k]):
			t.Errorf("%v: %s counts otherwise than native", k, r.Engine)
		}
	}
	for _, v := range set.Run.Vocabs {
		if (v.Engine == "native") != v.Verified.OK() {
			t.Errorf("%s %s: verified %+v", v.Name, v.Engine, v.Verified)
		}
	}
}
