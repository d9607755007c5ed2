package cost

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/babelmeter/babelmeter/results/workload"
)

// Number writes an exact number: all digits where it ends, or else as many as
// are asked for with "…" after them.
func Number(x *big.Rat, places int) string {
	n, exact := x.FloatPrec()
	if exact && n <= 30 {
		return commas(x.FloatString(n))
	}
	// Cut off, not rounded: the dots say that it goes on.
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	t := new(big.Int).Mul(x.Num(), scale)
	t.Quo(t, x.Denom())
	return commas(new(big.Rat).SetFrac(t, scale).FloatString(places)) + "…"
}

func commas(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + fraction
	}
	return sign + whole
}

// Int writes a whole number with commas.
func Int(n int64) string { return commas(strconv.FormatInt(n, 10)) }

func (r Ratio) String() string {
	if r.Den == 0 {
		return Number(r.Value, 6) + " (mean over domains)"
	}
	return Int(r.Num) + " ÷ " + Int(r.Den)
}

// Explain tells the bill line by line, so that it can be done again by hand.
func (b *Bill) Explain(w *workload.Workload, base string) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	add("%s in %s: %s requests of %s", b.Model.Name, b.Lang, Int(b.Requests), w.Name)
	add("  sizes: %s of %s × length of the content in the part's language ÷ in %s,", w.Unit, base, base)
	add("  to the nearest whole %s", unitName(b.Model))
	for _, s := range b.Sizes {
		left := Int(s.Size)
		if s.Context && w.Levers.ContextCut.Sign() > 0 {
			left += " × (1 − " + w.Levers.ContextCut.String() + ")"
		}
		add("    %s (%s, %s): %s × %s = %s", s.Name, s.Kind, s.InLang, left, s.Ratio, Int(s.Units))
	}
	calls := Int(b.Requests)
	if w.Levers.Answered.Sign() > 0 {
		calls += " × (1 − " + w.Levers.Answered.String() + " answered by the own cache)"
	}
	if w.Levers.Retries.Sign() > 0 {
		calls += " × (1 + " + w.Levers.Retries.String() + " sent again)"
	}
	if strings.Contains(calls, "×") {
		add("  calls: %s = %s", calls, Number(b.Calls, 6))
	}
	for _, c := range b.Classes {
		head := "  " + c.Model
		if len(c.Share) > 0 {
			text := Number(b.Calls, 6)
			for _, f := range c.Share {
				text += " × " + Number(f.Value, 6) + " " + f.Name
			}
			head += ": " + text + " = " + Number(c.Calls, 6) + " calls"
		} else {
			head += ": " + Number(c.Calls, 6) + " calls"
		}
		lines = append(lines, head)
		for _, l := range c.Lines {
			text := fmt.Sprintf("    %s: %s × %s", strings.ReplaceAll(l.Key, "_", " "), Int(l.Units), Number(l.Rate, 12))
			if l.Per != 1 {
				text += " ÷ " + Int(l.Per)
			}
			text += " = " + Number(l.Money, 12)
			if l.Tier > 0 {
				text += fmt.Sprintf(" (tier %d)", l.Tier)
			}
			lines = append(lines, text)
		}
		add("    one call %s %s; × %s = %s", b.Currency, Number(c.Each, 12), Number(c.Calls, 6), Number(c.Money, 12))
	}
	add("  together %s %s", b.Currency, Number(b.Total, 12))
	return lines
}

// unitName is what the units of a model are.
func unitName(m *Model) string {
	switch m.Price.Unit {
	case "character":
		return "character"
	default:
		return "token of " + m.Vocab
	}
}

// Explain tells a row line by line.
func (c *Comparison) Explain(r *Row) []string {
	if r.Needs != "" {
		return []string{r.Model.Name + ": " + r.Needs}
	}
	if c.Workload != nil {
		if r.Bill != nil {
			return r.Bill.Explain(c.Workload, c.Content.Base)
		}
		var lines []string
		sum := ""
		for i, s := range c.Workload.Mix {
			b, err := c.Bill(r.Model, s.Lang, Center)
			if err != nil {
				continue
			}
			lines = append(lines, b.Explain(c.Workload, c.Content.Base)...)
			if i > 0 {
				sum += " + "
			}
			sum += s.Share.String() + " × " + Number(b.Total, 12)
		}
		return append(lines, fmt.Sprintf("%s in the mix: %s = %s %s", r.Model.Name, sum, r.Model.Price.Currency, Number(r.Money.Center, 12)))
	}
	in, out := c.blend()
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	add("%s in %s", r.Model.Name, r.Lang)
	list := ""
	switch {
	case r.Input == nil:
		list = fmt.Sprintf("%s × %d ÷ %d", Number(r.Output, 6), out, in+out)
	case r.Output == nil:
		list = fmt.Sprintf("%s × %d ÷ %d", Number(r.Input, 6), in, in+out)
	default:
		list = fmt.Sprintf("(%d × %s + %d × %s) ÷ %d", in, Number(r.Input, 6), out, Number(r.Output, 6), in+out)
	}
	list0 := c.blended(r.Input, r.Output)
	add("  list, blended: %s = %s %s per million", list, r.Model.Price.Currency, Number(list0, 6))
	add("  content in %s ÷ in %s under %s: %s = %s", r.Lang, c.Content.Base, c.Base.Name, r.Relative, Number(r.Relative.Value, 6))
	add("  money: %s × %s = %s %s", Number(list0, 6), r.Relative, r.Model.Price.Currency, Number(r.Money.Center, 6))
	return lines
}
