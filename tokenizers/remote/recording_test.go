package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const headLine = `{"recording":{"schema":1,"tool":"babelmeter","version":"v","created":"2026-11-29T06:00:00Z"}}`

func answerText(text, tokens string) string {
	return fmt.Sprintf(`{"answer":{"time":"2026-11-29T06:00:01Z","api":"anthropic","model":"m","text":"%s",%s}}`, digest(text), tokens)
}

func TestReadRecordingErrors(t *testing.T) {
	good := answerText("a", `"tokens":3`)
	if _, err := ReadRecording(strings.NewReader(headLine+"\n\r\n"+good+"\r\n"+good), "r"); err != nil {
		t.Errorf("good: %v", err)
	}
	for _, c := range []struct{ name, file, want string }{
		{"no head", good, `r:1: expected {"recording":…} first`},
		{"two heads", headLine + "\n" + headLine, "r:2: a second head"},
		{"later schema", strings.Replace(headLine, `"schema":1`, `"schema":2,"new":1`, 1), `r:1: schema 2 is not one that this program reads (1 to 1): use the version that wrote the file ("v")`},
		{"records of a run", `{"run":{}}`, `r:1: json: unknown field "run"`},
		{"unknown field", headLine + "\n" + strings.Replace(good, `"model"`, `"key":"x","model"`, 1), `r:2: json: unknown field "key"`},
		{"cut off", headLine + "\n" + good[:50], "r:2: the line ends in the middle of a value: the file is truncated; delete the line"},
		{"two values", headLine + "\n" + good + good, "r:2: more than one JSON value on the line"},
		{"neither", headLine + "\n{}", "r:2: expected one of recording, answer on a line"},
		{"no tokens", headLine + "\n" + answerText("a", `"probe":"x"`), "r:2: answer: expected either tokens or refused"},
		{"both", headLine + "\n" + answerText("", `"tokens":3,"refused":"no"`), "r:2: answer: expected either tokens or refused"},
		{"negative", headLine + "\n" + answerText("a", `"tokens":-3`), "r:2: answer: tokens -3"},
		{"a fraction", headLine + "\n" + answerText("a", `"tokens":3.5`), "r:2: json: cannot unmarshal number 3.5"},
		{"refused text", headLine + "\n" + answerText("a", `"refused":"no"`), "r:2: answer: only the empty text is kept as refused"},
		{"no digest", headLine + "\n" + strings.Replace(good, "sha256:", "", 1), "r:2: answer: text "},
		{"no model", headLine + "\n" + strings.Replace(good, `"m"`, `""`, 1), "r:2: answer: api or model missing"},
		{"no time", headLine + "\n" + strings.Replace(good, `"time":"2026-11-29T06:00:01Z",`, "", 1), "r:2: answer: time missing"},
		{"another count", headLine + "\n" + good + "\n" + answerText("a", `"tokens":4`), "r:3: m of anthropic counts this text otherwise than in line 2"},
		{"not JSON", headLine + "\nDear diary", "r:2: invalid character 'D'"},
		{"a long line", headLine + "\n" + strings.Repeat("[", maxLine+1), "r:2: line longer than 1048576 bytes"},
	} {
		_, err := ReadRecording(strings.NewReader(c.file), "r")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	broken := errors.New("the cable is out")
	if _, err := ReadRecording(io.MultiReader(strings.NewReader(headLine+"\n"), iotest.ErrReader(broken)), "r"); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "r:2: ") {
		t.Error(err)
	}
}

// A recording that was cut anywhere gives its whole lines, or says which is not.
func TestRecordingTruncatedAnywhere(t *testing.T) {
	file := headLine + "\n" + answerText("a", `"tokens":3`) + "\n" + answerText("b", `"tokens":4`) + "\n"
	for cut := range len(file) {
		head := file[:cut]
		lines := strings.Count(head, "\n")
		rest := head[strings.LastIndexByte(head, '\n')+1:]
		_, err := ReadRecording(strings.NewReader(head), "r")
		if whole := rest == "" || file[cut] == '\n'; whole != (err == nil) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), fmt.Sprintf("r:%d: the line ends in the middle", lines+1)) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

// What is read can be written, and read again it is the same; nothing panics.
func FuzzReadRecording(f *testing.F) {
	for _, s := range []string{headLine, headLine + "\n" + answerText("a", `"tokens":3`), answerText("", `"refused":"x"`), headLine + "\n" + answerText("", `"refused":"x"`) + "\n" + answerText("b", `"probe":"p","tokens":0`)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRecording(bytes.NewReader(data), "r")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "r:") {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		var b bytes.Buffer
		again := new(Recording)
		if err := again.Keep(&b, "r", "", time.Now(), true); err != nil {
			t.Fatal(err)
		}
		for k, a := range r.answers {
			l := &answerLine{Time: a.at, API: k.api, Model: k.model, Text: k.text, Refused: a.refused}
			if a.refused == "" {
				l.Tokens = &a.tokens
			}
			if err := again.write(line{Answer: l}); err != nil {
				t.Fatal(err)
			}
		}
		back, err := ReadRecording(&b, "r")
		if err != nil {
			t.Fatal(err)
		}
		if len(back.answers) != len(r.answers) {
			t.Fatalf("%d answers, read again %d", len(r.answers), len(back.answers))
		}
	})
}
