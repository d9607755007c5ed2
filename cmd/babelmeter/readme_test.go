package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/corpora"
)

// block is what lies between the markers in a page: the output of the command
// that the first one names.
var block = regexp.MustCompile(`(?s)<!-- BEGIN: ([^\n]*) -->\n(.*?)<!-- END -->`)

// TestPages runs the commands whose output the pages show,
// and compares. UPDATE=1 rewrites the pages. Version and date may differ.
func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("short: runs a program for every block")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash to run the commands with")
	}
	for _, page := range []string{"../../README.md", "../../corpora/builtin/README.md", "../../docs/cost/README.md"} {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		updated := block.ReplaceAllStringFunc(string(data), func(old string) string {
			found = true
			m := block.FindStringSubmatch(old)
			command, got := m[1], m[2]
			// TestMain puts the program under test into PATH.
			const goRun = "go run ./cmd/babelmeter"
			if !strings.Contains(command, goRun) {
				t.Errorf("%s: %q: expected a command with %q", page, command, goRun)
				return old
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(command, goRun, "babelmeter"))
			cmd.Dir = "../.."
			cmd.Env = append(os.Environ(), "BABELMETER_MIRROR=", "LC_ALL=C.UTF-8")
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("%s: %s: %v", page, command, err)
				return old
			}
			want := "```console\n$ " + command + "\n" + string(out) + "```\n"
			if strings.Contains(command, "--format md") {
				want = "\n" + string(out) + "\n"
			}
			if stable(got) == stable(want) {
				return old
			}
			if os.Getenv("UPDATE") == "" {
				t.Errorf("%s: %s: not what the command prints; UPDATE=1 rewrites it (-page +output):\n%s", page, command, cmp.Diff(stable(got), stable(want)))
			}
			return "<!-- BEGIN: " + command + " -->\n" + want + "<!-- END -->"
		})
		if !found {
			t.Errorf("%s: no output between markers", page)
		}
		if os.Getenv("UPDATE") != "" && updated != string(data) && !t.Failed() {
			if err := os.WriteFile(page, []byte(updated), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestDataCard: every domain has a row that says what kind of text it is, every
// language one that says as written where.
func TestDataCard(t *testing.T) {
	card, err := os.ReadFile("../../corpora/builtin/README.md")
	if err != nil {
		t.Fatal(err)
	}
	corpus, err := corpora.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	_, kinds, ok := strings.Cut(string(card), "| domain | kind of text |")
	if !ok {
		t.Fatal("the card has no table of the domains")
	}
	for _, d := range corpus.Domains() {
		if !strings.Contains(kinds, "\n| "+d+" | ") {
			t.Errorf("the card does not say what domain %s is", d)
		}
	}
	for _, l := range corpus.Langs() {
		if !strings.Contains(string(card), "\n| `"+string(l)+"` | ") {
			t.Errorf("the card does not say where %s is as written", l)
		}
	}
}
