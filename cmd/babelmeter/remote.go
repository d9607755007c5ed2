package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/remote"
)

// remoteFlags say which vendors are asked, and how.
type remoteFlags struct {
	models    list
	record    string
	replay    string
	endpoints []string
	most      int
	rate      float64
	parallel  int
}

func (f *remoteFlags) AddFlags(fs *pflag.FlagSet) {
	f.models.AddFlag(fs, "remote", "models whose vendors are asked to count, or API:MODEL, separated by commas")
	fs.StringVar(&f.record, "record", "", "`FILE` that keeps the vendors' answers and is asked first (default: one of the day in the data folder)")
	fs.StringVar(&f.replay, "replay", "", "count from the answers in `FILE`, without keys and network")
	fs.StringArrayVar(&f.endpoints, "endpoint", nil, "`API=URL` of a gateway or of another region to ask instead, repeatable")
	fs.IntVar(&f.most, "max-requests", 5000, "refuse a run of more requests than `NUMBER`")
	fs.Float64Var(&f.rate, "rate", 0, "requests a second, a `NUMBER` (default: one for each vendor)")
	fs.IntVar(&f.parallel, "parallel", 4, "requests at a time, a `NUMBER`")
}

func (f *remoteFlags) complete(c *cobra.Command) {
	completeList(c, "remote", func() ([]string, error) {
		cat, err := tokenizers.Builtin()
		if err != nil {
			return nil, err
		}
		var names []string
		for _, s := range append(cat.Closed(), cat.Specs()...) {
			if s.Remote == nil {
				continue
			}
			for _, m := range s.Models {
				names = append(names, m.Name+"\t"+s.Remote.API)
			}
		}
		return names, nil
	})
}

// check finds wrong flags, and reads those that have a form.
func (f *remoteFlags) check() (endpoints map[string]string, err error) {
	switch {
	case f.replay != "" && f.record != "":
		return nil, errors.New("--replay asks nobody: there is nothing to --record")
	case f.replay != "" && len(f.endpoints) > 0:
		return nil, errors.New("--replay asks nobody: leave out --endpoint")
	case f.replay == "" && len(f.models) == 0 && (f.record != "" || len(f.endpoints) > 0):
		return nil, errors.New("--record and --endpoint are for --remote MODEL: name who is asked")
	case f.most < 1:
		return nil, fmt.Errorf("--max-requests %d: expected at least 1", f.most)
	case f.parallel < 1 || f.parallel > 64:
		return nil, fmt.Errorf("--parallel %d: expected 1 to 64", f.parallel)
	case !(f.rate >= 0 && f.rate <= 1000):
		return nil, fmt.Errorf("--rate %v: expected more than 0 and at most 1000 requests a second", f.rate)
	}
	endpoints = make(map[string]string)
	for _, e := range f.endpoints {
		api, address, ok := strings.Cut(e, "=")
		if !ok || !slices.Contains(remote.APIs(), api) {
			// Not the value: it may hold a password.
			return nil, fmt.Errorf("--endpoint: expected API=URL, API one of %s", strings.Join(remote.APIs(), ", "))
		}
		if _, dup := endpoints[api]; dup {
			return nil, fmt.Errorf("--endpoint %s: named twice", api)
		}
		if _, err := remote.CheckEndpoint(address); err != nil {
			return nil, fmt.Errorf("--endpoint %s: %w", api, err)
		}
		endpoints[api] = address
	}
	return endpoints, nil
}

// target is a model that a vendor is asked for.
type target struct {
	spec  *tokenizers.Spec // with this model alone, named after it
	model string
}

// target finds who counts for a model: by its name, or by API:MODEL where the
// catalogue does not know it yet.
func newTarget(cat *tokenizers.Catalog, name string) (target, error) {
	var of *tokenizers.Spec
	m := tokenizers.Model{Name: name, Title: name, Evidence: "named by the user"}
	if api, rest, ok := strings.Cut(name, ":"); ok && slices.Contains(remote.APIs(), api) {
		m.Name, m.Title = rest, rest
		if s, known, err := cat.LookupModel(rest); err == nil && s.Remote != nil && s.Remote.API == api {
			of, m = s, *known
			m.Name = rest
		} else {
			for _, s := range append(cat.Closed(), cat.Specs()...) {
				if of == nil && s.Remote != nil && s.Remote.API == api {
					of = s
				}
			}
		}
	} else {
		s, known, err := cat.LookupModel(name)
		if err != nil {
			if s, err := cat.Lookup(name); err == nil {
				return target{}, fmt.Errorf("--remote %s: each model is asked for by its own name, such as %s", name, modelName(s))
			}
			return target{}, fmt.Errorf("--remote: %w; API:MODEL names one that the catalogue does not know, API one of %s", err, strings.Join(remote.APIs(), ", "))
		}
		of, m = s, *known
		m.Name = name // as typed: an alias is often a version of its own
	}
	if of == nil || of.Remote == nil {
		return target{}, fmt.Errorf("--remote %s: no vendor's endpoint counts for it; --vocab %s counts here", name, name)
	}
	m.Provenance, m.Retired, m.Embedding = tokenizers.API, false, false
	return target{model: m.Name, spec: &tokenizers.Spec{
		Name: remote.VocabName(m.Name), Title: m.Title, Maker: of.Maker, Format: "remote",
		Licence: of.Licence, Remote: of.Remote, Models: []tokenizers.Model{m},
	}}, nil
}

