package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench/textsize"
	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/term"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/table"
)

// app is what the commands share.
type app struct {
	term.Terminal
	env  func(string) string
	now  func() time.Time
	args []string // as typed
}

func (a *app) root() *cobra.Command {
	c := a.mainJob()
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())
	})
	c.SetHelpFunc(func(c *cobra.Command, _ []string) { _ = writeHelp(a.Out, c) })
	c.SetHelpCommand(a.help())
	c.CompletionOptions.DisableDefaultCmd = true
	c.AddCommand(a.measure(), a.report(), a.cost(), a.hygiene(), a.tokens(), a.count(), a.vocab(), a.corpus(), a.price(), a.version(), a.completion())
	return c
}

// formatFlag is --format, the same everywhere that a table comes out.
type formatFlag string

var formats = []string{"text", "md", "csv", "json"}

func (f *formatFlag) AddFlag(fs *pflag.FlagSet) {
	*f = "text"
	fs.Var(f, "format", "text, md, csv or json")
}

func (f *formatFlag) String() string { return string(*f) }
func (f *formatFlag) Type() string   { return "FORMAT" }
func (f *formatFlag) Set(s string) error {
	if !slices.Contains(formats, s) {
		return fmt.Errorf("expected one of %s", strings.Join(formats, ", "))
	}
	*f = formatFlag(s)
	return nil
}

func completeFormat(c *cobra.Command) {
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// write writes one table in a format.
func (a *app) write(t *table.Table, format formatFlag) error {
	switch format {
	case "md":
		return t.WriteMarkdown(a.Out)
	case "csv":
		return t.WriteCSV(a.Out)
	case "json":
		return writeJSON(a.Out, t)
	}
	return t.WriteText(a.Out, a.Width())
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// parseLangs reads a list of language tags.
func parseLangs(list []string) ([]corpora.Lang, error) {
	var langs []corpora.Lang
	for _, s := range list {
		l, err := corpora.ParseLang(s)
		if err != nil {
			return nil, err
		}
		if slices.Contains(langs, l) {
			return nil, fmt.Errorf("language %s twice", l)
		}
		langs = append(langs, l)
	}
	return langs, nil
}

// newRun is what the program knows of a run before it begins.
func (a *app) newRun(seed uint64, base corpora.Lang) results.Run {
	return results.Run{
		Schema:  results.Schema,
		Tool:    "babelmeter",
		Version: version(),
		Command: append([]string{"babelmeter"}, a.args...),
		Started: a.now().UTC().Truncate(time.Second),
		Host: results.Host{
			Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
			Unicode: textsize.Unicode,
		},
		Seed: seed,
		Base: string(base),
	}
}

// version is the module's version with the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
		dirty := ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && len(s.Value) >= 12:
				v += "+" + s.Value[:12]
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ".dirty"
			}
		}
		v += dirty
	}
	return v
}

// openInput opens a file for reading, or standard input for "-".
func (a *app) openInput(name string) (io.ReadCloser, error) {
	if name == "-" {
		if term.Is(a.In) {
			a.Say("reading standard input, which ends with control-D at the start of a line")
		}
		return io.NopCloser(a.In), nil
	}
	return os.Open(name)
}

// readInput reads a whole file, or standard input for "-". Errors name it.
func (a *app) readInput(name string) (string, error) {
	f, err := a.openInput(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil && name == "-" {
		return "", fmt.Errorf("standard input: %w", err)
	}
	return string(data), err
}
