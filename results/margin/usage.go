package margin

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/babelmeter/babelmeter/results/price"
)

// Use is one line of a usage file: what one customer used of one model in one
// language.
type Use struct {
	Line     int
	Customer string
	Model    string // or "provider/model"
	Lang     string
	// Revenue is what the customer paid, once: the lines of a customer are
	// added up.
	Revenue price.Decimal
	Input   int64 // tokens, without those cached
	Cached  int64
	Output  int64
	// Text and Answer are in the place of tokens: to be counted.
	Text, Answer string
}

// Counted reports whether the line has tokens, not text.
func (u *Use) Counted() bool { return u.Text == "" && u.Answer == "" }

// Fields are the columns of a CSV file and the keys of a JSON line: customer,
// model and lang are needed, and either tokens or text.
func Fields() []string {
	return []string{"customer", "model", "lang", "revenue", "input_tokens", "cached_tokens", "output_tokens", "text", "answer"}
}

const (
	maxLine   = 16 << 20 // bytes
	maxTokens = 1 << 50
)

// ReadUsage reads lines of use: JSON lines if the first character is "{", or
// else CSV with a line of names. An error names file, line, field and what is
// allowed, and ends the reading.
func ReadUsage(r io.Reader, name string) iter.Seq2[Use, error] {
	return func(yield func(Use, error) bool) {
		br := bufio.NewReaderSize(r, 64<<10)
		for {
			b, err := br.Peek(1)
			if err != nil {
				if err == io.EOF {
					err = fmt.Errorf("%s: empty: want CSV with a line of names, or JSON lines", name)
				} else {
					err = fmt.Errorf("%s: %w", name, err)
				}
				yield(Use{}, err)
				return
			}
			if b[0] == '{' {
				readJSON(br, name, yield)
				return
			}
			if bom, _ := br.Peek(3); string(bom) == "\ufeff" {
				_, _ = br.Discard(3)
				continue
			}
			readCSV(br, name, yield)
			return
		}
	}
}

func readCSV(r io.Reader, name string, yield func(Use, error) bool) {
	cr := csv.NewReader(&limited{r: r})
	cr.ReuseRecord = true
	head, err := cr.Read()
	if err != nil {
		yield(Use{}, csvError(name, err))
		return
	}
	head = slices.Clone(head)
	for i, h := range head {
		switch {
		case !slices.Contains(Fields(), h):
			yield(Use{}, fmt.Errorf("%s:1: %q: unknown column: want one of %s", name, h, strings.Join(Fields(), ", ")))
			return
		case slices.Contains(head[:i], h):
			yield(Use{}, fmt.Errorf("%s:1: column %s twice", name, h))
			return
		}
	}
	for _, need := range Fields()[:3] {
		if !slices.Contains(head, need) {
			yield(Use{}, fmt.Errorf("%s:1: column %s is missing: want customer, model, lang and tokens or text", name, need))
			return
		}
	}
	for n := 0; ; n++ {
		record, err := cr.Read()
		if err == io.EOF {
			if n == 0 {
				yield(Use{}, fmt.Errorf("%s: no lines of use after the names", name))
			}
			return
		}
		if err != nil {
			yield(Use{}, csvError(name, err))
			return
		}
		line, _ := cr.FieldPos(0)
		values := map[string]string{}
		for i, v := range record {
			if v != "" {
				values[head[i]] = v
			}
		}
		u, err := parseUse(name, line, values)
		if !yield(u, err) || err != nil {
			return
		}
	}
}

// limited refuses a line (a quoted field that does not end) beyond all bounds:
// encoding/csv would keep it whole.
type limited struct {
	r     io.Reader
	since int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if i := bytes.LastIndexByte(p[:n], '\n'); i >= 0 {
		l.since = int64(n - i - 1)
	} else if l.since += int64(n); l.since > maxLine {
		return 0, fmt.Errorf("a line of more than %d bytes", maxLine)
	}
	return n, err
}

func csvError(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: column %d: %w", name, p.Line, p.Column, p.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

func readJSON(r io.Reader, name string, yield func(Use, error) bool) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	line := 0
	for s.Scan() {
		line++
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		u, err := parseLine(name, line, s.Bytes())
		if !yield(u, err) || err != nil {
			return
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d bytes", maxLine)
		}
		yield(Use{}, fmt.Errorf("%s:%d: %w", name, line+1, err))
	}
}

func parseLine(name string, line int, data []byte) (Use, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return Use{}, fmt.Errorf("%s:%d: not a JSON object: %w", name, line, err)
	}
	values := map[string]string{}
	for key, v := range raw {
		if !slices.Contains(Fields(), key) {
			return Use{}, fmt.Errorf("%s:%d: %q: unknown key: want one of %s", name, line, key, strings.Join(Fields(), ", "))
		}
		var s string
		var n json.Number
		switch {
		case string(v) == "null":
			continue
		case json.Unmarshal(v, &s) == nil:
		case json.Unmarshal(v, &n) == nil:
			s = n.String()
		default:
			return Use{}, fmt.Errorf("%s:%d: %s: want a string or a number", name, line, key)
		}
		if s != "" {
			values[key] = s
		}
	}
	return parseUse(name, line, values)
}

var langRE = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// parseUse reads the fields of a line.
func parseUse(name string, line int, values map[string]string) (Use, error) {
	u := Use{Line: line, Customer: values["customer"], Model: values["model"], Lang: values["lang"], Text: values["text"], Answer: values["answer"]}
	bad := func(field, format string, args ...any) (Use, error) {
		return Use{}, fmt.Errorf("%s:%d: %s: %s", name, line, field, fmt.Sprintf(format, args...))
	}
	for _, need := range Fields()[:3] {
		if values[need] == "" {
			return bad(need, "missing")
		}
	}
	if !langRE.MatchString(u.Lang) {
		return bad("lang", "%q is not a language tag: want one of BCP 47, as ko or zh-Hans", u.Lang)
	}
	if s := values["revenue"]; s != "" {
		d, err := price.ParseDecimal(s)
		if err != nil || d.Sign() < 0 {
			return bad("revenue", "%q: want a sum, as 120 or 99.50", s)
		}
		u.Revenue = d
	}
	tokens := false
	for _, f := range []struct {
		field string
		into  *int64
	}{{"input_tokens", &u.Input}, {"cached_tokens", &u.Cached}, {"output_tokens", &u.Output}} {
		s := values[f.field]
		if s == "" {
			continue
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > maxTokens {
			return bad(f.field, "%q: want a whole number of tokens", s)
		}
		*f.into, tokens = n, true
	}
	if tokens == !u.Counted() {
		return bad("input_tokens", "want tokens (input_tokens, cached_tokens, output_tokens) or text (text, answer): one of the two")
	}
	return u, nil
}
