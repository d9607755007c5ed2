package corpora

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed manifests/*.toml
var manifests embed.FS

// Spec is what is known of a published corpus: its manifest. Its text is no
// part of the program. The doc comments name the keys of the TOML file.
type Spec struct {
	Name      string  `toml:"name"`      // [a-z0-9._]+
	Title     string  `toml:"title"`     // for people
	Version   string  `toml:"version"`   // as its makers name it, or their date
	Format    string  `toml:"format"`    // that package files reads
	Languages int     `toml:"languages"` // of the files; 0 if it changes
	Segments  int     `toml:"segments"`  // in each language
	Documents int     `toml:"documents"` // 0 if it was not counted
	Citation  string  `toml:"citation"`
	Notes     string  `toml:"notes"` // what to know before a number is quoted
	Licence   Licence `toml:"licence"`
	// Gated: the files need an account and consent. Gate says where, and how
	// the files must lie; then there may be no [[file]].
	Gated bool       `toml:"gated"`
	Gate  string     `toml:"gate"`
	Files []SpecFile `toml:"file"`
}

// Licence of a corpus.
type Licence struct {
	SPDX         string `toml:"spdx"`
	Redistribute bool   `toml:"redistribute"` // whether the plain text may be passed on, by the licence and the makers' wish
	Source       string `toml:"source"`       // where the terms were read
	Checked      string `toml:"checked"`      // V verified, D documented, U unchecked
}

// SpecFile is one file of a corpus.
type SpecFile struct {
	Name    string   `toml:"name"`    // path below the corpus's folder
	Unpack  string   `toml:"unpack"`  // "tar.gz": the file is an archive, and what is in it is the corpus
	Size    int64    `toml:"size"`    // bytes; with SHA256, or 0 if they are not known yet: then they are recorded at the first pull
	SHA256  string   `toml:"sha256"`  // of the file as it is published, before it is unpacked
	Hashed  string   `toml:"hashed"`  // the copy that the digest is of
	Sources []string `toml:"sources"` // the canonical place first: https:, npm:PACKAGE@VERSION/PATH
}

var (
	specName   = regexp.MustCompile(`^[a-z0-9._]+$`)
	specHash   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	specSource = regexp.MustCompile(`^(https://[^/\s]+/\S+|npm:@?[^@\s]+@[^/\s]+/\S+)$`)
)

// Specs returns the manifests that are part of the program, by name.
func Specs() ([]*Spec, error) {
	files, err := fs.Glob(manifests, "manifests/*.toml")
	if err != nil {
		return nil, err
	}
	var specs []*Spec
	for _, f := range files {
		data, err := manifests.ReadFile(f)
		if err != nil {
			return nil, err
		}
		s, err := ReadSpec(data, f)
		if err != nil {
			return nil, fmt.Errorf("corpora: %w", err)
		}
		if want := "manifests/" + s.Name + ".toml"; f != want {
			return nil, fmt.Errorf("corpora: %s: expected the name %s", f, want)
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// ReadSpec reads a manifest. It is strict: an unknown key, a missing licence,
// citation or source is an error that names the key.
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
	if !specName.MatchString(s.Name) {
		return fmt.Errorf("name %q: expected a-z, 0-9, dot and underscore", s.Name)
	}
	for _, f := range []struct{ key, value string }{
		{"title", s.Title}, {"version", s.Version}, {"format", s.Format}, {"citation", s.Citation},
		{"licence.spdx", s.Licence.SPDX}, {"licence.source", s.Licence.Source},
	} {
		if strings.TrimSpace(f.value) == "" {
			return fmt.Errorf("%s missing", f.key)
		}
	}
	switch {
	case !slices.Contains([]string{"V", "D", "U"}, s.Licence.Checked):
		return fmt.Errorf("licence.checked %q: expected V, D or U", s.Licence.Checked)
	case s.Gated != (strings.TrimSpace(s.Gate) != ""):
		return errors.New("gated and gate go together")
	case s.Segments <= 0:
		return fmt.Errorf("segments: expected a number above 0, got %d", s.Segments)
	case s.Languages < 0 || s.Documents < 0:
		return errors.New("languages, documents: expected no negative number")
	case len(s.Files) == 0 && !s.Gated:
		return errors.New("no [[file]]")
	}
	seen := make(map[string]bool)
	for _, f := range s.Files {
		switch {
		case f.Name == "." || !fs.ValidPath(f.Name):
			return fmt.Errorf("file %q: not a relative path", f.Name)
		case seen[f.Name]:
			return fmt.Errorf("file %s: named twice", f.Name)
		case f.Unpack != "" && f.Unpack != "tar.gz":
			return fmt.Errorf("file %s: unpack %q: expected tar.gz", f.Name, f.Unpack)
		case f.Unpack == "" && path.Ext(f.Name) == ".gz" && strings.HasSuffix(f.Name, ".tar.gz"):
			return fmt.Errorf("file %s: unpack missing", f.Name)
		case len(f.Sources) == 0:
			return fmt.Errorf("file %s: sources missing", f.Name)
		}
		seen[f.Name] = true
		for _, src := range f.Sources {
			if !specSource.MatchString(src) {
				return fmt.Errorf("file %s: sources: %q: expected https://… or npm:PACKAGE@VERSION/PATH", f.Name, src)
			}
		}
		switch {
		case f.Size == 0 && f.SHA256 == "" && f.Hashed == "":
			// no one has read it yet
		case f.Size <= 0:
			return fmt.Errorf("file %s: size missing", f.Name)
		case !specHash.MatchString(f.SHA256):
			return fmt.Errorf("file %s: sha256 %q: expected 64 hex digits", f.Name, f.SHA256)
		case strings.TrimSpace(f.Hashed) == "":
			return fmt.Errorf("file %s: hashed missing", f.Name)
		}
	}
	return nil
}
