package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

// corpusFlags choose a corpus and say how to read it.
type corpusFlags struct {
	corpus    list
	format    string
	encoding  list
	split     string
	as        list
	source    string
	drop      bool
	oneDomain bool
}

func (f *corpusFlags) AddFlags(fs *pflag.FlagSet) {
	f.corpus.AddFlag(fs, "corpus", "`NAME or PATH` of the corpus: a folder, a file, a prefix of files named PATH.LANG, or LANG=FILE,LANG=FILE (default: builtin)")
	fs.StringVar(&f.format, "corpus-format", "", "`FORMAT` of the corpus (default: by the names of its files, then by first bytes); see `babelmeter help corpus`")
	f.encoding.AddFlag(fs, "encoding", "`ENCODING` of the corpus, or LANG=ENCODING, separated by commas (default: utf-8, or what XML and PO declare)")
	fs.StringVar(&f.split, "split", "", "`PART` of FLORES (dev, devtest, both; default devtest) or MASSIVE (train, dev, test, all; default test)")
	f.as.AddFlag(fs, "corpus-lang", "`CODE=LANG` where a code of the corpus stands for a language that it does not say: zh=zh-Hans")
	fs.StringVar(&f.source, "source-lang", "en", "`LANGUAGE` of the msgid of PO files")
	fs.BoolVar(&f.drop, "drop-incomplete", false, "leave out segments that one of the languages lacks (default: an error)")
	fs.BoolVar(&f.oneDomain, "one-domain", false, "put all segments of the corpus into one domain, in its order")
}

func (f *corpusFlags) complete(c *cobra.Command) {
	var names []string
	for _, x := range files.Formats() {
		names = append(names, x.Name+"\t"+x.Files)
	}
	_ = c.RegisterFlagCompletionFunc("corpus-format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	completeList(c, "encoding", func() ([]string, error) { return files.Encodings(), nil })
	_ = c.RegisterFlagCompletionFunc("split", cobra.FixedCompletions([]string{"dev", "devtest", "both", "train", "test", "all"}, cobra.ShellCompDirectiveNoFileComp))
}

// corpusHelp says what --corpus reads.
func corpusHelp() string {
	var b strings.Builder
	b.WriteString(`

babelmeter and babelmeter measure read one by --corpus: "builtin", the name of
a published corpus that was pulled, a folder, a file, PATH for all files named
PATH.LANG, or LANG=FILE,LANG=FILE. The format is --corpus-format, or the first
of these that fits the names of the files, then the first bytes of the file:

`)
	for _, f := range files.Formats() {
		fmt.Fprintf(&b, "  %-10s  %s\n", f.Name, f.Files)
	}
	fmt.Fprintf(&b, `
Each may be compressed (.gz, .zst). Tables have a header of language codes and,
if you like, key, doc and domain; or key, lang and text. Codes may be those of
BCP 47, FLORES, NTREX and others; zh-CN is zh-Hans, zh-TW and zh-HK are zh-Hant.

Files are UTF-8 unless --encoding or, in XML and PO, the file itself says
otherwise. A byte that does not fit, a line that is missing, a segment of more
than %d MiB, a corpus of more than %d GiB in memory, a compressed file that
expands to more than 200 times its size, XML that declares entities: each is an
error that says where, exit status 2.`, files.MaxSegment>>20, int64(files.MaxMemory)>>30)
	return b.String()
}

// builtin reports whether the corpus of the program is asked for.
func (f *corpusFlags) builtin() bool {
	return len(f.corpus) == 0 || len(f.corpus) == 1 && f.corpus[0] == "builtin"
}

// openCorpus reads the corpus that the flags ask for; langs, if not nil, are
// those to read, and base if the corpus has it. Of the built-in one it returns
// all.
func (a *app) openCorpus(f *corpusFlags, langs []corpora.Lang, base corpora.Lang) (*corpora.Corpus, error) {
	if f.builtin() {
		for _, x := range []struct {
			flag string
			set  bool
		}{
			{"corpus-format", f.format != ""}, {"encoding", len(f.encoding) > 0}, {"split", f.split != ""}, {"corpus-lang", len(f.as) > 0},
			{"drop-incomplete", f.drop}, {"one-domain", f.oneDomain},
		} {
			if x.set {
				return nil, fmt.Errorf("--%s is for files: name them by --corpus", x.flag)
			}
		}
		return corpora.Builtin()
	}
	o := files.Options{Format: f.format, Langs: langs, Base: base, Split: f.split, Drop: f.drop, OneDomain: f.oneDomain}
	var err error
	if o.Source, err = files.Lang(f.source); err != nil {
		return nil, fmt.Errorf("--source-lang: %w", err)
	}
	for _, x := range f.encoding {
		lang, enc := corpora.Lang(""), x
		if code, name, ok := strings.Cut(x, "="); ok {
			if lang, err = files.Lang(code); err != nil {
				return nil, fmt.Errorf("--encoding: %w", err)
			}
			enc = name
		}
		if o.Encodings == nil {
			o.Encodings = make(map[corpora.Lang]string)
		}
		if _, twice := o.Encodings[lang]; twice {
			return nil, fmt.Errorf("--encoding %s: given twice", x)
		}
		o.Encodings[lang] = enc
	}
	for _, x := range f.as {
		code, tag, ok := strings.Cut(x, "=")
		if !ok || code == "" {
			return nil, fmt.Errorf("--corpus-lang %s: expected CODE=LANG", x)
		}
		lang, err := corpora.ParseLang(tag)
		if err != nil {
			return nil, fmt.Errorf("--corpus-lang: %w", err)
		}
		if o.As == nil {
			o.As = make(map[string]corpora.Lang)
		}
		o.As[code] = lang
	}
	paths := []string(f.corpus)
	spec, err := a.corpusSpec(f)
	if err != nil {
		return nil, err
	}
	if spec != nil {
		dir, err := a.corpusFolder(spec)
		if err != nil {
			return nil, err
		}
		paths, o.Name = []string{dir}, spec.Name
		if o.Format == "" {
			o.Format = spec.Format
		}
	}
	for i := range paths {
		paths[i] = filepath.ToSlash(paths[i])
	}
	c, notes, err := files.Load(disk{}, paths, o)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		a.Say("%s", n)
	}
	c.Title = strings.Join(f.corpus, ",")
	c.Version = "unversioned"
	if spec != nil {
		c.Version, c.License, c.Title = spec.Version, spec.Licence.SPDX, spec.Title
	}
	return c, nil
}

