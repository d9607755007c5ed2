package bench_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// server is an engine whose encoder asks elsewhere, several texts at a time.
type server struct {
	engine
	texts func(ctx context.Context, texts []string) ([]int, error)
}

func (s *server) Open(fs.FS, *tokenizers.Spec) (tokenizers.Encoder, error) {
	return asking{encoder{&s.engine}, s}, nil
}

type asking struct {
	encoder
	s *server
}

func (a asking) CountTexts(ctx context.Context, texts []string) ([]int, error) {
	return a.s.texts(ctx, texts)
}

func ask(texts func(context.Context, []string) ([]int, error)) bench.Entry {
	s := spec("v")
	s.Reference = tokenizers.Reference{}
	return bench.Entry{Spec: s, Engine: &server{engine{name: "vendor"}, texts}, Asked: &results.Asked{API: "vendor", Framing: 7}}
}

func TestRunAsks(t *testing.T) {
	p := plan(t, ask(func(_ context.Context, texts []string) ([]int, error) {
		counts := make([]int, len(texts))
		for i, s := range texts {
			counts[i] = 10 * len(s)
		}
		return counts, nil
	}))
	p.Listed = []results.Vocab{{Name: "shut", Engine: "vendor", Needs: "KEY"}}
	set := run(t, p)
	if v := set.Run.Vocabs; len(v) != 2 || v[0].Asked == nil || v[0].Reference != "" || v[1].Needs != "KEY" {
		t.Errorf("vocabularies %+v", v)
	}
	if diff := cmp.Diff([]uint32{30, 90}, set.Records[0].Tokens); len(set.Records) != 4 || diff != "" {
		t.Errorf("%d records; the first (-want +got):\n%s", len(set.Records), diff)
	}
}

func TestRunOfServersThatGoWrong(t *testing.T) {
	for name, c := range map[string]struct {
		texts func(context.Context, []string) ([]int, error)
		want  string
	}{
		"error":         {func(context.Context, []string) ([]int, error) { return nil, errors.New("segment 2: refused") }, "segment 2: refused"},
		"panic":         {func(context.Context, []string) ([]int, error) { panic("oh") }, "engine panicked: oh"},
		"less than one": {func(_ context.Context, t []string) ([]int, error) { return []int{-1, 1}[:len(t)], nil }, "segment 1: the engine counts -1 tokens"},
		"a count less":  {func(_ context.Context, t []string) ([]int, error) { return make([]int, len(t)-1), nil }, ""},
	} {
		set := run(t, plan(t, ask(c.texts)))
		for _, r := range set.Records {
			if c.want == "" && r.Err == "" || c.want != "" && r.Err != c.want {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// An interrupt while a server is asked ends the run, and is no failed record.
func TestRunCancelledWhileAsking(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := plan(t, ask(func(ctx context.Context, _ []string) ([]int, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	records, last := 0, error(nil)
	for it, err := range bench.Run(ctx, p) {
		if it.Record != nil {
			records++
		}
		last = err
	}
	if records != 0 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d records, %v", records, last)
	}
}

// An estimate is named as one, and no other engine is held to it.
func TestRunOfStandIn(t *testing.T) {
	e := entry("v", &engine{})
	e.Spec.Models = []tokenizers.Model{{Name: "later", Provenance: tokenizers.Estimate}}
	p := plan(t, e)
	p.Compare = []tokenizers.Engine{&engine{name: "other"}}
	if v := run(t, p).Run.Vocabs[0]; len(v.Models) != 0 {
		t.Errorf("an estimate unasked: %+v", v.Models)
	}
	p.Entries[0].Estimates, p.Entries[0].StandIn = true, "old"
	r := run(t, p).Run
	if v := r.Vocabs[0]; len(v.Models) != 1 || v.Models[0].Provenance != "estimate" || v.StandIn != "old" || len(r.Compared) != 0 {
		t.Errorf("%+v, compared %+v", v, r.Compared)
	}
}
