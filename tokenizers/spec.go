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
	Format string   `toml:"format"` // one of formats, or "remote": no files, see Remote
	Tokens int      `toml:"tokens"` // size without special tokens; 0 if no one has read the files yet
	Split  []string `toml:"split"`  // published pattern(s), where the files do not hold them
	// Splitter is the name under which package format has the published
	// pattern(s), in place of Split: "llama3", "deepseek_v3".
	Splitter string `toml:"splitter"`
	// Normalize names what the reference does before splitting, where the files
	// do not hold it: "nfc", "nfkc"; of vocab.txt "bert_cased", "bert_uncased".
	Normalize string `toml:"normalize"`
	// NormalizeUnicode is the version of the tables that Normalize goes by, if
	// it is not that of the reference's other steps.
	NormalizeUnicode string    `toml:"normalize_unicode"`
	Unicode          string    `toml:"unicode"` // version of the reference's tables; none for SentencePiece, whose files hold them
	Reference        Reference `toml:"reference"`
	Licence          Licence   `toml:"licence"`
	// Gated: the canonical place of the files asks for an account and consent.
	// Gate says where and what to click.
	Gated  bool    `toml:"gated"`
	Gate   string  `toml:"gate"`
	Files  []File  `toml:"file"`
	Models []Model `toml:"model"`
	// Remote is the vendor's counting endpoint: the only way if Format is
	// "remote", another one otherwise.
	Remote *Remote `toml:"remote"`
	Notes  string  `toml:"notes"`
}

// formats are those of the files of a vocabulary.
var formats = []string{"tiktoken", "huggingface", "sentencepiece", "tekken", "gguf", "merges", "wordpiece", "plamo"}

// Closed reports whether the vocabulary was never published: it has no files,
// and its tokens are counted by Remote only.
func (s *Spec) Closed() bool { return s.Format == "remote" }

// Checked says how a fact is known.
type Checked string

const (
	// Verified: the file was read, hashed, parsed or run, or the vendor's own
	// source code says so.
	Verified Checked = "V"
	// Documented: the vendor's documents, model card or source say so.
	Documented Checked = "D"
	// Unchecked: general knowledge.
	Unchecked Checked = "U"
)

// Remote is a vendor's endpoint that counts tokens. In URL, Request and
// Response, capitals stand for what changes: MODEL, TEXT, N, ID.
type Remote struct {
	API      string   `toml:"api"`      // who speaks it in package remote: "anthropic"
	Method   string   `toml:"method"`   // of HTTP
	URL      string   `toml:"url"`      // canonical address
	Auth     string   `toml:"auth"`     // how the key is sent
	Key      []string `toml:"key"`      // environment variables that hold the key, any one; "A+B" are two that go together
	Request  string   `toml:"request"`  // shape of the body
	Response string   `toml:"response"` // shape of the answer
	Count    string   `toml:"count"`    // where in it the count is
	// Framing: the count includes what the chat template puts around the text.
	Framing bool `toml:"framing"`
	// Estimate names a vocabulary that may stand in, if the user asks for an
	// estimate; never by default.
	Estimate string  `toml:"estimate"`
	Checked  Checked `toml:"checked"`
	Source   string  `toml:"source"` // where this was read
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
	URL          string `toml:"url"`          // where anyone can read them; there must be one if Accept
	// Accept: the licence restricts use and must be accepted before the files
	// are fetched. Terms is the line to show.
	Accept  bool    `toml:"accept"`
	Terms   string  `toml:"terms"`
	Checked Checked `toml:"checked"`
}

// File is one file of a vocabulary.
type File struct {
	Name    string   `toml:"name"` // path below the vocabulary's folder
	Size    int64    `toml:"size"` // bytes; with SHA256, or 0 if they are not known yet: then they are recorded at the first pull
	SHA256  string   `toml:"sha256"`
	Hashed  string   `toml:"hashed"`  // the copy that the digest is of; other sources were not compared
	Sources []string `toml:"sources"` // where it is published, the canonical place first: https:, npm:PACKAGE@VERSION/PATH, go:MODULE@VERSION/PATH, pypi:PROJECT@VERSION/PATH
}