func modelName(s *tokenizers.Spec) string {
	if len(s.Models) == 0 {
		return "API:MODEL"
	}
	return s.Models[0].Name
}

// listed is a closed vocabulary, or one model of it, that is named and not
// counted. It needs a key, or to be asked for if there is one.
func (a *app) listed(s *tokenizers.Spec) results.Vocab {
	v := results.Vocab{Name: s.Name, Engine: s.Remote.API, License: s.Licence.SPDX, Needs: remote.KeyNames(s.Remote)}
	if remote.Key(s.Remote, a.env) != nil {
		v.Needs = "measure --remote MODEL"
	}
	for _, m := range s.Models {
		if m.Sold() {
			v.Models = append(v.Models, results.Model{Name: m.Name, Provenance: string(m.Provenance), Evidence: m.Evidence})
		}
	}
	return v
}

// asked is the engine of a counter that was opened before the run, or could not
// be.
type asked struct {
	api, version string
	counter      *remote.Counter
	err          error
}

func (e asked) Name() string    { return e.api }
func (e asked) Version() string { return e.version }
func (e asked) Open(fs.FS, *tokenizers.Spec) (tokenizers.Encoder, error) {
	if e.err != nil {
		return nil, e.err
	}
	return e.counter, nil
}

// addRemote adds the models that vendors are asked for, or were. What it
// returns is to be called at the end: it closes the recording.
func (a *app) addRemote(ctx context.Context, p *bench.Plan, f *remoteFlags) (func() error, error) {
	nothing := func() error { return nil }
	endpoints, err := f.check()
	if err != nil {
		return nothing, err
	}
	if len(f.models) == 0 && f.replay == "" {
		return nothing, nil
	}
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nothing, err
	}
	rec := new(remote.Recording)
	names := []string(f.models)
	if f.replay != "" {
		if rec, err = readRecording(f.replay); err != nil {
			return nothing, err
		}
		if len(names) == 0 {
			for _, m := range rec.Models() {
				names = append(names, m.API+":"+m.Model)
			}
			if len(names) == 0 {
				return nothing, fmt.Errorf("%s holds no answers", f.replay)
			}
		}
	}
	var targets []target
	for _, name := range names {
		t, err := newTarget(cat, name)
		if err != nil {
			return nothing, err
		}
		i := slices.IndexFunc(targets, func(u target) bool { return u.spec.Name == t.spec.Name })
		switch {
		case i < 0:
			targets = append(targets, t)
		case targets[i].model != t.model || targets[i].spec.Remote.API != t.spec.Remote.API:
			return nothing, fmt.Errorf("--remote: %s and %s would both be %s in the records: measure them apart", targets[i].model, t.model, t.spec.Name)
		}
	}
	for _, t := range targets {
		unlist(p, t.model)
	}
	if f.replay != "" {
		return nothing, a.replay(ctx, p, targets, rec, f.replay)
	}

	// Only those with a key are asked, and only then there is a recording.
	var ask []target
	for _, t := range targets {
		if remote.Key(t.spec.Remote, a.env) != nil {
			ask = append(ask, t)
			continue
		}
		v := a.listed(t.spec)
		p.Listed = append(p.Listed, v)
		a.Say("%s: needs %s", t.model, v.Needs)
	}
	if len(ask) == 0 {
		return nothing, nil
	}
	file, rec, done, err := a.openRecording(f.record)
	if err != nil {
		return nothing, err
	}
	clients := make([]*remote.Client, len(ask))
	requests := 0
	for i, t := range ask {
		clients[i], err = remote.New(t.spec.Remote, t.model, remote.Options{
			HTTP:    &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
			Secrets: remote.Key(t.spec.Remote, a.env), Endpoint: endpoints[t.spec.Remote.API],
			Recording: rec, Now: a.now, Rate: f.rate, Parallel: f.parallel,
		})
		if err != nil {
			return done, err
		}
		n, _, err := missing(p, clients[i])
		if err != nil {
			return done, err
		}
		requests += n
	}
	if requests > f.most {
		return done, fmt.Errorf("%d requests would be sent, more than --max-requests %d: raise it, or take fewer models, --lang or --domain", requests, f.most)
	}
	for i, t := range ask {
		if n, _, err := missing(p, clients[i]); err != nil {
			return done, err
		} else if n > 0 {
			a.Say("asking %s for %s: %s; the answers are kept in %s", clients[i].Host(), t.model, plural(n, "request"), file)
		}
		k, err := clients[i].Open(ctx)
		if ctx.Err() != nil {
			a.Say("what was answered is in %s; go on with --record %s", file, file)
			return done, ctx.Err()
		}
		p.Entries = append(p.Entries, a.entry(t, k, err))
	}
	return func() error {
		if ctx.Err() != nil {
			a.Say("what was answered is in %s; go on with --record %s", file, file)
		}
		return done()
	}, nil
}

