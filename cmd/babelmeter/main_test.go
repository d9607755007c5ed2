package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/term"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"babelmeter": main})
}

// TestScript runs testdata/script/*.txtar: they are the specification of the
// commands. UPDATE=1 rewrites the files that a script compares with.
func TestScript(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the scripts run a program for every line")
	}
	testscript.Run(t, params(testscript.Params{Dir: "testdata/script"}))
}

// params adds what the scripts of this package share:
//
//	status N COMMAND   runs a command, whose exit status must be N (or N,M)
//	json PATH VALUE    wants JSON in stdout and, at a path of keys and indexes
//	                   joined by dots, a value; "len" is the length of an array
//	stable FILE        writes stdout to a file, without version and date
//	[loopback]         there is a local network
//	serve VAR DIR      serves a folder, and STATUS/… with that status, for the
//	                   rest of the script; its address is in the variable
func params(p testscript.Params) testscript.Params {
	p.UpdateScripts = os.Getenv("UPDATE") != ""
	p.RequireExplicitExec = true
	p.Condition = func(name string) (bool, error) {
		if name != "loopback" {
			return false, fmt.Errorf("unknown condition %q", name)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return false, nil
		}
		defer l.Close()
		c, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil, nil
	}
	p.RequireUniqueNames = true
	p.Setup = func(e *testscript.Env) error {
		e.Setenv("BABELMETER_CACHE", filepath.Join(e.WorkDir, "cache"))
		e.Setenv("BABELMETER_MIRROR", "")
		vendor := vendorServer()
		e.Defer(vendor.Close)
		e.Setenv("VENDOR", vendor.URL)
		// Whatever a script pulls, it pulls from itself.
		for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
			e.Setenv(name, "http://127.0.0.1:1")
		}
		for _, name := range []string{"HF_ENDPOINT", "HF_TOKEN", "ANTHROPIC_API_KEY", "ALL_PROXY", "HTTP_PROXY", "http_proxy"} {
			e.Setenv(name, "")
		}
		return nil
	}
	p.Cmds = map[string]func(*testscript.TestScript, bool, []string){
		"status": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < 2 {
				ts.Fatalf("usage: status N COMMAND")
			}
			got := 0
			if err := ts.Exec(args[1], args[2:]...); err != nil {
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					ts.Fatalf("%v", err)
				}
				got = exit.ExitCode()
			}
			if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
				ts.Fatalf("exit status %d, want %s", got, args[0])
			}
		},
		"json": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) != 2 {
				ts.Fatalf("usage: json PATH VALUE")
			}
			got, err := jsonAt(ts.ReadFile("stdout"), args[0])
			ts.Check(err)
			if got != args[1] {
				ts.Fatalf("%s: got %s, want %s", args[0], got, args[1])
			}
		},
		"serve": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) != 2 {
				ts.Fatalf("usage: serve VAR DIR")
			}
			files := http.FileServer(http.Dir(ts.MkAbs(args[1])))
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
				if code, err := strconv.Atoi(first); err == nil {
					if code == http.StatusTooManyRequests {
						w.Header().Set("Retry-After", "3600")
					}
					http.Error(w, "", code)
					return
				}
				files.ServeHTTP(w, r)
			}))
			ts.Defer(s.Close)
			ts.Setenv(args[0], s.URL)
		},
		"stable": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) != 1 {
				ts.Fatalf("usage: stable FILE")
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(stable(ts.ReadFile("stdout"))), 0o666))
		},
	}
	return p
}

// jsonAt finds a value in a JSON document.
func jsonAt(doc, path string) (string, error) {
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", fmt.Errorf("stdout is not JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return "", fmt.Errorf("stdout holds more than one JSON value")
	}
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			value, ok := x[key]
			if !ok {
				return "", fmt.Errorf("%s: no key %s", path, key)
			}
			v = value
		case []any:
			if key == "len" {
				return strconv.Itoa(len(x)), nil
			}
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(x) {
				return "", fmt.Errorf("%s: no index %s in an array of %d", path, key, len(x))
			}
			v = x[i]
		default:
			return "", fmt.Errorf("%s: nothing below %v", path, v)
		}
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

var footer = regexp.MustCompile(`(?m)^babelmeter \S+, \d{4}-\d\d-\d\d;`)

// stable takes version and date out of the line below a report.
func stable(out string) string { return footer.ReplaceAllString(out, "babelmeter VERSION, DATE;") }

