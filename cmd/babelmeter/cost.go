package main

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/cost"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/report"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/results/workload"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// article are the models of the table of the inference-cost article, which are
// always there or say what they need.
var article = []string{"openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-3-5-sonnet-20241022", "anthropic/claude-3-haiku-20240307",
	"selfhosted/llama-3-70b-instruct", "google/gemini-1.5-flash", "alibaba/qwen"}

// costFlags say what is costed and how.
type costFlags struct {
	plan      planFlags
	models    list
	all       bool
	estimates bool
	baseModel string
	at        string
	prices    string
	fx        string
	currency  string
	workload  string
	requests  int64
	blend     string
	residency string
	shock     list
	without   list
	beat      string
	use       string
	scopes    bool
	explain   bool
	resamples int
	top       int // customers to show
	format    formatFlag

	// What they say, read.
	on       price.Date
	parts    [2]int64
	full     *big.Rat
	shocks   map[string]price.Decimal
	workLoad *workload.Workload
}

// AddFlags adds the flags of cost.
func (f *costFlags) AddFlags(fs *pflag.FlagSet) {
	f.AddCommon(fs)
	fs.StringVar(&f.currency, "currency", "", "show money in that `CODE`, as KRW, by a rate of exchange that is printed")
	fs.StringVar(&f.workload, "workload", "", "cost requests of a profile ("+strings.Join(workload.Names(), ", ")+") or of a `FILE`.toml")
	fs.Int64Var(&f.requests, "requests", 1000, "`NUMBER` of requests of the workload")
	fs.StringVar(&f.blend, "blend", "3:1", "`IN:OUT`, parts of input to parts of output, without a workload")
	fs.StringVar(&f.beat, "beat", "", "also how much cheaper each model must be to beat this `MODEL`")
	fs.BoolVar(&f.scopes, "by-domain", false, "also each domain, and the mean over domains (macro)")
}

// AddCommon adds those that a margin has, too, and sets the others to their
// defaults.
func (f *costFlags) AddCommon(fs *pflag.FlagSet) {
	f.blend, f.requests = "3:1", 1000
	f.models.AddFlag(fs, "model", "models, or provider/model, separated by commas (default: those that are counted here and on sale, and the inference-cost article's)")
	f.plan.vocabs.AddFlag(fs, "vocab", "only models of these vocabularies, separated by commas")
	fs.BoolVar(&f.all, "all", false, "all prices of the book, also those that need something")
	fs.BoolVar(&f.estimates, "estimates", false, "also models whose vocabulary is an estimate")
	f.plan.corpusFlags.AddFlags(fs)
	f.plan.langs.AddFlag(fs, "lang", "languages, BCP 47, separated by commas (default: all of the corpus; of the built-in one en, zh-Hans, zh-Hant, ja, ko)")
	f.plan.domains.AddFlag(fs, "domain", "domains of the corpus, separated by commas (default: all)")
	fs.StringVar(&f.plan.base, "base", "en", "`LANGUAGE` that multipliers are over")
	f.plan.baseGiven = func() bool { return fs.Changed("base") }
	fs.StringVar(&f.baseModel, "base-model", report.DefaultBaseModel, "`MODEL` that multipliers are over")
	fs.StringVar(&f.plan.engine, "engine", engineNames()[0], "`ENGINE` that encodes: "+strings.Join(engineNames(), ", "))
	fs.Uint64Var(&f.plan.seed, "seed", 1, "seed of the bootstrap, a `NUMBER`")
	fs.IntVar(&f.resamples, "resamples", 1000, "resamples of the bootstrap, a `NUMBER`")
	fs.StringVar(&f.at, "at", "", "prices of that `DATE`, such as 2026-01-31 (default: the last of each list)")
	pricesFlag(fs, &f.prices)
	fs.StringVar(&f.fx, "fx", "", "`FILE` of rates of exchange, in place of the built-in ones")
	fs.StringVar(&f.residency, "residency", "", "only models served in that `PLACE`, as jp, kr, sg, in, au, cn, eu")
	f.shock.AddFlag(fs, "shock", "changes of prices, as openai=+50%, separated by commas")
	f.without.AddFlag(fs, "without", "providers that are lost, separated by commas")
	fs.StringVar(&f.use, "utilisation", "1", "`SHARE` of a GPU hour that is used, as 0.6")
	fs.BoolVar(&f.explain, "explain", false, "tell each sum line by line, to be done again by hand")
	f.format.AddFlag(fs)
}

// placeNames are the ones that a price can name. Others are refused: a rule
// that nothing can meet is more likely a slip.
var placeRE = regexp.MustCompile(`^[a-z]{2}$`)

