package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/fetch"
	"github.com/babelmeter/babelmeter/corpora"
)

func (a *app) corpusPull() *cobra.Command {
	var format formatFlag
	c := &cobra.Command{
		Use:   "pull NAME ...",
		Short: "Fetch published corpora into the cache",
		Long: `Fetch published corpora, check their digests and keep them in the cache, in the
folder "corpora": then --corpus NAME reads them. Files come from the places that
their manifests name, as those of vocabularies do: see "babelmeter vocab pull".
The licence and what its makers ask to be cited are shown.`,
		Example:     "  babelmeter corpus pull ntrex128\n  babelmeter corpus pull udhr flores200 --format csv",
		Annotations: failsIf("a file is not the one whose digest is known"),
		Args:        cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, names []string) error {
			ctx, stop := interruptible(c.Context())
			defer stop()
			return a.pullCorpora(ctx, names, format)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			specs, err := corpora.Specs()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			var names []string
			for _, s := range specs {
				names = append(names, s.Name+"\t"+s.Title)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}

// corpusSet is the set of a corpus's files: below corpora, here and on a mirror.
const corpusSet = "corpora/"

func (a *app) pullCorpora(ctx context.Context, names []string, format formatFlag) error {
	specs, err := corpora.Specs()
	if err != nil {
		return err
	}
	var known []string
	byName := make(map[string]*corpora.Spec)
	for _, s := range specs {
		known = append(known, s.Name)
		byName[s.Name] = s
	}
	root, err := a.cacheRoot()
	if err != nil {
		return err
	}
	var sets []fetch.Set
	for _, name := range names {
		s := byName[name]
		switch {
		case name == "builtin":
			return errors.New("the corpus builtin is part of the program")
		case s == nil:
			return fmt.Errorf("no corpus %q can be pulled; corpora: %s", name, strings.Join(known, ", "))
		case len(s.Files) == 0:
			return fmt.Errorf("%s is not given to programs: %s %s", s.Name, s.Gate, filepath.Join(root, corpusSet, s.Name))
		}
		a.Say("%s: %s, %s", s.Name, s.Title, s.Licence.SPDX)
		a.Say("  cite: %s", s.Citation)
		set := fetch.Set{Name: corpusSet + s.Name, Gate: s.Gate}
		for _, f := range s.Files {
			set.Files = append(set.Files, fetch.File{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Sources: f.Sources})
		}
		sets = append(sets, set)
	}
	if _, err := a.fetchSets(ctx, root, sets, nil, format); err != nil {
		return err
	}
	for _, name := range names {
		for _, f := range byName[name].Files {
			if f.Unpack == "" {
				continue
			}
			if err := unpack(filepath.Join(root, corpusSet, name), f.Name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// maxUnpacked is how many bytes an archive may unpack to: ten times what the
// largest of the field does.
const maxUnpacked = 2 << 30

// unpack lays what is in an archive beside it, without the one folder at its
// top, unless that was done. It is done in another folder first: what cannot be
// unpacked whole leaves nothing.
func unpack(dir, archive string) (err error) {
	done := filepath.Join(dir, "."+archive+".unpacked")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	name := filepath.Join(dir, archive)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	tmp, err := os.MkdirTemp(dir, ".unpack-*")
	if err != nil {
		return &fetch.CacheError{Path: dir, Err: err}
	}
	defer os.RemoveAll(tmp)
	bad := func(err error) error {
		return fmt.Errorf("%s: %w; delete it and pull again", name, err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return bad(err)
	}
	left := int64(maxUnpacked)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			return bad(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue // folders are made as they are needed; links are not followed
		}
		inner := path.Clean(strings.TrimPrefix(h.Name, "./"))
		if !fs.ValidPath(inner) || strings.Contains(inner, `\`) {
			return bad(fmt.Errorf("it has the path %q, which leads out of it", h.Name))
		}
		if _, below, ok := strings.Cut(inner, "/"); ok {
			inner = below
		}
		if strings.HasPrefix(path.Base(inner), ".") {
			continue
		}
		if left -= h.Size; left < 0 {
			return bad(fmt.Errorf("it unpacks to more than %d GiB", maxUnpacked>>30))
		}
		to := filepath.Join(tmp, filepath.FromSlash(inner))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return &fetch.CacheError{Path: dir, Err: err}
		}
		w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if err != nil {
			return bad(err)
		}
		_, err = io.Copy(w, r)
		if err = errors.Join(err, w.Close()); err != nil {
			return bad(err)
		}
	}
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return bad(errors.New("it is empty"))
	}
	for _, e := range entries {
		to := filepath.Join(dir, e.Name())
		if err := os.RemoveAll(to); err != nil {
			return &fetch.CacheError{Path: dir, Err: err}
		}
		if err := os.Rename(filepath.Join(tmp, e.Name()), to); err != nil {
			return &fetch.CacheError{Path: dir, Err: err}
		}
	}
	return fetch.WriteFile(done, nil)
}