// commands returns root and all commands below it.
func commands() []*cobra.Command {
	a := &app{Terminal: term.Terminal{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, env: func(string) string { return "" }, now: time.Now}
	var all []*cobra.Command
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		all = append(all, c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	root := a.root()
	root.InitDefaultHelpCmd()
	walk(root)
	return all
}

// TestHelp holds every command's help to the same form: it fits 80 columns and
// ends with two examples and the exit status.
func TestHelp(t *testing.T) {
	all := commands()
	if len(all) < 12 {
		t.Fatalf("only %d commands found", len(all))
	}
	for _, c := range all {
		t.Run(strings.ReplaceAll(c.CommandPath(), " ", "_"), func(t *testing.T) {
			var out, errOut bytes.Buffer
			args := append(strings.Fields(c.CommandPath())[1:], "--help")
			if code := run(t.Context(), args, strings.NewReader(""), &out, &errOut, noEnv); code != 0 || errOut.Len() > 0 {
				t.Fatalf("exit status %d, stderr %q", code, &errOut)
			}
			help := out.String()
			for line := range strings.Lines(help) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > helpWidth {
					t.Errorf("line of %d columns: %q", n, line)
				}
			}
			if c.Short == "" || c.Long == "" {
				t.Error("no description")
			}
			end := "\nExamples:\n" + c.Example + "\n\nEXIT STATUS\n  0  fine\n"
			if what := c.Annotations[exitKey]; what != "" {
				end += "  1  " + what + "\n"
			}
			if end += "  2  wrong use or an error\n"; !strings.HasSuffix(help, end) {
				t.Errorf("help does not end with examples and exit status:\n%s", help)
			}
			if n := len(examples(c)); n != 2 {
				t.Errorf("%d examples, want 2", n)
			}
		})
	}
}

// examples returns the command lines of a command's examples.
func examples(c *cobra.Command) []string {
	var lines []string
	for line := range strings.Lines(c.Example) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// TestExamples runs the examples of every command's help, in bash as a user
// would type them, in a folder that has what they read.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("short: runs a program for every example")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash to run the examples with")
	}
	script := new(strings.Builder)
	script.WriteString("exec babelmeter measure --vocab gpt-4o --lang ja --domain chat --out records\n")
	for _, c := range commands() {
		fmt.Fprintf(script, "\n# %s\n", c.CommandPath())
		for _, line := range examples(c) {
			if strings.HasPrefix(line, "babelmeter corpus pull") {
				continue // it needs the network: see TestCorpusPull
			}
			// Each in an empty folder, so that one example cannot stand in
			// another's way.
			fmt.Fprintf(script, "rm dir\nmkdir dir/prompts\ncd dir\ncp ../records r.jsonl\ncp ../prompt prompts/one.txt\ncp ../api.json api.json\ncp ../prices.json prices.json\ncp ../deepseek.yml deepseek.yml\ncp ../business.toml business.toml\ncp ../usage.csv usage.csv\n")
			if strings.Contains(line, "r.jsonl") && strings.Contains(line, "measure") {
				script.WriteString("rm r.jsonl\n")
			}
			want := "0"
			if c.Annotations[exitKey] != "" {
				want = "0,1" // a check, whose outcome is none of the example's business
			}
			fmt.Fprintf(script, "status %s bash -e -o pipefail -c '%s'\n! stderr .\ncd ..\n", want, strings.ReplaceAll(line, "'", "''"))
		}
	}
	script.WriteString("\n-- prompt --\nSummarise the minutes of the meeting below.\n")
	// Public price tables, of our own making.
	script.WriteString(`-- api.json --
{"moonshotai": {"models": {"kimi-k2.6": {"cost": {"input": 0.95, "output": 4}}}}}
-- prices.json --
{"m": {"litellm_provider": "moonshot", "input_cost_per_token": 9.5e-07, "output_cost_per_token": 4e-06}}
-- deepseek.yml --
id: deepseek
models: [{id: deepseek-v4-flash, prices: {input_mtok: 0.14, output_mtok: 0.28}}]
`)
	for _, name := range []string{"business.toml", "usage.csv"} {
		data, err := os.ReadFile("../../docs/cost/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(script, "-- %s --\n%s", name, data)
	}
	file := filepath.Join(t.TempDir(), "examples.txtar")
	if err := os.WriteFile(file, []byte(script.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, params(testscript.Params{Files: []string{file}}))
}

func noEnv(string) string { return "" }

// cancelAfter calls off a run after so many writes.
type cancelAfter struct {
	bytes.Buffer
	left   int
	cancel func()
}

func (w *cancelAfter) Write(p []byte) (int, error) {
	if w.left--; w.left == 0 {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

// TestInterrupt interrupts a run in its middle and goes on with what is left.
func TestInterrupt(t *testing.T) {
	args := []string{"measure", "--vocab", "o200k_base", "--lang", "ja,ko"}
	var whole, errOut bytes.Buffer
	if code := run(t.Context(), args, nil, &whole, &errOut, noEnv); code != exitOK {
		t.Fatalf("exit status %d: %s", code, &errOut)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	part := cancelAfter{left: 25, cancel: cancel}
	if code := run(ctx, args, nil, &part, &errOut, noEnv); code != exitWrong || errOut.String() != "babelmeter: interrupted\n" {
		t.Fatalf("exit status %d, stderr %q", code, &errOut)
	}
	if n := bytes.Count(part.Bytes(), []byte("\n")); n < 25 || n > 26 || !bytes.HasSuffix(part.Bytes(), []byte("}\n")) {
		t.Fatalf("%d lines after an interrupt at the 25th; the last is %.80q", n, part.Bytes())
	}

	file := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(file, part.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	errOut.Reset()
	if code := run(t.Context(), append(args, "--out", file, "--resume"), nil, io.Discard, &errOut, noEnv); code != exitOK || errOut.Len() > 0 {
		t.Fatalf("exit status %d, stderr %q", code, &errOut)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if g, w := withoutRun(t, got), withoutRun(t, whole.Bytes()); g != w {
		t.Errorf("the two parts differ from a whole run: %d and %d bytes", len(g), len(w))
	}
}

// withoutRun takes off the first line, which holds the time.
func withoutRun(t *testing.T, file []byte) string {
	t.Helper()
	head, rest, ok := strings.Cut(string(file), "\n")
	if !ok || !strings.HasPrefix(head, `{"run":`) {
		t.Fatalf("first line is no run: %.60q", head)
	}
	return rest
}

func TestQuote(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"babelmeter", "--lang", "ja,ko"}, "babelmeter --lang ja,ko"},
		{[]string{"a", "", "b c"}, "a '' 'b c'"},
		{[]string{"it's"}, `'it'\''s'`},
		{[]string{"$HOME", "東京"}, "'$HOME' '東京'"},
		{[]string{"\x1b[31m'\"\\\n\xff"}, `$'\x1b[31m\'"\\\n\xff'`},
	} {
		if got := quote(c.args); got != c.want {
			t.Errorf("quote(%q) = %s, want %s", c.args, got, c.want)
		}
	}
}

func TestVisible(t *testing.T) {
	for _, c := range []struct{ token, want string }{
		{" world", "·world"},
		{"\r\n\t", "␍⏎→"},
		{"東京", "東京"},
		{"\xe6\x9d", "<e6><9d>"},
		{"の\xe6", "の<e6>"},
		{"\u200d", "<U+200D>"},
		{"\u3000", "<U+3000>"},
		{"\x00\x1b", "<U+0000><U+001B>"},
		{"\u0301", "◌\u0301"},            // a mark alone
		{"e\u0301", "e\u0301"},           // one with its letter
		{"\xa4\u093f", "<a4>◌\u093f"},    // not on the sign for a byte
		{"\u0928\u094d", "न्"},           // a consonant with its virama
		{"\ufffd", "\ufffd"},             // the character itself
		{"\xed\xa0\x80", "<ed><a0><80>"}, // a surrogate is not UTF-8
		{"", ""},
	} {
		if got := visible([]byte(c.token)); got != c.want {
			t.Errorf("visible(%+q) = %s, want %s", c.token, got, c.want)
		}
	}
}

// FuzzVisible: what is shown never carries a control character to a terminal.
func FuzzVisible(f *testing.F) {
	f.Add([]byte("a\x1b[31m\xff\u202e\u0301"))
	f.Fuzz(func(t *testing.T, token []byte) {
		for _, r := range visible(token) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u202e' || r == '\u2066' {
				t.Errorf("visible(%q) has %U", token, r)
			}
		}
	})
}
