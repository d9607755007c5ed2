// Package builtin carries the vocabularies whose licences let them be passed
// on, so that a program needs no files for them.
//
// Think of it as a read-only folder of definitions: [Names] lists it, [Open]
// reads one, [Source] tells from which published files and packages it was made
// and under which terms. README.md beside the source says the same for people.
//
// A definition is the one that package format reads from the published file,
// with one difference. Where the file has ranks (vocab.ByRank) and it was shown
// that every token is two tokens of lower rank joined in one way, the
// definition has these pairs as a list of merges (vocab.ByList) with
// IgnoreMerges: the same ids for every text, and faster to make a tokenizer of.
// As in what format reads, the version of Unicode and what else only a manifest
// knows is left to the caller.
package builtin

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers/builtin/packed"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

//go:embed tables
var files embed.FS

// Origin tells what a built-in vocabulary was made from.
type Origin struct {
	Name string
	// AliasOf is the vocabulary with the same ids whose table is read, if it is
	// another one. Its special tokens are those of that vocabulary.
	AliasOf string
	// ModelOf is the vocabulary whose table has the tokens and merges, if it is
	// another one.
	ModelOf string
	Table   string // SHA-256 of the table, in hexadecimal
	Size    int    // bytes of the table
	SPDX    string // licence of the vocabulary
	Licence string // file with its text, see [Licence]
	Files   []File // what the vocabulary is published as
}

// File is one published file of a vocabulary.
type File struct {
	Name   string
	Size   int64
	SHA256 string // in hexadecimal
	// Packages carry it: go:MODULE@VERSION/PATH, npm:PACKAGE@VERSION/PATH,
	// pypi:PROJECT@VERSION/PATH.
	Packages []string
}

// Names returns the names of all built-in vocabularies, sorted.
func Names() []string {
	names := make([]string, len(origins))
	for i := range origins {
		names[i] = origins[i].Name
	}
	return names
}

// find returns the origin of a vocabulary.
func find(name string) (*Origin, error) {
	i, ok := slices.BinarySearchFunc(origins[:], name, func(o Origin, name string) int { return strings.Compare(o.Name, name) })
	if !ok {
		return nil, fmt.Errorf("builtin: no vocabulary %q: %w", name, fs.ErrNotExist)
	}
	return &origins[i], nil
}

// Source returns what a vocabulary was made from. The error for a name that is
// not in [Names] is fs.ErrNotExist.
func Source(name string) (Origin, error) {
	o, err := find(name)
	if err != nil {
		return Origin{}, err
	}
	c := *o
	c.Files = slices.Clone(c.Files)
	for i := range c.Files {
		c.Files[i].Packages = slices.Clone(c.Files[i].Packages)
	}
	return c, nil
}

// Licence returns the text of the licence of a vocabulary.
func Licence(name string) (string, error) {
	o, err := find(name)
	if err != nil {
		return "", err
	}
	text, err := files.ReadFile("tables/" + o.Licence)
	if err != nil {
		return "", fmt.Errorf("builtin: %s: %w", name, err)
	}
	return string(text), nil
}

// Open reads a vocabulary. Each call makes a definition of its own. The error
// for a name that is not in [Names] is fs.ErrNotExist.
func Open(name string) (*vocab.Definition, error) {
	o, err := find(name)
	if err != nil {
		return nil, err
	}
	table := o.Name
	if o.AliasOf != "" {
		table = o.AliasOf
	}
	def, err := open(table)
	if err == nil && o.ModelOf != "" {
		var base *vocab.Definition
		if base, err = open(o.ModelOf); err == nil {
			def.Model = base.Model
		}
	}
	if err == nil && def.Model.Kind == 0 {
		err = errors.New("the table has no model")
	}
	if err != nil {
		return nil, fmt.Errorf("builtin: %s: %w", name, err)
	}
	def.Name = o.Name
	return def, nil
}

func open(table string) (*vocab.Definition, error) {
	data, err := files.ReadFile("tables/" + table + ".bin")
	if err != nil {
		return nil, err
	}
	return packed.Decode(data)
}
