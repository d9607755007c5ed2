package hygiene_test

import (
	"testing"

	"github.com/babelmeter/babelmeter/bench/hygiene"
)

func TestForms(t *testing.T) {
	want := map[string][][2]string{
		"nfc":               {{"e\u0301 가", "é 가"}},
		"nfd":               {{"é가ガ", "e\u0301\u1100\u1161カ\u3099"}},
		"nfkc":              {{"ＧＰＴ－４ ｶﾞ", "GPT-4 ガ"}},
		"half_width":        {{"ガＡ！漢", "ｶﾞA!漢"}, {"パソコン", "ﾊﾟｿｺﾝ"}, {"ヷヸがエ", "ﾜﾞヸがｴ"}},
		"full_width":        {{"GPT-4 a~!", "ＧＰＴ－４ ａ～！"}},
		"ideographic_space": {{"a b", "a\u3000b"}},
		"crlf":              {{"a\nb", "a\r\nb\r\n"}, {"a\r\nb", "a\r\nb\r\n"}},
		"zero_width_space":  {{"今日", "今\u200b日"}, {"abc", "a\u200bbc"}, {"a", "\u200ba"}, {"", "\u200b"}},
		"byte_order_mark":   {{"a", "\ufeffa"}},
	}
	for _, f := range hygiene.Forms() {
		if len(want[f.Name]) == 0 || f.Title == "" || f.Note == "" {
			t.Errorf("%s: no test, title or note", f.Name)
		}
		for _, c := range want[f.Name] {
			if got := f.Of(c[0]); got != c[1] {
				t.Errorf("%s of %+q: %+q, want %+q", f.Name, c[0], got, c[1])
			}
		}
		if (f.Plain != nil) != (f.Name == "crlf") {
			t.Errorf("%s: what it is compared with", f.Name)
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"none", "e\u0301", "e\u0301"}, {"", "e\u0301", "e\u0301"}, {"nfc", "e\u0301", "é"}, {"nfd", "é", "e\u0301"}, {"nfkc", "ｅ\u0301", "é"},
	} {
		f, ok := hygiene.Normalize(c.name)
		got := c.in
		if f != nil {
			got = f(c.in)
		}
		if !ok || got != c.want {
			t.Errorf("%s of %+q: %+q, %v, want %+q", c.name, c.in, got, ok, c.want)
		}
	}
	if _, ok := hygiene.Normalize("nfq"); ok {
		t.Error("nfq is a normal form")
	}
	if hygiene.IsNFC("e\u0301") || !hygiene.IsNFC("é") {
		t.Error("IsNFC")
	}
}
