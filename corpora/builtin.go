package corpora

import (
	"embed"
	"io/fs"
	"slices"
)

//go:embed builtin
var builtinFiles embed.FS

// Builtin returns the corpus that is part of the program: original texts
// written for this project, CC0-1.0. Its data card is builtin/README.md.
func Builtin() (*Corpus, error) {
	sub, err := fs.Sub(builtinFiles, "builtin")
	if err != nil {
		return nil, err
	}
	c, err := LoadPlain(sub, "builtin", "en")
	if err != nil {
		return nil, err
	}
	// The order of the headline: English, then Chinese, Japanese, Korean; then
	// the other languages.
	order := []Lang{"en", "zh-Hans", "zh-Hant", "ja", "ko", "vi", "th", "id", "hi"}
	rest := slices.DeleteFunc(c.Langs(), func(l Lang) bool { return slices.Contains(order, l) })
	if c, err = c.Select(append(order, rest...), nil); err != nil {
		return nil, err
	}
	c.Headline = order[:5:5]
	c.Version = "0.2.0"
	c.License = "CC0-1.0"
	c.Title = "original parallel texts written for this project"
	return c, nil
}
