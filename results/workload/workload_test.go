package workload

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProfilesAreRead(t *testing.T) {
	for _, name := range Names() {
		w, err := Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if w.Name != name || w.Title == "" || !strings.Contains(w.Notes, "assumptions") {
			t.Errorf("%s: name %q, title %q, notes %q: want the name of the file and what is assumed", name, w.Name, w.Title, w.Notes)
		}
	}
	if _, err := Builtin("chat"); err == nil || !strings.Contains(err.Error(), "profiles: classification, faq, rag, docs, agent") {
		t.Errorf("profile that does not exist: %v", err)
	}
}

const whole = `name = "support"
[[input]]
name = "question"
size = 60
context = true
[[input]]
name = "system prompt"
size = 900
lang = "en"
cached = true
[[output]]
name = "answer"
size = 300
[mix]
ko = "0.6"
ja = "0.4"
[levers]
answered = "0.3"
cache_hit = "0.8"
context_cut = "0.5"
routed = "0.4"
route_to = "gpt-4o-mini"
[business]
customers = 100
seat_price = "40"
conversations = "60"
`

func TestRead(t *testing.T) {
	w, err := Read(strings.NewReader(whole), "w.toml")
	if err != nil {
		t.Fatal(err)
	}
	if w.Title != "support" || w.Unit != Tokens || len(w.Parts) != 3 {
		t.Errorf("title %q, unit %q, %d parts", w.Title, w.Unit, len(w.Parts))
	}
	// A cache holds beginnings: the cached part comes first.
	if p := w.Parts[0]; p.Name != "system prompt" || !p.Cached || p.Lang != "en" {
		t.Errorf("first part %+v, want the cached one", p)
	}
	if got := w.Langs(); !cmp.Equal(got, []string{"ko", "ja", "en"}) {
		t.Errorf("languages %v", got)
	}
	if b := w.Business; b.Currency != "USD" || b.Seats != 1 || b.Turns.String() != "1" || b.Periods != 1 {
		t.Errorf("business %+v: want one seat, turn and period where nothing is said", b)
	}
}

// TestProblemsAreTold holds file, line, field and what is allowed.
func TestProblemsAreTold(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"syntax", `size = 60`, `size = `, "w.toml:4: "},
		{"size as text", `size = 60`, `size = "60"`, `w.toml:4: size: want an integer, not a string`},
		{"size of nothing", `size = 60`, `size = 0`, `w.toml:4: size: 0: want an integer from 1 to 100000000`},
		{"no size", `size = 60`, ``, `w.toml:2: size is missing: want how long the part is in the base language`},
		{"unknown key", `size = 60`, "size = 60\nsise = 1", `w.toml:5: sise: unknown key: want one of name, size, lang, cached, context`},
		{"language", `lang = "en"`, `lang = "English!"`, `w.toml:9: lang: "English!" is not a language tag: want one of BCP 47, as ko or zh-Hans`},
		{"cached and context", `context = true`, "context = true\ncached = true", `w.toml:5: context: true in a part that is cached`},
		{"mix", `ja = "0.4"`, `ja = "0.5"`, `w.toml:14: the shares of [mix] are 1.1 together: want 1`},
		{"mix of a number", `ja = "0.4"`, `ja = 0.4`, `w.toml:16: ja: want a string, not a floating-point number`},
		{"more than all", `answered = "0.3"`, `answered = "1.3"`, `w.toml:18: answered: 1.3: want a number from 0 to 1`},
		{"negative", `answered = "0.3"`, `answered = "-0.3"`, `w.toml:18: answered: -0.3: want a number from 0 to 1`},
		{"not a number", `answered = "0.3"`, `answered = "30%"`, `w.toml:18: answered: "30%" is not a decimal number`},
		{"routed nowhere", `route_to = "gpt-4o-mini"`, ``, `w.toml:21: routed: 0.4, but route_to is missing`},
		{"distilled free", `routed = "0.4"`, "routed = \"0.4\"\ndistilled = \"0.1\"", `w.toml:22: distilled: 0.1, but distilled_price is missing`},
		{"too much routed", `routed = "0.4"`, "routed = \"0.4\"\ndistilled = \"0.7\"\ndistilled_price = \"0.1\"", `w.toml:17: routed and distilled are 1.1 together: want at most 1`},
		{"nothing cached", "cached = true\n", "", `w.toml:18: cache_hit: 0.8, but no part has cached = true`},
		{"no price", `seat_price = "40"`, ``, `w.toml:23: seat_price is missing: want what a seat pays a month`},
		{"currency", `customers = 100`, "customers = 100\ncurrency = \"won\"", `w.toml:25: currency: "won": want the three capital letters of ISO 4217, as USD`},
		{"unit", `name = "support"`, "name = \"support\"\nunit = \"pages\"", `w.toml:2: unit: "pages": want one of tokens, words`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(whole, c.from) {
				t.Fatalf("%q is not in the document", c.from)
			}
			_, err := Read(strings.NewReader(strings.Replace(whole, c.from, c.to, 1)), "w.toml")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	_, err := Read(strings.NewReader(`name = "x"`), "w.toml")
	if err == nil || !strings.Contains(err.Error(), "w.toml:1: nothing goes in or out") {
		t.Errorf("a workload without parts: %v", err)
	}
	if _, err := Read(strings.NewReader(strings.Repeat("#", maxFile+1)), "w.toml"); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a large file: %v", err)
	}
}

// FuzzRead: whatever is in a file, it is a workload or an error that names the
// file.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	for _, name := range Names() {
		data, err := os.ReadFile("profiles/" + name + ".toml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("mix = 1\nlevers = [1]\ninput = {}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := Read(strings.NewReader(string(data)), "w.toml")
		if (w == nil) == (err == nil) {
			t.Fatalf("workload %v and error %v", w, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "w.toml") {
			t.Errorf("error %q does not name the file", err)
		}
		if err == nil && len(w.Parts) == 0 {
			t.Error("a workload without parts")
		}
	})
}