// check reads the flags before anything is measured.
func (f *costFlags) check() (err error) {
	if f.at != "" {
		if f.on, err = price.ParseDate(f.at); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	if f.resamples < 1 {
		return fmt.Errorf("--resamples %d: expected at least 1", f.resamples)
	}
	if f.requests < 1 || f.requests > 1e12 {
		return fmt.Errorf("--requests %d: expected a number from 1 to 1000000000000", f.requests)
	}
	in, out, ok := strings.Cut(f.blend, ":")
	for i, s := range []string{in, out} {
		d, err := price.ParseDecimal(s)
		n := d.Rat()
		if !ok || err != nil || d.Sign() < 0 || !n.IsInt() || n.Num().BitLen() > 20 {
			return fmt.Errorf("--blend %q: expected two whole numbers, as 3:1", f.blend)
		}
		f.parts[i] = n.Num().Int64()
	}
	if f.parts[0]+f.parts[1] == 0 {
		return fmt.Errorf("--blend %q: expected two whole numbers, not both 0", f.blend)
	}
	if f.currency != "" && !currencyRE.MatchString(f.currency) {
		return fmt.Errorf("--currency %q: expected the three capital letters of ISO 4217, as KRW", f.currency)
	}
	if f.residency != "" && !placeRE.MatchString(f.residency) {
		return fmt.Errorf("--residency %q: expected two small letters of ISO 3166-1, as kr, or eu", f.residency)
	}
	d, err := price.ParseDecimal(f.use)
	if err != nil || d.Sign() <= 0 || d.Cmp(price.NewDecimal(1)) > 0 {
		return fmt.Errorf("--utilisation %q: expected a share above 0 and up to 1, as 0.6", f.use)
	}
	f.full = d.Rat()
	f.shocks = map[string]price.Decimal{}
	for _, s := range f.shock {
		provider, change, ok := strings.Cut(s, "=")
		number, percent := strings.CutSuffix(change, "%")
		d, err := price.ParseDecimal(strings.TrimPrefix(number, "+"))
		if !ok || provider == "" || !percent || err != nil {
			return fmt.Errorf("--shock %q: expected a provider and a change in per cent, as openai=+50%%", s)
		}
		factor := d.Shift(-2).Add(price.NewDecimal(1))
		if factor.Sign() < 0 {
			return fmt.Errorf("--shock %q: a price cannot fall by more than 100%%", s)
		}
		if _, twice := f.shocks[provider]; twice {
			return fmt.Errorf("--shock: %s twice", provider)
		}
		f.shocks[provider] = factor
	}
	if f.workload != "" {
		if f.workLoad, err = openWorkload(f.workload); err != nil {
			return fmt.Errorf("--workload: %w", err)
		}
	}
	return nil
}

var currencyRE = regexp.MustCompile(`^[A-Z]{3}$`)

// openWorkload reads a built-in profile or a file.
func openWorkload(name string) (*workload.Workload, error) {
	if slices.Contains(workload.Names(), name) {
		return workload.Builtin(name)
	}
	if !strings.ContainsAny(name, "./\\") {
		return workload.Builtin(name) // says what there is
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return workload.Read(f, name)
}

// converter returns factors to a currency, and notes the rates that it used.
func (f *costFlags) converter(to string) (convert func(string) (*big.Rat, error), used func() []string, err error) {
	var fx *price.FX
	if f.fx == "" {
		fx, err = price.BuiltinFX()
	} else {
		fx, err = price.ReadFX(os.DirFS(filepath.Dir(f.fx)), filepath.Base(f.fx))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--fx: %w", err)
	}
	var notes []string
	missing := map[string]bool{}
	return func(from string) (*big.Rat, error) {
			c, err := fx.Rate(from, to, f.on)
			if err != nil {
				if !missing[from] {
					missing[from] = true
					notes = append(notes, strings.TrimPrefix(err.Error(), "price: "))
				}
				return nil, err
			}
			if n := "rate of exchange, for showing and comparing only: " + c.String(); len(c.Quotes) > 0 && !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
			return c.Factor, nil
		}, func() []string {
			slices.Sort(notes)
			return notes
		}, nil
}

// candidates are the models that a cost is asked of.
type candidates struct {
	models []*cost.Model
	base   *cost.Model
	beat   *cost.Model
	route  *cost.Model
	specs  []*tokenizers.Spec // to be counted
	left   int                // prices that were not asked for
}

// candidate makes a model of a price: it finds what counts it.
func (a *app) candidate(p price.Price, cat *tokenizers.Catalog) *cost.Model {
	m := &cost.Model{Name: p.Model, Price: p, Vocab: p.Vocabulary, Confidence: string(p.Confidence)}
	for _, alias := range p.Aliases {
		if len(alias) < len(m.Name) {
			m.Name = alias
		}
	}
	if p.Host {
		m.Name = p.Provider + "/" + m.Name
	}
	if p.Unit == price.GPUHour {
		m.Name += " GPU-hour"
	}
	if spec, model, err := cat.LookupModel(p.Model); err == nil {
		if m.Vocab == "" {
			m.Vocab = spec.Name
		}
		if m.Confidence == "" && spec.Name == m.Vocab {
			m.Confidence = string(model.Provenance)
		}
	}
	switch {
	case p.Status == price.NotPublished:
		m.Needs = "price not published"
		if p.Notes != "" {
			m.Needs += ": " + p.Notes
		}
		return m
	case p.Unit == price.Character:
		m.Confidence = "exact" // characters need no vocabulary
	}
	if p.Unit == price.Character || p.Unit == price.Request {
		return m
	}
	if p.Unit == price.GPUHour && (p.Deployment == nil || p.Deployment.OutputPerSecond == nil) {
		m.Needs = "the throughput of the deployment"
		return m
	}
	if m.Vocab == "" {
		m.Needs = "vocabulary not known"
		return m
	}
	spec, err := cat.Lookup(m.Vocab)
	switch {
	case err != nil:
		m.Needs = fmt.Sprintf("vocabulary %s is not in the catalogue", m.Vocab)
	case spec.Closed():
		m.Needs = "counts of the vendor's endpoint"
		if r := spec.Remote; r != nil && len(r.Key) > 0 {
			m.Needs = "needs " + strings.Join(r.Key, " or ")
		}
	default:
		if _, err := a.files(spec); err != nil {
			m.Needs = "vocabulary not pulled: babelmeter vocab pull " + spec.Name
		}
	}
	return m
}

// candidates chooses the prices.
func (a *app) candidates(f *costFlags, book *price.Book) (*candidates, error) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nil, err
	}
	vocabs := map[string]bool{}
	for _, name := range f.plan.vocabs {
		s, err := cat.Lookup(name)
		if err != nil {
			return nil, fmt.Errorf("--vocab: %w; `babelmeter vocab list` shows all", err)
		}
		vocabs[s.Name] = true
	}
	var c candidates
	asked := make([]bool, len(f.models))
	names := map[string][]*cost.Model{}
	last := book.Find(price.Query{On: f.on})
	has := func(p price.Price, name string) bool {
		found := book.Find(price.Query{Model: name, Provider: p.Provider, Region: p.Region, Currency: p.Currency, On: f.on})
		return slices.ContainsFunc(found, func(q price.Price) bool { return q.List() == p.List() })
	}
	for _, p := range last {
		m := a.candidate(p, cat)
		keep := f.all
		isArticle := slices.Contains(article, p.Name())
		switch {
		case len(f.models) > 0:
			keep = false
			for i, name := range f.models {
				if has(p, name) {
					asked[i], keep = true, true
				}
			}
		case isArticle:
			keep = true
		case !f.all:
			keep = m.Needs == "" && p.Status != price.Deprecated && !p.Host && p.Variant == "" && (p.Input != nil && p.Output != nil || p.Unit != price.Token)
		}
		if p.Variant == "converted" && !f.all {
			keep = false // the same list at a rate of exchange
		}
		if m.Confidence == string(price.Estimate) && !f.estimates && m.Needs == "" {
			if len(f.models) > 0 && keep {
				m.Needs = "vocabulary is an estimate: give --estimates"
			} else {
				keep = false
			}
		}
		if len(vocabs) > 0 && !vocabs[m.Vocab] {
			keep = false
		}
		if !keep {
			c.left++
			continue
		}
		c.models = append(c.models, m)
		names[m.Name] = append(names[m.Name], m)
	}
	for i, name := range f.models {
		if !asked[i] {
			_, err := book.Lists(name, f.on)
			if err == nil {
				err = errors.New("not of the vocabularies of --vocab")
			}
			return nil, fmt.Errorf("--model %s: %w; `babelmeter price list` shows all", name, err)
		}
	}
	if len(c.models) == 0 {
		return nil, errors.New("no price is left of what --model, --vocab and --at ask for")
	}
	for _, same := range names {
		if len(same) > 1 {
			label(same)
		}
	}
	one := func(flag, name string) (*cost.Model, error) {
		p, err := book.Lookup(name, f.on)
		if err != nil && !f.on.IsZero() {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		for _, m := range c.models {
			if m.Price.List() == p.List() {
				return m, nil
			}
		}
		return a.candidate(p, cat), nil
	}
	if c.base, err = one("--base-model", f.baseModel); err != nil {
		return nil, err
	}
	if c.base.Needs != "" {
		return nil, fmt.Errorf("--base-model %s: %s", f.baseModel, c.base.Needs)
	}
	if f.beat != "" {
		if c.beat, err = one("--beat", f.beat); err != nil {
			return nil, err
		}
	}
	if f.workLoad != nil && f.workLoad.Levers.RouteTo != "" {
		if c.route, err = one(f.workLoad.File+": route_to", f.workLoad.Levers.RouteTo); err != nil {
			return nil, err
		}
	}
	for _, m := range append(slices.Clone(c.models), c.base, c.beat, c.route) {
		if m == nil || m.Needs != "" || m.Vocab == "" {
			continue
		}
		s, err := cat.Lookup(m.Vocab)
		if err != nil || s.Closed() {
			continue
		}
		if _, err := a.files(s); err == nil && !slices.Contains(c.specs, s) {
			c.specs = append(c.specs, s)
		}
	}
	return &c, nil
}

// label tells models of one name apart by what differs: region, currency, unit,
// variant.
func label(same []*cost.Model) {
	differ := func(get func(*price.Price) string) bool {
		return slices.ContainsFunc(same, func(m *cost.Model) bool { return get(&m.Price) != get(&same[0].Price) })
	}
	gets := []func(*price.Price) string{
		func(p *price.Price) string { return p.Region },
		func(p *price.Price) string {
			return map[price.Unit]string{price.Character: "char"}[p.Unit]
		},
		func(p *price.Price) string { return p.Currency },
		func(p *price.Price) string { return p.Variant },
	}
	for _, m := range same {
		name := m.Name
		for i, get := range gets {
			if s := get(&m.Price); s != "" && differ(get) && (i < 2 || !toldApart(same, gets[:i])) {
				name += " " + s
			}
		}
		defer func() { m.Name = name }()
	}
}

func toldApart(same []*cost.Model, gets []func(*price.Price) string) bool {
	seen := map[string]bool{}
	for _, m := range same {
		key := ""
		for _, get := range gets {
			key += get(&m.Price) + "\x00"
		}
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

// content measures, or reads records.
func (a *app) content(c *cobra.Command, f *costFlags, cand *candidates, args []string) (*cost.Content, *results.Set, error) {
	if len(args) > 0 {
		in, err := a.openInput(args[0])
		if err != nil {
			return nil, nil, err
		}
		defer in.Close()
		set, err := results.ReadSet(in, args[0])
		if err != nil {
			return nil, nil, err
		}
		content, err := cost.NewContent(set, level, f.resamples)
		if err != nil {
			return nil, nil, err
		}
		for _, m := range cand.models {
			// Records may have counts that this machine cannot make.
			if m.Price.Status != price.NotPublished && m.Vocab != "" && content.Missing(m.Vocab, content.Base) == "" {
				m.Needs = ""
			}
		}
		return content, set, nil
	}
	plan := f.plan
	plan.vocabs = nil
	for _, s := range cand.specs {
		plan.vocabs = append(plan.vocabs, s.Name)
	}
	asked := slices.Clone(plan.langs)
	if f.workLoad != nil {
		if len(asked) == 0 && len(f.workLoad.Mix) > 0 {
			for _, s := range f.workLoad.Mix {
				plan.langs = append(plan.langs, s.Lang)
			}
		}
		for _, l := range f.workLoad.Langs() {
			if len(plan.langs) > 0 && !slices.Contains(plan.langs, l) {
				plan.langs = append(plan.langs, l)
			}
		}
	}
	p, err := a.plan(&plan)
	if err != nil {
		return nil, nil, err
	}
	ctx, stop := interruptible(c.Context())
	defer stop()
	set, err := results.Collect(a.withProgress(bench.Run(ctx, p), p.Steps()))
	if err != nil {
		return nil, nil, err
	}
	content, err := cost.NewContent(set, level, f.resamples)
	if err != nil {
		return nil, nil, err
	}
	return content, set, addSolid(content, p.Corpus)
}

const level = 0.95 // of all intervals

// addSolid counts the characters that are not blank, which records do not hold.
func addSolid(content *cost.Content, corpus *corpora.Corpus) error {
	for _, lang := range content.Langs {
		byDomain := map[string][]uint32{}
		for s, err := range corpus.Segments(corpora.Lang(lang)) {
			if err != nil {
				return err
			}
			n := uint32(0)
			for _, r := range s.Text {
				if !unicode.IsSpace(r) {
					n++
				}
			}
			byDomain[s.Domain] = append(byDomain[s.Domain], n)
		}
		var all []uint32
		for _, d := range content.Domains {
			all = append(all, byDomain[d]...)
		}
		if err := content.Add(cost.Solid, lang, all); err != nil {
			return err
		}
	}
	return nil
}

// scenario is what is supposed: prices that change, providers that are lost, a
// place that everything must be served in.
func (f *costFlags) scenario(models []*cost.Model) (kept []*cost.Model, notes []string, err error) {
	lost := map[string]int{}
	for _, p := range f.without {
		lost[p] = 0
	}
	shocked := map[string]int{}
	for _, m := range models {
		n := *m
		provider := m.Price.Provider
		if _, ok := lost[provider]; ok {
			lost[provider]++
			continue
		}
		if factor, ok := f.shocks[provider]; ok {
			shocked[provider]++
			n.Price = cost.Scaled(n.Price, factor)
		}
		if f.residency != "" {
			if m.Price.Unit == price.GPUHour || provider == "selfhosted" {
				n.Served = "self-hosted: where the processors are"
			} else {
				p, r, ok := n.Price.In(f.residency)
				switch {
				case ok:
					n.Price = p
					n.Served = fmt.Sprintf("%s in %s, by %s", r.Scope, r.Place, witnesses(r.Sources, m.Price.Sources))
					if r.Uplift != nil {
						n.Served += fmt.Sprintf("; all rates × %s", r.Uplift)
					}
					if r.Notes != "" {
						n.Served += "; " + r.Notes
					}
				case n.Price.Region == f.residency:
					n.Served = fmt.Sprintf("weak: its list is that of %s, by %s; no statement of where data are kept or worked on", f.residency, witnesses(nil, m.Price.Sources))
				default:
					continue
				}
			}
		}
		kept = append(kept, &n)
	}
	for _, p := range f.without {
		if lost[p] == 0 {
			return nil, nil, fmt.Errorf("--without %s: none of the models is of that provider; providers: %s", p, providers(models))
		}
		notes = append(notes, fmt.Sprintf("without %s: %d of %d models are lost", p, lost[p], len(models)))
	}
	for _, s := range f.shock {
		p, change, _ := strings.Cut(s, "=")
		if shocked[p] == 0 {
			return nil, nil, fmt.Errorf("--shock %s: none of the models is of that provider; providers: %s", s, providers(models))
		}
		notes = append(notes, fmt.Sprintf("shock: all rates of %s change by %s, × %s", p, change, f.shocks[p]))
	}
	if len(kept) == 0 {
		what := "no model is left"
		if f.residency != "" {
			what = fmt.Sprintf("--residency %s: the book has no evidence that any of the models is served there", f.residency)
		}
		return nil, nil, errors.New(what)
	}
	return kept, notes, nil
}

// witnesses are the sources of a residency, or else those of its price.
func witnesses(own, of []price.Source) string {
	if len(own) == 0 {
		own = of
	}
	var s []string
	for _, x := range own {
		s = append(s, fmt.Sprintf("%s (%v)", x.Title, x.Date))
	}
	return strings.Join(s, ", ")
}

func providers(models []*cost.Model) string {
	var names []string
	for _, m := range models {
		if !slices.Contains(names, m.Price.Provider) {
			names = append(names, m.Price.Provider)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (a *app) cost() *cobra.Command {
	var f costFlags
	c := &cobra.Command{
		Use:   "cost [FILE]",
		Short: "What content costs in each language, model and provider",
		Long: `Cost the content of the built-in corpus, or of the records of FILE ("-" is
standard input), in each language under each model: the list price times the
length of the content under the model's own vocabulary. One table a language:

  prem    length in the language over that in the base language, same model
  list    price per million units, input/output, in the list's currency
  money   for what a million tokens of the base language say under the base
          model, as so many parts of input and output (--blend), or for the
          requests of a --workload; with its interval from the corpus
  ×base   over money in the base language under the base model
  rank    1 and the number of models that are certainly cheaper; = is a tie

Money is exact and rounded for showing only. Lists in other currencies are
compared at the rate of exchange that is printed, never otherwise. What cannot
be costed says what it needs. See cost margin and cost usage for business.`,
		Example: "  babelmeter cost --lang ko --model gpt-4o,gpt-4o-mini\n  babelmeter cost --workload agent --lang ko --residency kr --explain",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("expected one FILE of records or none, got %d arguments; see `%s --help`", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runCost(c, &f, args) },
	}
	f.AddFlags(c.Flags())
	completeFormat(c)
	f.plan.complete(c)
	_ = c.RegisterFlagCompletionFunc("workload", cobra.FixedCompletions(workload.Names(), cobra.ShellCompDirectiveDefault))
	c.AddCommand(a.costMargin(), a.costUsage())
	return c
}

// costing is everything that a cost is made from.
type costing struct {
	cost.Comparison
	cand   *candidates
	set    *results.Set
	show   cost.Show
	rates  func() []string
	langs  []string
	notes  []string
	before *cost.Comparison // without the scenario; nil if there is none
}

// costing reads flags, prices and workload, and measures.
func (a *app) costing(c *cobra.Command, f *costFlags, args []string) (*costing, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.explain && f.format == "csv" {
		return nil, errors.New("--explain is for text, md and json: csv has no place for it")
	}
	book, err := priceBook(f.prices)
	if err != nil {
		return nil, err
	}
	cand, err := a.candidates(f, book)
	if err != nil {
		return nil, err
	}
	k := &costing{cand: cand}
	kept, notes, err := f.scenario(cand.models)
	if err != nil {
		return nil, err
	}
	k.notes = notes
	common := f.currency
	if common == "" {
		common = cand.base.Price.Currency
	}
	convert, rates, err := f.converter(common)
	if err != nil {
		return nil, err
	}
	if f.currency != "" {
		if _, err := convert(cand.base.Price.Currency); err != nil {
			return nil, fmt.Errorf("--currency: %w", err)
		}
	}
	k.rates = rates
	k.show = cost.Show{Currency: f.currency, Level: level, Convert: convert}
	content, set, err := a.content(c, f, cand, args)
	if err != nil {
		return nil, err
	}
	for i := range kept {
		// Records may have had the counts that were missing.
		for _, m := range cand.models {
			if m.Name == kept[i].Name {
				kept[i].Needs = m.Needs
			}
		}
	}
	k.set = set
	k.Comparison = cost.Comparison{
		Estimator: cost.Estimator{Content: content, BaseVocab: cand.base.Vocab, Workload: f.workLoad, Requests: f.requests, Route: cand.route, Utilisation: f.full},
		Models:    kept, Base: cand.base, Blend: f.parts, Convert: convert, Beat: cand.beat,
	}
	if f.residency != "" || len(f.shock) > 0 || len(f.without) > 0 {
		before := k.Comparison
		before.Models = cand.models
		k.before = &before
	}
	k.langs = content.Langs
	if len(f.plan.langs) > 0 {
		k.langs = f.plan.langs
	}
	for _, l := range k.langs {
		if !slices.Contains(content.Langs, l) {
			return nil, fmt.Errorf("--lang: the records have no %s; they have %s", l, strings.Join(content.Langs, ", "))
		}
	}
	if f.workLoad != nil {
		for _, l := range f.workLoad.Langs() {
			if !slices.Contains(content.Langs, l) {
				return nil, fmt.Errorf("%s: the corpus has no %s; it has %s", f.workLoad.File, l, strings.Join(content.Langs, ", "))
			}
		}
		if len(f.workLoad.Mix) > 0 && len(f.plan.langs) == 0 {
			k.langs = []string{cost.Mix}
			for _, s := range f.workLoad.Mix {
				k.langs = append(k.langs, s.Lang)
			}
		}
	}
	return k, nil
}

func (a *app) runCost(c *cobra.Command, f *costFlags, args []string) error {
	k, err := a.costing(c, f, args)
	if err != nil {
		return err
	}
	var rows [][]cost.Row
	tidy := k.Tidy()
	for _, lang := range k.langs {
		r, err := k.Rows(lang)
		if err != nil {
			return err
		}
		rows = append(rows, r)
		k.AddTidy(tidy, "all", r, k.show)
	}
	if f.scopes {
		if err := k.scopes(tidy); err != nil {
			return err
		}
	}
	var tables []*table.Table
	for i, lang := range k.langs {
		tables = append(tables, k.Table(lang, rows[i], k.show))
		if f.beat != "" {
			tables = append(tables, k.Comparison.BreakEven(lang, rows[i]))
		}
	}
	if f.scopes {
		tables = append(tables, scopeTable(tidy))
	}
	data := []*table.Table{tidy}
	if k.before != nil {
		t, err := k.supposed(f, rows)
		if err != nil {
			return err
		}
		tables, data = append(tables, t), append(data, t)
	}
	if f.residency != "" {
		data = append(data, served(f.residency, rows))
	}
	explained := map[string][]string{}
	if f.explain {
		for i, lang := range k.langs {
			explained[lang] = k.explain(f, rows[i])
		}
	}
	notes := k.footnotes(f, rows)
	switch f.format {
	case "csv":
		return tidy.WriteCSV(a.Out)
	case "json":
		return writeJSON(a.Out, map[string]any{
			"provenance": map[string]any{
				"run": k.set.Run, "base_model": k.Base.Name, "base": k.Content.Base, "level": level, "resamples": f.resamples, "at": f.at, "notes": notes,
			},
			"tables": data, "explain": explained,
		})
	}
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(a.Out)
		}
		if err := a.write(t, f.format); err != nil {
			return err
		}
		if lines := explained[strings.SplitN(t.Title, ":", 2)[0]]; t.Name == "cost" && len(lines) > 0 {
			fmt.Fprintln(a.Out)
			if f.format == "md" {
				fmt.Fprintln(a.Out, "```")
			}
			for _, l := range lines {
				fmt.Fprintln(a.Out, l)
			}
			if f.format == "md" {
				fmt.Fprintln(a.Out, "```")
			}
		}
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"Not costed, and what each needs", cost.Needs(k.langs, rows)}, {"Served in " + f.residency + ", by what evidence", served(f.residency, rows).Notes}, {"Notes", notes}} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintln(a.Out)
		if err := a.writeNotes(part.title, part.lines, f.format); err != nil {
			return err
		}
	}
	run := k.set.Run
	_, err = fmt.Fprintf(a.Out, "\nbabelmeter %s, %s; corpus %s; seed %d\nmade by: %s\n",
		version(), a.now().UTC().Format("2006-01-02"), short(run.Corpora[0].Digest), run.Seed, quote(append([]string{"babelmeter"}, a.args...)))
	return err
}

// writeNotes writes lines under a title.
func (a *app) writeNotes(title string, lines []string, format formatFlag) error {
	if format == "md" {
		fmt.Fprintf(a.Out, "**%s**\n\n", title)
		for _, l := range lines {
			fmt.Fprintln(a.Out, "- "+l)
		}
		return nil
	}
	fmt.Fprintln(a.Out, title)
	var b strings.Builder
	if err := (&table.Table{Notes: lines}).WriteText(&b, a.Width()); err != nil {
		return err
	}
	// A table without columns begins with an empty line.
	_, err := io.WriteString(a.Out, strings.TrimLeft(b.String(), "\n"))
	return err
}

// scopes adds each domain and the mean over domains.
func (k *costing) scopes(tidy *table.Table) error {
	whole := k.Content
	defer func() { k.Content = whole }()
	add := func(scope string, content *cost.Content) error {
		k.Content = content
		for _, lang := range k.langs {
			rows, err := k.Rows(lang)
			if err != nil {
				return err
			}
			k.AddTidy(tidy, scope, rows, k.show)
		}
		return nil
	}
	if err := add("macro", whole.Macro()); err != nil {
		return err
	}
	for _, d := range whole.Domains {
		content, err := whole.Domain(d)
		if err != nil {
			return err
		}
		if err := add(d, content); err != nil {
			return err
		}
	}
	return nil
}

// scopeTable is the money of each domain to be read.
func scopeTable(tidy *table.Table) *table.Table {
	at := func(name string) int {
		return slices.IndexFunc(tidy.Columns, func(c table.Column) bool { return c.Name == name })
	}
	scope, lang, model, money, lo, hi, cur := at("scope"), at("lang"), at("model"), at("money"), at("money_lo"), at("money_hi"), at("currency")
	t := &table.Table{Name: "scopes", Keys: 3, Title: "Money by domain, and macro: the mean over domains",
		Columns: []table.Column{{Name: "lang", Title: "lang", Left: true}, {Name: "model", Title: "model", Left: true}, {Name: "scope", Title: "domain", Left: true},
			{Name: "money", Title: "money"}, {Name: "interval", Title: fmt.Sprintf("%g %% interval", 100*level)}}}
	for _, r := range tidy.Rows {
		if r[money].Value == nil {
			continue
		}
		t.Rows = append(t.Rows, []table.Cell{r[lang], r[model], r[scope], {Text: r[cur].Text + " " + threeDigits(r[money]), Value: r[money].Value},
			table.Missing(threeDigits(r[lo]) + "–" + threeDigits(r[hi]))})
	}
	slices.SortStableFunc(t.Rows, func(a, b []table.Cell) int {
		if c := strings.Compare(a[0].Text, b[0].Text); c != 0 {
			return c
		}
		return strings.Compare(a[1].Text, b[1].Text)
	})
	return t
}

func threeDigits(c table.Cell) string {
	v, ok := c.Value.(float64)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.3g", v)
}

// supposed compares the cheapest with and without the scenario.
func (k *costing) supposed(f *costFlags, after [][]cost.Row) (*table.Table, error) {
	var what []string
	for _, s := range f.shock {
		what = append(what, s)
	}
	for _, s := range f.without {
		what = append(what, s+" lost")
	}
	if f.residency != "" {
		what = append(what, "served in "+f.residency)
	}
	cur := k.show.Currency
	if cur == "" {
		cur = k.Base.Price.Currency
	}
	t := &table.Table{Name: "scenario", Keys: 1, Title: fmt.Sprintf("What it costs: the cheapest as it is, and then (%s); %s", strings.Join(what, ", "), cur),
		Columns: []table.Column{{Name: "lang", Title: "lang", Left: true}, {Name: "before", Title: "as it is", Left: true}, {Name: "money_before", Title: "money"},
			{Name: "after", Title: "then", Left: true}, {Name: "money_after", Title: "money"}, {Name: "change", Title: "change", Unit: "%"}}}
	cheapest := func(rows []cost.Row) *cost.Row {
		for i := range rows {
			if rows[i].Rank > 0 {
				return &rows[i]
			}
		}
		return nil
	}
	for i, lang := range k.langs {
		rows, err := k.before.Rows(lang)
		if err != nil {
			return nil, err
		}
		b, n := cheapest(rows), cheapest(after[i])
		row := []table.Cell{table.Str(lang), table.Missing("none"), {}, table.Missing("none"), {}, {}}
		if b != nil {
			row[1], row[2] = table.Str(b.Model.Name), amount(b.Common.Center)
		}
		if n != nil {
			row[3], row[4] = table.Str(n.Model.Name), amount(n.Common.Center)
		}
		if b != nil && n != nil && b.Common.Center.Sign() > 0 {
			q, _ := new(big.Rat).Quo(n.Common.Center, b.Common.Center).Float64()
			row[5] = table.Cell{Text: fmt.Sprintf("%+.0f %%", 100*(q-1)), Value: 100 * (q - 1)}
		}
		t.Rows = append(t.Rows, row)
	}
	t.Notes = k.notes
	return t, nil
}

// amount is money in a table, shown with three digits.
func amount(x *big.Rat) table.Cell {
	v, _ := x.Float64()
	return table.Cell{Text: cost.Short(x), Value: v}
}

// served is the evidence that models are served in a place.
func served(place string, rows [][]cost.Row) *table.Table {
	t := &table.Table{Name: "residency", Keys: 1, Title: "By what evidence these are served in " + place,
		Columns: []table.Column{{Name: "model", Title: "model", Left: true}, {Name: "evidence", Title: "evidence", Left: true}}}
	same := map[string][]string{}
	var order []string
	seen := map[string]bool{}
	for _, some := range rows {
		for _, r := range some {
			if r.Model.Served == "" || seen[r.Model.Name] {
				continue
			}
			seen[r.Model.Name] = true
			if same[r.Model.Served] == nil {
				order = append(order, r.Model.Served)
			}
			same[r.Model.Served] = append(same[r.Model.Served], r.Model.Name)
		}
	}
	for _, e := range order {
		t.Notes = append(t.Notes, strings.Join(same[e], ", ")+": "+e)
		for _, name := range same[e] {
			t.Rows = append(t.Rows, []table.Cell{table.Str(name), table.Str(e)})
		}
	}
	return t
}

// explain tells the rows of a language line by line.
func (k *costing) explain(f *costFlags, rows []cost.Row) (lines []string) {
	for i := range rows {
		r := &rows[i]
		if r.Needs != "" {
			continue
		}
		if factor, ok := f.shocks[r.Model.Price.Provider]; ok {
			lines = append(lines, fmt.Sprintf("%s: all rates of the list × %s (shock)", r.Model.Name, factor))
		}
		lines = append(lines, k.Explain(r)...)
		if cur := k.show.Currency; cur != "" && cur != r.Model.Price.Currency && r.Common != nil {
			if factor, err := k.Convert(r.Model.Price.Currency); err == nil {
				lines = append(lines, fmt.Sprintf("  in %s: %s × %s = %s", cur, cost.Number(r.Money.Center, 12), cost.Number(factor, 6), cost.Number(r.Common.Center, 6)))
			}
		}
		if r.Multiplier != nil && r.Multiplier.Center.Sign() > 0 {
			base := new(big.Rat).Quo(r.Common.Center, r.Multiplier.Center)
			lines = append(lines, fmt.Sprintf("  ×base: %s ÷ %s (%s in %s) = %s", cost.Number(r.Common.Center, 6), cost.Number(base, 6), k.Base.Name, k.Content.Base, cost.Number(r.Multiplier.Center, 6)))
		}
	}
	return lines
}

// footnotes are what a reader must know of all tables.
func (k *costing) footnotes(f *costFlags, rows [][]cost.Row) (notes []string) {
	in, out := f.parts[0], f.parts[1]
	if f.workLoad == nil {
		notes = append(notes, fmt.Sprintf("money is %d parts of input and %d of output; the base is %s in %s", in, out, k.Base.Name, k.Content.Base))
		notes = append(notes, "rates are those of short requests: tiers show with a --workload")
	} else {
		w := f.workLoad
		notes = append(notes, fmt.Sprintf("workload %s: %s; sizes in %s of %s under %s", w.Name, w.Title, w.Unit, k.Content.Base, k.Base.Name))
		if w.Notes != "" {
			notes = append(notes, "workload: "+w.Notes)
		}
	}
	var oldest price.Date
	used, deprecated := map[string]bool{}, []string{}
	byConfidence := map[string]bool{}
	for _, some := range rows {
		for _, r := range some {
			if r.Needs != "" {
				continue
			}
			p := &r.Model.Price
			byConfidence[r.Model.Confidence] = true
			if oldest.IsZero() || p.Checked.Compare(oldest) < 0 {
				oldest = p.Checked
			}
			if p.Status == price.Deprecated && !used[r.Model.Name] {
				deprecated = append(deprecated, r.Model.Name)
			}
			used[r.Model.Name] = true
		}
	}
	if byConfidence["vendor_proxy"] {
		notes = append(notes, "proxy: counted with the vocabulary of the vendor's own software, not with what it bills by")
	}
	if byConfidence["estimate"] {
		notes = append(notes, "est.: counted with a vocabulary that may be another than the model's")
	}
	if len(deprecated) > 0 {
		notes = append(notes, "deprecated by the vendor, last known price: "+strings.Join(deprecated, ", "))
	}
	notes = append(notes, k.rates()...)
	when := "the last of each list"
	if f.at != "" {
		when = "of " + f.at
	}
	if !oldest.IsZero() {
		notes = append(notes, fmt.Sprintf("list prices %s, the oldest checked on %v; verify with the provider before you rely on them", when, oldest))
	}
	if k.cand.left > 0 {
		notes = append(notes, fmt.Sprintf("%d more prices of the book: --all", k.cand.left))
	}
	return notes
}
