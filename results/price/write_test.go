package price

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What is written is read back: the whole built-in book, provider by provider.
func TestWriteIsReadBack(t *testing.T) {
	byProvider := map[string][]Price{}
	for _, p := range builtinBook(t).Prices() {
		byProvider[p.Provider] = append(byProvider[p.Provider], p)
	}
	for provider, prices := range byProvider {
		var b bytes.Buffer
		if err := Write(&b, "first\nsecond", prices); err != nil {
			t.Fatal(err)
		}
		back, err := Read(fstest.MapFS{provider + ".toml": {Data: b.Bytes()}})
		if err != nil {
			t.Fatalf("%s: %v\n%s", provider, err, b.String())
		}
		opts := cmp.Options{cmpopts.IgnoreFields(Price{}, "File", "Line"), cmpopts.EquateEmpty(),
			cmp.Comparer(func(a, b Decimal) bool { return a.Cmp(b) == 0 })}
		if d := cmp.Diff(prices, back.Prices(), opts); d != "" {
			t.Errorf("%s is read back otherwise (-written +read):\n%s", provider, d)
		}
	}
}

func TestWriteQuotesWhatIsHostile(t *testing.T) {
	p := Price{Provider: "x", Model: "a\"b\\c\nd\x00\x7f", Unit: Token, Per: 1, Currency: "USD", Status: NotPublished, Tax: TaxUnknown,
		Checked: Date{2026, 1, 1}, Sources: []Source{{Title: "t", Date: Date{2026, 1, 1}}, {Title: "u", Date: Date{2026, 1, 1}}}}
	var b bytes.Buffer
	if err := Write(&b, "c\x00\rx", []Price{p}); err != nil {
		t.Fatal(err)
	}
	back, err := Read(fstest.MapFS{"x.toml": {Data: b.Bytes()}})
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if got := back.Prices()[0].Model; got != "a\"b\\c\nd  " {
		t.Errorf("the model came back as %q", got)
	}
	q := p
	q.Provider = "y"
	if err := Write(&b, "", []Price{p, q}); err == nil {
		t.Error("two providers in one file, want an error")
	}
}
