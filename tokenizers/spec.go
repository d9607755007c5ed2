package tokenizers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Provenance says how sure it is that a count is what the vendor bills.
type Provenance string

const (
	// Exact: the vocabulary is public and the vendor says the model uses it.
	Exact Provenance = "exact"
	// VendorProxy: the vendor's own software uses this vocabulary for the model.
	VendorProxy Provenance = "vendor_proxy"
	// API: the vendor's counting endpoint was asked.
	API Provenance = "api"
	// Estimate: none of these. Never a default, always marked.
	Estimate Provenance = "estimate"
)

// Spec is what is known of one vocabulary: its manifest. The doc comments name
// the keys of the TOML file.
type Spec struct {
	Name   string   `toml:"name"`   // [a-z0-9._]+, unique in a catalogue
	Title  string   `toml:"title"`  // for people
	Maker  string   `toml:"maker"`  // who made it
	Format string   `toml:"format"` // tiktoken, huggingface, sentencepiece, tekken, gguf, merges, wordpiece
	Tokens int      `toml:"tokens"` // size without special tokens
	Split  []string `toml:"split"`  // published pattern(s), where the files do not hold them
	// Normalize names what the reference does before splitting, where the files
	// do not hold it: "nfc", "nfkc".
	Normalize string    `toml:"normalize"`
	Unicode   string    `toml:"unicode"` // version of the reference's tables
	Reference Reference `toml:"reference"`
	Licence   Licence   `toml:"licence"`
	Files     []File    `toml:"file"`
	Models    []Model   `toml:"model"`
	Notes     string    `toml:"notes"`
}

// Reference is the implementation whose ids are the truth for a vocabulary.
type Reference struct {
	Name    string `toml:"name"`
	Version string `toml:"version"`
}

func (r Reference) String() string { return r.Name + " " + r.Version }

// Licence of a vocabulary, not of the package that carries it.
type Licence struct {
	SPDX         string `toml:"spdx"`         // identifier, or LicenseRef-…
	Redistribute bool   `toml:"redistribute"` // whether the vocabulary itself may be passed on
	Source       string `toml:"source"`       // where the terms were read
}

// File is one file of a vocabulary.
type File struct {
	Name    string   `toml:"name"` // path below the vocabulary's folder
	Size    int64    `toml:"size"` // bytes
	SHA256  string   `toml:"sha256"`
	Sources []string `toml:"sources"` // where it is published, the canonical place first
}

// Model is a model that uses a vocabulary.
type Model struct {
	Name       string     `toml:"name"`     // as the vendor's API spells it
	Title      string     `toml:"title"`    // as people call it
	Aliases    []string   `toml:"aliases"`  // other exact names
	Prefixes   []string   `toml:"prefixes"` // beginnings of the names of dated versions
	Provenance Provenance `toml:"provenance"`
	Evidence   string     `toml:"evidence"`
	Retired    bool       `toml:"retired"` // no longer sold; not in the main job
	// Embedding: it gives vectors, not text; not in the main job.
	Embedding bool `toml:"embedding"`
}

// Sold reports whether the model writes text and is on sale: what the main job
// shows.
func (m *Model) Sold() bool { return !m.Retired && !m.Embedding }

