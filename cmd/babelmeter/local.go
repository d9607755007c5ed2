package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// vocabulary finds what --vocab names: a vocabulary or model of the catalogue,
// or a path.
func (a *app) vocabulary(cat *tokenizers.Catalog, f *vocabFlags, name string) (*tokenizers.Spec, error) {
	p, like, _ := strings.Cut(name, "=")
	if isPath(cat, p) {
		s, err := a.local(cat, f, p, like)
		if err != nil {
			return nil, fmt.Errorf("--vocab %s: %w", name, err)
		}
		return s, nil
	}
	s, err := cat.Lookup(name)
	if err != nil {
		also := ""
		if strings.ContainsAny(p, `/\`) || filepath.Ext(p) != "" {
			also = ", and there is no file or folder of that name"
		}
		return nil, fmt.Errorf("%w%s; `babelmeter vocab list` shows all", err, also)
	}
	return s, nil
}

// isPath reports whether a name is that of a file or folder. A name that the
// catalogue has is not, unless it begins as only a path does: ./llama3.
func isPath(cat *tokenizers.Catalog, name string) bool {
	if filepath.IsAbs(name) || name == "." || name == ".." {
		return true
	}
	for _, p := range []string{"./", "../", `.\`, `..\`} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	s, m, err := cat.LookupModel(name)
	if v, e := cat.Lookup(name); e == nil && v.Name == name || err == nil && s != nil && (m.Name == name || slices.Contains(m.Aliases, name)) {
		return false
	}
	// A file in the working folder does not shadow the beginning of a model's
	// name, such as that of a dated version.
	if err == nil && !strings.ContainsAny(name, `/\`) {
		return false
	}
	_, err = os.Stat(name)
	return err == nil
}

// localFiles are those of a vocabulary of the user's, with what they hold.
type localFiles struct {
	fs.FS
	def  *vocab.Definition
	from string // absolute path of the first file
}

// Definition returns what the files hold.
func (l *localFiles) Definition(string) (*vocab.Definition, error) {
	def := *l.def
	return &def, nil
}

// noSplit are the formats whose files do not say how a text is split.
var noSplit = []string{"tiktoken", "merges"}

// local reads a vocabulary of the user's: a file or folder of any format. like,
// if any, names a vocabulary that splits and normalises as it does, for formats
// that do not say.
func (a *app) local(cat *tokenizers.Catalog, f *vocabFlags, p, like string) (*tokenizers.Spec, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file or folder")
	}
	if err != nil {
		return nil, err
	}
	dir, inside := abs, "."
	if !info.IsDir() {
		if !info.Mode().IsRegular() {
			return nil, errors.New("expected a file or a folder")
		}
		dir, inside = filepath.Dir(abs), filepath.Base(abs)
	}
	// The name that is given to the readers is one that they know nothing of: a
	// folder called qwen3 is not split as Qwen 3 is for its name.
	seen := &seenFS{FS: os.DirFS(dir)}
	def, err := format.Open(seen, inside, "local file")
	if err != nil {
		return nil, err
	}
	from := abs
	if len(seen.names) > 0 {
		from = filepath.Join(dir, filepath.FromSlash(seen.names[0]))
	}
	for s, l := range f.local {
		if l.from == from {
			return s, nil // a folder, and the file in it
		}
	}
	spec := &tokenizers.Spec{
		Name: a.localName(cat, f, abs, info.IsDir()), Title: p, Maker: "local", Format: def.Format,
		Tokens: def.Model.Tokens.Len(), Unicode: localUnicode,
		Reference: tokenizers.Reference{Name: "none", Version: "(a local file)"},
	}
	if def.Format == "sentencepiece" {
		spec.Unicode = ""
	}
	silent := slices.Contains(noSplit, def.Format) && len(def.Splitters) == 0
	switch {
	case like != "":
		if !silent {
			return nil, fmt.Errorf("a file of format %s says itself how text is split; leave out =%s", def.Format, like)
		}
		base, err := cat.Lookup(like)
		if err != nil {
			return nil, err
		}
		files, err := a.files(base)
		if err != nil {
			return nil, err
		}
		as, err := base.Read(files)
		if err != nil {
			return nil, err
		}
		def.Normalizers, def.Splitters = as.Normalizers, as.Splitters
		spec.Unicode = base.Unicode
	case silent:
		return nil, fmt.Errorf("a file of format %s does not say how text is split: give the tokenizer.json, or the vocabulary that it was made from, as in %s=qwen3", def.Format, p)
	}
	// The native engine takes the definition as it is; the others read files.
	if slices.Contains(noSplit, spec.Format) {
		spec.Format = "local"
	}
	for _, name := range seen.names {
		file, err := localFile(dir, name)
		if err != nil {
			return nil, err
		}
		spec.Files = append(spec.Files, file)
	}
	if f.local == nil {
		f.local = make(map[*tokenizers.Spec]*localFiles)
	}
	f.local[spec] = &localFiles{FS: os.DirFS(dir), def: def, from: from}
	return spec, nil
}

// localUnicode is the version of the tables of a vocabulary that no manifest
// describes: that of Hugging Face's tokenizers at this time.
const localUnicode = "16.0.0"

// localName makes a name of a path, [a-z0-9._]+, that neither the catalogue nor
// another path has.
func (a *app) localName(cat *tokenizers.Catalog, f *vocabFlags, abs string, isDir bool) string {
	base := filepath.Base(abs)
	if !isDir {
		stem := strings.TrimSuffix(base, filepath.Ext(base))
		switch stem {
		case "tokenizer", "tekken", "vocab", "merges", "encoder", "spiece", "tiktoken", "tokenizer.model", "sentencepiece.bpe":
			base = filepath.Base(filepath.Dir(abs)) // the folder tells more
		default:
			base = stem
		}
	}
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == utf8.RuneError || r > utf8.RuneSelf:
			return -1
		}
		return '_'
	}, base), "._")
	if name == "" {
		name = "local"
	}
	taken := func(name string) bool {
		if _, err := cat.Lookup(name); err == nil {
			return true
		}
		for s := range f.local {
			if s.Name == name {
				return true
			}
		}
		return false
	}
	if _, err := cat.Lookup(name); err == nil {
		name += ".local"
	}
	unique := name
	for n := 2; taken(unique); n++ {
		unique = fmt.Sprintf("%s.%d", name, n)
	}
	return unique
}

// maxHashed is the largest file, in bytes, whose digest is taken: more is a
// GGUF file with weights, of which only the head is read.
const maxHashed = 256 << 20

// localFile describes one file for the records.
func localFile(dir, name string) (tokenizers.File, error) {
	file := tokenizers.File{Name: name, Sources: []string{"file:" + filepath.ToSlash(filepath.Join(dir, name))}}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return file, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxHashed {
		return file, err
	}
	h := sha256.New()
	if file.Size, err = io.Copy(h, f); err != nil {
		return file, err
	}
	file.SHA256 = hex.EncodeToString(h.Sum(nil))
	return file, nil
}

// seenFS takes note of the files that are opened.
type seenFS struct {
	fs.FS
	names []string
}

// Open opens a file.
func (s *seenFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err == nil {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && !slices.Contains(s.names, name) {
			s.names = append(s.names, name)
		}
	}
	return f, err
}
