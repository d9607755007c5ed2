package tokenizers

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed manifests/*.toml
var manifests embed.FS

// Catalog is a set of vocabularies that can be looked up by their names and by
// the models that use them. It is immutable and safe for concurrent use.
type Catalog struct {
	specs  []*Spec // by name
	byName map[string]*Spec
	exact  map[string]match // models by exact name and alias
	prefix []match          // models by prefix, longest first
}

type match struct {
	prefix string
	spec   *Spec
	model  *Model
}

// Builtin returns the catalogue that is part of the program.
func Builtin() (*Catalog, error) {
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
			return nil, fmt.Errorf("tokenizers: %w", err)
		}
		if want := "manifests/" + s.Name + ".toml"; f != want {
			return nil, fmt.Errorf("tokenizers: %s: expected the name %s", f, want)
		}
		specs = append(specs, s)
	}
	return NewCatalog(specs)
}

// NewCatalog makes a catalogue. A name that two vocabularies, or two models,
// claim is an error, and so is a prefix that two models do.
func NewCatalog(specs []*Spec) (*Catalog, error) {
	c := &Catalog{
		specs:  slices.SortedFunc(slices.Values(specs), func(a, b *Spec) int { return strings.Compare(a.Name, b.Name) }),
		byName: make(map[string]*Spec),
		exact:  make(map[string]match),
	}
	for _, s := range c.specs {
		if c.byName[s.Name] != nil {
			return nil, fmt.Errorf("tokenizers: two vocabularies named %s", s.Name)
		}
		c.byName[s.Name] = s
		for i := range s.Models {
			m := &s.Models[i]
			for _, n := range append([]string{m.Name}, m.Aliases...) {
				if other, dup := c.exact[n]; dup {
					return nil, fmt.Errorf("tokenizers: model %s is claimed by %s and %s", n, other.spec.Name, s.Name)
				}
				c.exact[n] = match{spec: s, model: m}
			}
			for _, p := range m.Prefixes {
				for _, other := range c.prefix {
					if other.prefix == p && other.model != m {
						return nil, fmt.Errorf("tokenizers: model names that begin with %s are claimed by %s of %s and %s of %s", p, other.model.Name, other.spec.Name, m.Name, s.Name)
					}
				}
				c.prefix = append(c.prefix, match{p, s, m})
			}
		}
	}
	// The longest first: ft:gpt-4o before ft:gpt-4.
	slices.SortStableFunc(c.prefix, func(a, b match) int { return cmp.Compare(len(b.prefix), len(a.prefix)) })
	return c, nil
}

// Specs returns the vocabularies that were published, by name.
func (c *Catalog) Specs() []*Spec {
	return slices.DeleteFunc(slices.Clone(c.specs), (*Spec).Closed)
}

// Closed returns those that were not, by name: only their vendors' endpoints
// count their tokens.
func (c *Catalog) Closed() []*Spec {
	return slices.DeleteFunc(slices.Clone(c.specs), func(s *Spec) bool { return !s.Closed() })
}

// Lookup finds a vocabulary by its own name or by that of a model: exact names
// first, then aliases, then the longest prefix. What is not found is an
// [*UnknownError] with names that look alike.
func (c *Catalog) Lookup(name string) (*Spec, error) {
	if s := c.byName[name]; s != nil {
		return s, nil
	}
	s, _, err := c.LookupModel(name)
	return s, err
}

// LookupModel is Lookup for the name of a model only, and also returns the
// model.
func (c *Catalog) LookupModel(name string) (*Spec, *Model, error) {
	if m, ok := c.exact[name]; ok {
		return m.spec, m.model, nil
	}
	for _, m := range c.prefix {
		if strings.HasPrefix(name, m.prefix) {
			return m.spec, m.model, nil
		}
	}
	return nil, nil, &UnknownError{Name: name, Near: c.near(name)}
}

// UnknownError says that a name is neither a vocabulary nor a model.
type UnknownError struct {
	Name string
	Near []string // names that look alike, the nearest first; at most five
}

func (e *UnknownError) Error() string {
	s := fmt.Sprintf("unknown vocabulary or model %q", e.Name)
	if len(e.Near) > 0 {
		s += "; near: " + strings.Join(e.Near, ", ")
	}
	return s
}

// near ranks all names by edit distance to name, and by whether one contains
// the other.
func (c *Catalog) near(name string) []string {
	type scored struct {
		name string
		dist int
	}
	var all []scored
	lower := strings.ToLower(name)
	add := func(n string) {
		l := strings.ToLower(n)
		if len(name) > 4*len(n)+16 {
			return // no slip of the finger; a text, perhaps
		}
		d := distance(lower, l)
		if len(name) >= 3 && (strings.Contains(l, lower) || strings.Contains(lower, l)) {
			d = min(d, 2)
		}
		if d <= max(2, len(n)/3) {
			all = append(all, scored{n, d})
		}
	}
	for n := range c.byName {
		add(n)
	}
	for n := range c.exact {
		if c.byName[n] == nil {
			add(n)
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, s := range all[:min(len(all), 5)] {
		names = append(names, s.name)
	}
	return names
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diag, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diag+cost)
		}
	}
	return row[len(b)]
}