var (
	nameRE = regexp.MustCompile(`^[a-z0-9._]+$`)
	hashRE = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// ReadSpec reads a manifest. It is strict: an unknown key, a missing licence,
// digest, source or piece of evidence is an error that names the key.
func ReadSpec(data []byte, name string) (*Spec, error) {
	s := new(Spec)
	md, err := toml.Decode(string(data), s)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s:%d: %s", name, pe.Position.Line, pe.Message)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if u := md.Undecoded(); len(u) > 0 {
		return nil, fmt.Errorf("%s: unknown key %q", name, u[0])
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

func (s *Spec) check() error {
	missing := func(key, value string) error {
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("%s missing", key)
		}
		return nil
	}
	if !nameRE.MatchString(s.Name) {
		return fmt.Errorf("name %q: expected a-z, 0-9, dot and underscore", s.Name)
	}
	err := cmp.Or(
		missing("title", s.Title), missing("maker", s.Maker),
		missing("reference.name", s.Reference.Name), missing("reference.version", s.Reference.Version),
		missing("unicode", s.Unicode),
		missing("licence.spdx", s.Licence.SPDX), missing("licence.source", s.Licence.Source))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"tiktoken", "huggingface", "sentencepiece", "tekken", "gguf", "merges", "wordpiece"}, s.Format) {
		return fmt.Errorf("format %q: expected tiktoken, huggingface, sentencepiece, tekken, gguf, merges or wordpiece", s.Format)
	}
	if s.Tokens <= 0 {
		return fmt.Errorf("tokens: expected the size of the vocabulary, got %d", s.Tokens)
	}
	if len(s.Files) == 0 {
		return fmt.Errorf("no [[file]]")
	}
	for i, f := range s.Files {
		if err := missing("file.name", f.Name); err != nil {
			return err
		}
		if !fs.ValidPath(f.Name) || f.Name == "." {
			return fmt.Errorf("file %q: not a relative path", f.Name)
		}
		if slices.ContainsFunc(s.Files[:i], func(g File) bool { return g.Name == f.Name }) {
			return fmt.Errorf("file %s: named twice", f.Name)
		}
		if f.Size <= 0 {
			return fmt.Errorf("file %s: size missing", f.Name)
		}
		if !hashRE.MatchString(f.SHA256) {
			return fmt.Errorf("file %s: sha256 %q: expected 64 hex digits", f.Name, f.SHA256)
		}
		if len(f.Sources) == 0 || slices.Contains(f.Sources, "") {
			return fmt.Errorf("file %s: sources missing", f.Name)
		}
	}
	for _, m := range s.Models {
		if err := cmp.Or(missing("model.name", m.Name), missing("model.title", m.Title)); err != nil {
			return err
		}
		if !slices.Contains([]Provenance{Exact, VendorProxy, API, Estimate}, m.Provenance) {
			return fmt.Errorf("model %s: provenance %q: expected exact, vendor_proxy, api or estimate", m.Name, m.Provenance)
		}
		if err := missing("evidence", m.Evidence); err != nil {
			return fmt.Errorf("model %s: %w", m.Name, err)
		}
		// An empty prefix would claim every name there is.
		if slices.Contains(m.Aliases, "") || slices.Contains(m.Prefixes, "") {
			return fmt.Errorf("model %s: an alias or prefix is empty", m.Name)
		}
	}
	return nil
}

// Digest identifies the files of the vocabulary: "sha256:" and the digest of a
// single file, or that of the names and digests of several.
func (s *Spec) Digest() string {
	if len(s.Files) == 1 {
		return "sha256:" + s.Files[0].SHA256
	}
	h := sha256.New()
	for _, f := range s.Files {
		fmt.Fprintf(h, "%s %s\n", f.SHA256, f.Name)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// ReadFile reads the i-th file of the vocabulary and checks its size and
// digest.
func (s *Spec) ReadFile(fsys fs.FS, i int) ([]byte, error) {
	f := s.Files[i]
	file, err := fsys.Open(f.Name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	defer file.Close()
	// A byte more than expected is enough to see that it is another file.
	data, err := io.ReadAll(io.LimitReader(file, f.Size+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if int64(len(data)) > f.Size {
		return nil, fmt.Errorf("%s: %s: more than the %d bytes expected: the file is not the published one; fetch it again", s.Name, f.Name, f.Size)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("%s: %s: %d bytes with sha256 %x, expected %d bytes with %s: the file is not the published one; fetch it again", s.Name, f.Name, len(data), sum, f.Size, f.SHA256)
	}
	return data, nil
}
