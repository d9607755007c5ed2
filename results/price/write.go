package price

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Write writes a file of a book with the prices of one provider, each line of the
// comment before it. What it writes is read back by [Read] under the provider's
// name.
func Write(w io.Writer, comment string, prices []Price) error {
	if len(prices) == 0 {
		return errors.New("price: no prices to write")
	}
	var b bytes.Buffer
	for line := range strings.SplitSeq(strings.TrimSpace(comment), "\n") {
		fmt.Fprintf(&b, "# %s\n", strings.Map(printable, line))
	}
	first := &prices[0]
	fmt.Fprintf(&b, "\nprovider = %s\n", quote(first.Provider))
	if first.Host {
		b.WriteString("host = true\n")
	}
	var sources []Source
	add := func(list ...Source) {
		for _, s := range list {
			if !slices.Contains(sources, s) {
				sources = append(sources, s)
			}
		}
	}
	for i := range prices {
		p := &prices[i]
		if p.Provider != first.Provider || p.Host != first.Host {
			return fmt.Errorf("price: %s and %s in one file", first.Provider, p.Provider)
		}
		add(p.Sources...)
		add(p.Limits.Sources...)
		for _, r := range p.Residency {
			add(r.Sources...)
		}
		for _, c := range p.Conflicts {
			add(c.Source)
		}
	}
	keys := map[Source]string{}
	taken := map[string]bool{}
	for i, s := range sources {
		key := cmp.Or(s.Key, fmt.Sprintf("source-%d", i+1))
		for n := 2; taken[key]; n++ {
			key = fmt.Sprintf("%s-%d", s.Key, n)
		}
		keys[s], taken[key] = key, true
		b.WriteString("\n[[source]]\n")
		line(&b, "key", key)
		line(&b, "title", s.Title)
		line(&b, "url", s.URL)
		line(&b, "revision", s.Revision)
		date(&b, "date", s.Date)
		line(&b, "licence", s.Licence)
	}
	refs := func(name string, list []Source) {
		if len(list) == 0 {
			return
		}
		var all []string
		for _, s := range list {
			all = append(all, quote(keys[s]))
		}
		fmt.Fprintf(&b, "%s = [%s]\n", name, strings.Join(all, ", "))
	}
	for i := range prices {
		p := &prices[i]
		b.WriteString("\n[[price]]\n")
		line(&b, "model", p.Model)
		if len(p.Aliases) > 0 {
			var all []string
			for _, a := range p.Aliases {
				all = append(all, quote(a))
			}
			fmt.Fprintf(&b, "aliases = [%s]\n", strings.Join(all, ", "))
		}
		line(&b, "vocabulary", p.Vocabulary)
		line(&b, "confidence", string(p.Confidence))
		line(&b, "region", p.Region)
		line(&b, "variant", p.Variant)
		line(&b, "unit", string(p.Unit))
		fmt.Fprintf(&b, "per = %d\n", p.Per)
		line(&b, "currency", p.Currency)
		line(&b, "tax", string(p.Tax))
		line(&b, "status", string(p.Status))
		rates(&b, p.Rates)
		if p.Marginal {
			line(&b, "tiers", "marginal")
		}
		number(&b, "cache_min", p.CacheMin)
		if p.CacheTTL > 0 {
			line(&b, "cache_ttl", p.CacheTTL.String())
		}
		date(&b, "from", p.From)
		date(&b, "to", p.To)
		date(&b, "checked", p.Checked)
		refs("sources", p.Sources)
		line(&b, "notes", p.Notes)
		table := func(name string, r *Rates) {
			if r != nil {
				fmt.Fprintf(&b, "[price.%s]\n", name)
				rates(&b, *r)
			}
		}
		table("batch", p.Batch)
		table("high", p.High)
		for _, t := range p.Tiers {
			b.WriteString("[[price.tier]]\n")
			number(&b, "input_from", t.InputFrom)
			number(&b, "input_to", t.InputTo)
			number(&b, "output_from", t.OutputFrom)
			number(&b, "output_to", t.OutputTo)
			rates(&b, t.Rates)
			table("tier.batch", t.Batch)
		}
		for _, w := range p.Windows {
			b.WriteString("[[price.window]]\n")
			line(&b, "from", fmt.Sprintf("%02d:%02d", w.From/60, w.From%60))
			line(&b, "to", fmt.Sprintf("%02d:%02d", w.To/60, w.To%60))
			line(&b, "zone", time.Time{}.In(time.FixedZone("", w.Zone*60)).Format("-07:00"))
			if len(w.Days) > 0 {
				var all []string
				for _, d := range w.Days {
					all = append(all, quote(weekdays[d]))
				}
				fmt.Fprintf(&b, "days = [%s]\n", strings.Join(all, ", "))
			}
			rates(&b, w.Rates)
			table("window.batch", w.Batch)
		}
		for _, r := range p.Residency {
			b.WriteString("[[price.residency]]\n")
			line(&b, "place", r.Place)
			line(&b, "scope", string(r.Scope))
			if r.Uplift != nil {
				line(&b, "uplift", r.Uplift.String())
			}
			refs("sources", r.Sources)
			line(&b, "notes", r.Notes)
		}
		if d := p.Deployment; d != nil {
			b.WriteString("[price.deployment]\n")
			line(&b, "gpu", d.GPU)
			number(&b, "gpus", d.GPUs)
			if d.OutputPerSecond != nil {
				line(&b, "output_per_second", d.OutputPerSecond.String())
			}
			if d.InputPerSecond != nil {
				line(&b, "input_per_second", d.InputPerSecond.String())
			}
			line(&b, "notes", d.Notes)
		}
		if l := p.Limits; len(l.Sources) > 0 {
			b.WriteString("[price.limits]\n")
			number(&b, "context", l.Context)
			number(&b, "max_input", l.MaxInput)
			number(&b, "max_output", l.MaxOutput)
			number(&b, "requests_per_minute", l.RequestsPerMinute)
			number(&b, "tokens_per_minute", l.TokensPerMinute)
			refs("sources", l.Sources)
			line(&b, "notes", l.Notes)
		}
		for _, c := range p.Conflicts {
			b.WriteString("[[price.conflict]]\n")
			line(&b, "source", keys[c.Source])
			line(&b, "key", c.Key)
			if c.Value != nil {
				line(&b, "value", c.Value.String())
			}
			line(&b, "text", c.Text)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func line(b *bytes.Buffer, key, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s = %s\n", key, quote(value))
	}
}

func number(b *bytes.Buffer, key string, n int64) {
	if n != 0 {
		fmt.Fprintf(b, "%s = %d\n", key, n)
	}
}

func date(b *bytes.Buffer, key string, d Date) {
	if !d.IsZero() {
		fmt.Fprintf(b, "%s = %v\n", key, d)
	}
}

func rates(b *bytes.Buffer, r Rates) {
	for key, v := range r.All() {
		line(b, key, v.String())
	}
}

// quote writes a basic string of TOML.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(printable(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// printable replaces what TOML does not take in strings and comments.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