// disk is the files of the machine, by the paths that a user types.
type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(filepath.FromSlash(path.Clean(name))) }

// corpusSpec returns the manifest that --corpus names, nil if it is a path.
func (a *app) corpusSpec(f *corpusFlags) (*corpora.Spec, error) {
	if len(f.corpus) != 1 {
		return nil, nil
	}
	specs, err := corpora.Specs()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range specs {
		if s.Name == f.corpus[0] {
			return s, nil
		}
		names = append(names, s.Name)
	}
	// A path that is not there may be a name that was mistyped.
	if name := f.corpus[0]; !strings.ContainsAny(name, `/\.=`) {
		if _, err := os.Stat(name); err != nil && !a.anyPrefix(name) {
			return nil, fmt.Errorf("corpus %q is neither a file or folder nor one of builtin, %s", name, strings.Join(names, ", "))
		}
	}
	return nil, nil
}

// anyPrefix reports whether there are files named name.SOMETHING.
func (a *app) anyPrefix(name string) bool {
	found, err := filepath.Glob(name + ".*")
	return err == nil && len(found) > 0
}

// corpusFolder finds the files of a published corpus: below "corpora" in the
// user's cache, then in the folder that BABELMETER_MIRROR names.
func (a *app) corpusFolder(spec *corpora.Spec) (string, error) {
	var tried []string
	for _, dir := range a.corpusFolders() {
		sub := filepath.Join(dir, spec.Name)
		entries, err := os.ReadDir(sub)
		if err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
			// A mirror may have the archive alone, as it is published.
			return !strings.HasPrefix(e.Name(), ".") && !slices.ContainsFunc(spec.Files, func(f corpora.SpecFile) bool { return f.Unpack != "" && f.Name == e.Name() })
		}) {
			return sub, nil
		}
		tried = append(tried, sub)
	}
	how := spec.Gate
	if !spec.Gated {
		how = "`babelmeter corpus pull " + spec.Name + "` fetches it"
	}
	return "", fmt.Errorf("corpus %s is not in %s; %s, or give its folder by --corpus ./FOLDER", spec.Name, strings.Join(tried, " or "), how)
}

func (a *app) corpusFolders() []string {
	var dirs []string
	if d, err := a.cacheRoot(); err == nil {
		dirs = append(dirs, filepath.Join(d, "corpora"))
	}
	if m := a.env("BABELMETER_MIRROR"); m != "" && !strings.Contains(m, "://") {
		dirs = append(dirs, filepath.Join(m, "corpora"))
	}
	return dirs
}

// baseOf returns the base language as the corpus names it. English, if no base
// was given and the corpus has none, gives way to the corpus's first language,
// and that is said.
func (a *app) baseOf(c *corpora.Corpus, base corpora.Lang, given bool) corpora.Lang {
	has := c.Langs()
	if slices.Contains(has, base) {
		return base
	}
	if house, err := files.Lang(string(base)); err == nil && slices.Contains(has, house) {
		return house
	}
	if given {
		return base // an error that lists what there is
	}
	a.Say("%s has no %s: the base language is %s; name another one by --base", c.Name, base, has[0])
	return has[0]
}