// Model is a model that uses a vocabulary.
type Model struct {
	Name       string     `toml:"name"`     // as the vendor's API spells it
	Title      string     `toml:"title"`    // as people call it
	Aliases    []string   `toml:"aliases"`  // other exact names
	Prefixes   []string   `toml:"prefixes"` // beginnings of the names of dated versions
	Provenance Provenance `toml:"provenance"`
	Evidence   string     `toml:"evidence"`
	Checked    Checked    `toml:"checked"` // how the evidence is known
	Retired    bool       `toml:"retired"` // no longer sold; not in the main job
	// Embedding: it gives vectors, not text; not in the main job.
	Embedding bool `toml:"embedding"`
}

// Sold reports whether the model writes text and is on sale: what the main job
// shows. An estimate is never shown unasked.
func (m *Model) Sold() bool { return !m.Retired && !m.Embedding && m.Provenance != Estimate }

var (
	nameRE   = regexp.MustCompile(`^[a-z0-9._]+$`)
	hashRE   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	sourceRE = regexp.MustCompile(`^(https://[^/\s]+/\S+|(npm|go|pypi):@?[^@\s]+@[^/\s]+/\S+)$`)
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
		missing("licence.spdx", s.Licence.SPDX), missing("licence.source", s.Licence.Source))
	if err != nil {
		return err
	}
	if err := s.checkLicence(); err != nil {
		return err
	}
	if s.Remote != nil {
		if err := s.Remote.check(); err != nil {
			return err
		}
	}
	if s.Closed() {
		switch {
		case s.Remote == nil:
			return fmt.Errorf("[remote] missing: a vocabulary without files needs an endpoint")
		case len(s.Files) > 0 || s.Tokens != 0 || s.Unicode != "" || len(s.Split) > 0 || s.Splitter != "" || s.Normalize != "" || s.Reference != (Reference{}):
			return fmt.Errorf("format remote: file, tokens, unicode, split, splitter, normalize and reference are of vocabularies that were published")
		}
	} else if err := s.checkPublished(missing); err != nil {
		return err
	}
	for _, m := range s.Models {
		if err := cmp.Or(missing("model.name", m.Name), missing("model.title", m.Title)); err != nil {
			return err
		}
		if !slices.Contains([]Provenance{Exact, VendorProxy, API, Estimate}, m.Provenance) {
			return fmt.Errorf("model %s: provenance %q: expected exact, vendor_proxy, api or estimate", m.Name, m.Provenance)
		}
		if err := cmp.Or(missing("evidence", m.Evidence), m.Checked.check()); err != nil {
			return fmt.Errorf("model %s: %w", m.Name, err)
		}
		// An empty prefix would claim every name there is.
		if slices.Contains(m.Aliases, "") || slices.Contains(m.Prefixes, "") {
			return fmt.Errorf("model %s: an alias or prefix is empty", m.Name)
		}
	}
	return nil
}

// checkPublished checks what a vocabulary with files must have.
func (s *Spec) checkPublished(missing func(key, value string) error) error {
	if !slices.Contains(formats, s.Format) {
		return fmt.Errorf("format %q: expected %s or remote", s.Format, strings.Join(formats, ", "))
	}
	err := cmp.Or(missing("reference.name", s.Reference.Name), missing("reference.version", s.Reference.Version))
	if err != nil {
		return err
	}
	if s.Format == "sentencepiece" || s.Format == "plamo" {
		if s.Unicode != "" {
			return fmt.Errorf("unicode %q: files of format %s hold what they need of Unicode", s.Unicode, s.Format)
		}
	} else if err := missing("unicode", s.Unicode); err != nil {
		return err
	}
	if len(s.Split) > 0 && s.Splitter != "" {
		return fmt.Errorf("split and splitter: expected one of them")
	}
	bert := s.Normalize == "bert_cased" || s.Normalize == "bert_uncased"
	switch {
	case s.Format == "wordpiece" && !bert:
		return fmt.Errorf("normalize %q: expected bert_cased or bert_uncased", s.Normalize)
	case s.Format != "wordpiece" && !slices.Contains([]string{"", "nfc", "nfkc"}, s.Normalize):
		return fmt.Errorf("normalize %q: expected nfc or nfkc", s.Normalize)
	case s.NormalizeUnicode != "" && (s.Normalize == "" || bert):
		return fmt.Errorf("normalize_unicode: expected normalize to be nfc or nfkc")
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
		if len(f.Sources) == 0 || slices.Contains(f.Sources, "") {
			return fmt.Errorf("file %s: sources missing", f.Name)
		}
		for _, src := range f.Sources {
			if !sourceRE.MatchString(src) {
				return fmt.Errorf("file %s: sources: %q: expected https://…, npm:PACKAGE@VERSION/PATH, go:MODULE@VERSION/PATH or pypi:PROJECT@VERSION/PATH", f.Name, src)
			}
		}
		switch {
		case f.Size == 0 && f.SHA256 == "" && f.Hashed == "":
			continue // no one has read it yet
		case f.Size <= 0:
			return fmt.Errorf("file %s: size missing", f.Name)
		case !hashRE.MatchString(f.SHA256):
			return fmt.Errorf("file %s: sha256 %q: expected 64 hex digits", f.Name, f.SHA256)
		case s.Tokens == 0:
			return fmt.Errorf("tokens: expected the size of the vocabulary, got 0")
		}
	}
	if s.Tokens < 0 {
		return fmt.Errorf("tokens: expected the size of the vocabulary, got %d", s.Tokens)
	}
	return nil
}

