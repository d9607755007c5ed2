package metric_test

import (
	"math"
	"os"
	"regexp"
	"testing"

	"github.com/babelmeter/babelmeter/bench/metric"
)

// all is every metric of the package, which TestAllMetricsAreListed holds.
var all = map[string]metric.Metric{
	"Tokens": metric.Tokens, "CharsPerToken": metric.CharsPerToken, "GraphemesPerToken": metric.GraphemesPerToken,
	"BytesPerToken": metric.BytesPerToken, "Premium": metric.Premium, "CostMultiplier": metric.CostMultiplier,
	"EquivalentInput": metric.EquivalentInput, "EquivalentOutput": metric.EquivalentOutput,
	"MacroPremium": metric.MacroPremium, "CodePointRatio": metric.CodePointRatio, "ByteDensity": metric.ByteDensity, "Compression": metric.Compression,
	"SplitShare": metric.SplitShare, "UnknownShare": metric.UnknownShare, "Fertility": metric.Fertility, "SingleTokenWords": metric.SingleTokenWords,
	"VocabularyUsed": metric.VocabularyUsed, "Renyi": metric.Renyi, "Shannon": metric.Shannon, "NSL": metric.NSL,
	"EffectiveContext": metric.EffectiveContext, "Gini": metric.Gini, "MaxMin": metric.MaxMin,
}

// neither are those of which less is as good as more.
var neither = map[string]bool{"CodePointRatio": true, "ByteDensity": true, "VocabularyUsed": true}

func TestAllMetricsAreListed(t *testing.T) {
	src, err := os.ReadFile("metric.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\t(\w+) += Metric\{$`).FindAllSubmatch(src, -1)
	if len(found) != len(all) {
		t.Errorf("%d metrics in metric.go, %d in this test", len(found), len(all))
	}
	for _, m := range found {
		if _, ok := all[string(m[1])]; !ok {
			t.Errorf("%s is not in this test", m[1])
		}
	}
}

// A report cannot say what a figure is unless its metric does.
func TestMetricsSayWhatTheyAre(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9_]+$`)
	names, titles := make(map[string]string), make(map[string]string)
	for id, m := range all {
		if !name.MatchString(m.Name) {
			t.Errorf("%s: name %q: want a-z, 0-9 and underscore", id, m.Name)
		}
		if m.Title == "" || m.Unit == "" || m.Formula == "" || m.Source == "" || (m.Better == metric.Neither) != neither[id] {
			t.Errorf("%s: title, unit, formula, source or direction is missing: %+v", id, m)
		}
		if other, dup := names[m.Name]; dup {
			t.Errorf("%s and %s have the name %s", id, other, m.Name)
		}
		if other, dup := titles[m.Title]; dup {
			t.Errorf("%s and %s have the title %s", id, other, m.Title)
		}
		names[m.Name], titles[m.Title] = id, id
	}
}

func TestRatio(t *testing.T) {
	const most = math.MaxUint32
	for _, c := range []struct {
		num, den []uint32
		want     float64
	}{
		{[]uint32{1, 2, 3}, []uint32{2, 2, 0}, 1.5}, // of sums, not the mean of 1/2, 1 and ∞
		{[]uint32{0}, []uint32{5}, 0},
		{[]uint32{most, most, most}, []uint32{most, most}, 1.5}, // the sums do not wrap
		{[]uint32{1}, []uint32{0}, math.NaN()},
		{[]uint32{0}, []uint32{0}, math.NaN()},
		{nil, nil, math.NaN()},
	} {
		if got := metric.Ratio(c.num, c.den); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("Ratio(%v, %v) = %v, want %v", c.num, c.den, got, c.want)
		}
	}
}
