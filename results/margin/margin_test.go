package margin

import (
	"math/big"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/results/workload"
)

// TestPeriods is the situation of the inference-cost article worked by hand: a
// revenue of 10 million a year from 100 customers, 30 % other cost, usage that
// doubles each year at a fixed price.
func TestPeriods(t *testing.T) {
	w, err := workload.Read(strings.NewReader(`name = "x"
[[input]]
name = "in"
size = 1
[business]
customers = 100
seats = 100
seat_price = "83.333333333333333333333333"
conversations = "50"
turns = "2"
other_cost = "0.3"
growth = "2"
periods = 4
`), "w.toml")
	if err != nil {
		t.Fatal(err)
	}
	b := w.Business
	// 100 customers × 100 seats × 50 × 2 × 12 = 12 million requests a year; at
	// a twelfth of a dollar they cost a million, of which half is language.
	periods := Periods(b, Costs{Request: big.NewRat(1, 12), Base: big.NewRat(1, 24)})
	for i, want := range []string{"60.0", "50.0", "30.0", "-10.0"} {
		p := periods[i]
		if got := new(big.Rat).Mul(p.Margin, big.NewRat(100, 1)).FloatString(1); got != want {
			t.Errorf("margin of period %d: %s %%, want %s", i+1, got, want)
		}
		if got := new(big.Rat).Mul(p.Without, big.NewRat(100, 1)).FloatString(1); got != "70.0" {
			t.Errorf("margin without inference of period %d: %s %%, want 70.0", i+1, got)
		}
		if new(big.Rat).Quo(p.Language, p.Inference).Cmp(big.NewRat(1, 2)) != 0 {
			t.Errorf("language of period %d: %v of %v", i+1, p.Language, p.Inference)
		}
	}
	u := PerUnit(b, big.NewRat(1, 12))
	if u.Conversation.Cmp(big.NewRat(1, 6)) != 0 || u.Seat.Cmp(big.NewRat(50, 6)) != 0 || u.Customer.Cmp(big.NewRat(5000, 6)) != 0 {
		t.Errorf("units %v", u)
	}
}

func TestCohorts(t *testing.T) {
	var s Customers
	for i := range 10 {
		cost := int64(10)
		if i == 0 {
			cost = 110
		}
		lang := "en"
		if i < 2 {
			lang = "ko"
		}
		s.Add(string(rune('a'+i)), lang, big.NewRat(100, 1), big.NewRat(cost, 1), new(big.Rat))
	}
	var got []string
	for _, c := range s.Cohorts() {
		got = append(got, strings.Join([]string{c.Name, c.Cost.RatString(), c.Margin().FloatString(2)}, " "))
	}
	want := "all 200 0.80\ntop 10 % by cost 110 -0.10\ntop 20 % by cost 120 0.40\ntop 10 % by revenue 110 -0.10\ntop 20 % by revenue 120 0.40\nen 80 0.90\nko 120 0.40"
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
}

func TestUsageErrors(t *testing.T) {
	const head = "customer,model,lang,revenue,input_tokens,output_tokens,text\n"
	for _, c := range []struct{ file, want string }{
		{"", "u: empty: want CSV with a line of names, or JSON lines"},
		{head, "u: no lines of use after the names"},
		{"customer,model,tokens\n", `u:1: "tokens": unknown column: want one of customer, model, lang`},
		{"customer,model\n", "u:1: column lang is missing"},
		{"customer,model,lang,lang\n", "u:1: column lang twice"},
		{head + "a,gpt-4o,ko,,10,,\nb,gpt-4o,ko,,-1,,\n", `u:3: input_tokens: "-1": want a whole number of tokens`},
		{head + "a,gpt-4o,ko,,1.5,,\n", `u:2: input_tokens: "1.5": want a whole number of tokens`},
		{head + "a,gpt-4o,ko,$5,1,,\n", `u:2: revenue: "$5": want a sum, as 120 or 99.50`},
		{head + "a,gpt-4o,Korean,,1,,\n", `u:2: lang: "Korean" is not a language tag`},
		{head + ",gpt-4o,ko,,1,,\n", `u:2: customer: missing`},
		{head + "a,gpt-4o,ko,,1,,hello\n", `u:2: input_tokens: want tokens`},
		{head + "a,gpt-4o,ko,,,,\n", `u:2: input_tokens: want tokens`},
		{head + "a,gpt-4o\n", "u:2: column 1: wrong number of fields"},
		{head + "a,\"gpt-4o,ko\n", "u:"},
		{`{"customer":"a","model":"m","lang":"ko","input_tokens":1}` + "\nx\n", "u:2: not a JSON object"},
		{`{"customer":"a","tokens":1}`, `u:1: "tokens": unknown key: want one of customer`},
		{`{"customer":["a"]}`, `u:1: customer: want a string or a number`},
	} {
		var got error
		for _, err := range ReadUsage(strings.NewReader(c.file), "u") {
			got = err
		}
		if got == nil || !strings.Contains(got.Error(), c.want) {
			t.Errorf("%q\ngot  %v\nwant %s", c.file, got, c.want)
		}
	}
}

func TestBothFormatsAreTheSame(t *testing.T) {
	files := []string{
		"\ufeffcustomer,model,lang,revenue,input_tokens,output_tokens\n\"a, b\",gpt-4o,ko,99.50,10,20\n",
		`{"customer": "a, b", "model": "gpt-4o", "lang": "ko", "revenue": 99.50, "input_tokens": 10, "output_tokens": 20}` + "\n",
	}
	for _, f := range files {
		for u, err := range ReadUsage(strings.NewReader(f), "u") {
			if err != nil {
				t.Fatal(err)
			}
			if u.Customer != "a, b" || u.Revenue.String() != "99.5" || u.Input != 10 || u.Output != 20 {
				t.Errorf("%q: %+v", f, u)
			}
		}
	}
}

// FuzzReadUsage: whatever is in a file, lines are whole or an error that names
// the file ends it.
func FuzzReadUsage(f *testing.F) {
	f.Add("customer,model,lang,input_tokens\na,m,ko,1\n")
	f.Add(`{"customer":"a","model":"m","lang":"ko","text":"안녕"}`)
	f.Add("\ufeff\"")
	f.Fuzz(func(t *testing.T, file string) {
		done := false
		for u, err := range ReadUsage(strings.NewReader(file), "u") {
			if done {
				t.Fatal("goes on after an error")
			}
			if err != nil {
				done = true
				if !strings.HasPrefix(err.Error(), "u:") {
					t.Errorf("error %q does not name the file", err)
				}
				continue
			}
			if u.Customer == "" || u.Model == "" || u.Lang == "" || u.Input < 0 {
				t.Errorf("a line that is not whole: %+v", u)
			}
		}
	})
}