func (s *Spec) checkLicence() error {
	l := &s.Licence
	switch {
	case l.Accept != (strings.TrimSpace(l.Terms) != ""):
		return fmt.Errorf("licence: accept and terms go together")
	case l.Accept && l.URL == "":
		return fmt.Errorf("licence.url missing: who must accept terms must be able to read them")
	case l.URL != "" && !strings.HasPrefix(l.URL, "https://"):
		return fmt.Errorf("licence.url %q: expected https://…", l.URL)
	case strings.ContainsAny(l.Terms, "\r\n"):
		return fmt.Errorf("licence.terms: expected one line")
	case l.Accept && l.Redistribute:
		return fmt.Errorf("licence: what must be accepted first is not redistributable")
	case s.Gated != (strings.TrimSpace(s.Gate) != ""):
		return fmt.Errorf("gated and gate go together")
	}
	if err := l.Checked.check(); err != nil {
		return fmt.Errorf("licence: %w", err)
	}
	return nil
}

func (c Checked) check() error {
	switch c {
	case "", Verified, Documented, Unchecked:
		return nil
	}
	return fmt.Errorf("checked %q: expected V, D or U", string(c))
}

func (r *Remote) check() error {
	for _, f := range []struct{ key, value string }{
		{"api", r.API}, {"method", r.Method}, {"url", r.URL}, {"auth", r.Auth}, {"request", r.Request}, {"response", r.Response},
		{"count", r.Count}, {"source", r.Source}, {"checked", string(r.Checked)}, {"key", strings.Join(r.Key, "")},
	} {
		if strings.TrimSpace(f.value) == "" {
			return fmt.Errorf("remote.%s missing", f.key)
		}
	}
	if !strings.HasPrefix(r.URL, "https://") {
		return fmt.Errorf("remote.url %q: expected https://…", r.URL)
	}
	if err := r.Checked.check(); err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	return nil
}

// Digest identifies the files of the vocabulary: "sha256:" and the digest of a
// single file, or that of the names and digests of several. It is empty if
// there are no files or one's digest is not known yet.
func (s *Spec) Digest() string {
	if len(s.Files) == 0 || slices.ContainsFunc(s.Files, func(f File) bool { return f.SHA256 == "" }) {
		return ""
	}
	if len(s.Files) == 1 {
		return "sha256:" + s.Files[0].SHA256
	}
	h := sha256.New()
	for _, f := range s.Files {
		fmt.Fprintf(h, "%s %s\n", f.SHA256, f.Name)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// maxFile is the largest file, in bytes, whose size is not known beforehand.
const maxFile = 256 << 20

// ReadFile reads the i-th file of the vocabulary and checks its size and
// digest, if they are known.
func (s *Spec) ReadFile(fsys fs.FS, i int) ([]byte, error) {
	f := s.Files[i]
	file, err := fsys.Open(f.Name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	defer file.Close()
	size := f.Size
	if f.SHA256 == "" {
		size = maxFile
	}
	// A byte more than expected is enough to see that it is another file.
	data, err := io.ReadAll(io.LimitReader(file, size+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if int64(len(data)) > size && f.SHA256 == "" {
		return nil, fmt.Errorf("%s: %s: more than %d bytes, which no vocabulary has", s.Name, f.Name, size)
	}
	if f.SHA256 == "" {
		return data, nil
	}
	if int64(len(data)) > size {
		return nil, fmt.Errorf("%s: %s: more than the %d bytes expected: the file is not the published one; fetch it again", s.Name, f.Name, f.Size)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("%s: %s: %d bytes with sha256 %x, expected %d bytes with %s: the file is not the published one; fetch it again", s.Name, f.Name, len(data), sum, f.Size, f.SHA256)
	}
	return data, nil
}