// replay adds what a recording has. A run that is replayed in part is no
// replay: each text must be there.
func (a *app) replay(ctx context.Context, p *bench.Plan, targets []target, rec *remote.Recording, file string) error {
	for _, t := range targets {
		c, err := remote.New(t.spec.Remote, t.model, remote.Options{Recording: rec})
		if err != nil {
			return err
		}
		k, err := c.Open(ctx)
		if err != nil {
			return err
		}
		n, first, err := missing(p, c)
		if err != nil {
			return err
		}
		if n > 0 {
			more := ""
			if n > 1 {
				more = fmt.Sprintf(" and %d more", n-1)
			}
			return fmt.Errorf("%s has no answer for %s to %s%s; replay with the --lang and --domain that were recorded, or record these, too", file, t.model, first, more)
		}
		p.Entries = append(p.Entries, a.entry(t, k, nil))
	}
	return nil
}

// entry is a model that is counted by its vendor.
func (a *app) entry(t target, k *remote.Counter, err error) bench.Entry {
	e := asked{api: t.spec.Remote.API, counter: k, err: err}
	if err != nil {
		return bench.Entry{Spec: t.spec, Engine: e}
	}
	e.version = k.Since().UTC().Format("2006-01-02")
	f := k.Framing
	return bench.Entry{Spec: t.spec, Engine: e, Asked: &results.Asked{
		API: e.api, Model: t.model, Date: e.version,
		Framing: f.Tokens, Lo: f.Lo, Hi: f.Hi, Probes: f.Probes, Note: f.Note,
	}}
}

// missing counts the texts of a plan, and the probes, that a client would have
// to ask for, and describes the first text.
func missing(p *bench.Plan, c *remote.Client) (n int, first string, err error) {
	seen := make(map[string]bool)
	unknown := func(text string) bool {
		if seen[text] || c.Has(text) {
			return false
		}
		seen[text] = true
		n++
		return true
	}
	for _, text := range remote.Probes() {
		unknown(text)
	}
	for _, l := range p.Corpus.Langs() {
		for s, err := range p.Corpus.Segments(l) {
			if err != nil {
				return 0, "", err
			}
			if unknown(s.Text) && first == "" {
				first = fmt.Sprintf("segment %s of %s, %q", s.Key, l, clipText(s.Text, 40))
			}
		}
	}
	return n, first, nil
}

// unlist takes a model that is counted from those that are not.
func unlist(p *bench.Plan, model string) {
	p.Listed = slices.DeleteFunc(p.Listed, func(v results.Vocab) bool { return len(v.Models) == 1 && v.Models[0].Name == model })
	for i := range p.Listed {
		p.Listed[i].Models = slices.DeleteFunc(p.Listed[i].Models, func(m results.Model) bool { return m.Name == model })
	}
}

func readRecording(name string) (*remote.Recording, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return remote.ReadRecording(f, name)
}

// openRecording opens the file that keeps the answers, and reads those that it
// has. A last line without its line feed was being written when a run ended: it
// is cut off, and asked again.
func (a *app) openRecording(name string) (_ string, _ *remote.Recording, closing func() error, err error) {
	if name == "" {
		dir, err := a.recordings()
		if err != nil {
			return "", nil, nil, err
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return "", nil, nil, err
		}
		name = filepath.Join(dir, a.now().UTC().Format("2006-01-02")+".jsonl")
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return "", nil, nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	data, err := io.ReadAll(f)
	if err != nil {
		return "", nil, nil, err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	if whole < len(data) && data[0] != '{' {
		return "", nil, nil, fmt.Errorf("%s: not a recording of babelmeter", name)
	}
	rec, err := remote.ReadRecording(bytes.NewReader(data[:whole]), name)
	if err != nil {
		return "", nil, nil, err
	}
	if whole < len(data) {
		a.Say("%s: the last line is not whole; asking again", name)
		if err := f.Truncate(int64(whole)); err != nil {
			return "", nil, nil, err
		}
	}
	if err := rec.Keep(f, name, version(), a.now(), whole == 0); err != nil {
		return "", nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return name, rec, func() error { return errors.Join(f.Sync(), f.Close()) }, nil
}

// recordings is the folder for what vendors answered: data of the user, which
// no one clears away as a cache.
func (a *app) recordings() (string, error) {
	if d := a.env("BABELMETER_RECORDINGS"); d != "" {
		return d, nil
	}
	dir, err := os.UserConfigDir() // where macOS and Windows have data, too
	if runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		if dir = a.env("XDG_DATA_HOME"); dir == "" {
			dir, err = os.UserHomeDir()
			dir = filepath.Join(dir, ".local", "share")
		}
	}
	if err != nil {
		return "", fmt.Errorf("no folder for the recording; name a file by --record FILE: %w", err)
	}
	return filepath.Join(dir, "babelmeter", "recordings"), nil
}
