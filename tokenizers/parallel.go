package tokenizers

import (
	"runtime"
	"sync"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// chunk is how much text a goroutine takes at a time, and what is too little
// to be worth another one.
const chunk = 64 << 10

// AppendEncodeParallel is AppendEncode for a large text by so many goroutines,
// GOMAXPROCS if workers is 0. The ids are the same: the text is cut at added
// tokens, and where the ids of both sides are those of the whole whatever stands
// around (see split.Regexp.SafeCut and model.Model.SafeCut). A text that offers
// no such place is encoded by one; so is, but for what is done before it is cut
// into pieces, that of a Unigram vocabulary whose pieces are not words.
func (t *Tokenizer) AppendEncodeParallel(dst []ID, text string, workers int) ([]ID, error) {
	if workers = workersFor(text, workers); workers == 1 {
		return t.AppendEncode(dst, text)
	}
	if err := checkSize(text); err != nil {
		return dst, err
	}
	t.inParallel(text, workers, t.encodeJob, func(j *job) { dst = append(dst, j.ids...) })
	return dst, nil
}

// CountParallel is Count as AppendEncodeParallel is AppendEncode.
func (t *Tokenizer) CountParallel(text string, workers int) (int, error) {
	if workers = workersFor(text, workers); workers == 1 {
		return t.Count(text)
	}
	if err := checkSize(text); err != nil {
		return 0, err
	}
	n := 0
	t.inParallel(text, workers, t.countJob, func(j *job) { n += j.count })
	return n, nil
}

func workersFor(text string, workers int) int {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return max(1, min(workers, len(text)/chunk))
}

// A job is some of a text, for one goroutine.
type job struct {
	parts []jobPart
	size  int // bytes of parts
	ids   []ID
	count int
	done  chan struct{}
}

// A jobPart is text between added tokens, or such a token.
type jobPart struct {
	text  string
	first bool // of the whole
	token ID
}

func (t *Tokenizer) encodeJob(s *scratch, j *job) {
	j.ids = j.ids[:0]
	pieces := func(text string, start int, ends []int32) {
		j.ids = t.model.AppendPieces(&s.memory, j.ids, text, start, ends)
	}
	for _, p := range j.parts {
		if p.token != vocab.NoID {
			j.ids = append(j.ids, p.token)
			continue
		}
		t.split(s, p.text, p.first, pieces)
	}
}

func (t *Tokenizer) countJob(s *scratch, j *job) {
	j.count = 0
	pieces := func(text string, start int, ends []int32) {
		j.count += t.model.CountPieces(&s.memory, text, start, ends)
	}
	for _, p := range j.parts {
		if p.token != vocab.NoID {
			j.count++
			continue
		}
		t.split(s, p.text, p.first, pieces)
	}
}

// inParallel makes jobs of a text, has them done by workers, and calls take with
// each of them in order. They go round: there are a few for each worker.
func (t *Tokenizer) inParallel(text string, workers int, do func(*scratch, *job), take func(*job)) {
	jobs := 4 * workers
	free, order, todo := make(chan *job, jobs), make(chan *job, jobs), make(chan *job, jobs)
	for range jobs {
		free <- &job{done: make(chan struct{}, 1)}
	}
	var running sync.WaitGroup
	running.Go(func() {
		t.makeJobs(text, free, func(j *job) {
			order <- j
			todo <- j
		})
		close(order)
		close(todo)
	})
	for range workers {
		running.Go(func() {
			s := t.getScratch()
			for j := range todo {
				do(s, j)
				j.done <- struct{}{}
			}
			t.putScratch(s)
		})
	}
	for j := range order {
		<-j.done
		take(j)
		free <- j
	}
	running.Wait()
}

// makeJobs calls send with jobs of about a chunk each.
func (t *Tokenizer) makeJobs(text string, free <-chan *job, send func(*job)) {
	var j *job
	add := func(p jobPart) {
		if j == nil {
			j = <-free
			j.parts, j.size = j.parts[:0], 0
		}
		j.parts = append(j.parts, p)
		if j.size += len(p.text); j.size >= chunk || len(j.parts) >= chunk {
			send(j)
			j = nil
		}
	}
	token := func(id ID) { add(jobPart{token: id}) }
	t.parts(nil, ValidUTF8(text), token, func(part string, first bool) {
		for len(part) >= 2*chunk {
			at := t.safeCut(part, chunk, 2*chunk)
			if at < 0 {
				at = t.safeCut(part, 2*chunk, len(part)-1)
			}
			if at < 0 {
				break
			}
			add(jobPart{part[:at], first, vocab.NoID})
			part, first = part[at:], false
		}
		add(jobPart{part, first, vocab.NoID})
	})
	if j != nil {
		send(j)
	}
}

// safeCut returns an offset from pos on, up to limit, at which a part can be cut
// so that its ids are those of both sides, -1 if none is known.
func (t *Tokenizer) safeCut(part string, pos, limit int) int {
	if re, _ := t.splitter.Single(); re != nil {
		return re.SafeCut(part, pos, limit)
	}
	// Where a piece ends for the first pattern, no other looks across.
	if patterns := t.splitter.Patterns(); len(patterns) > 0 {
		return patterns[0].SafeCut(part, pos, limit)
	}
	if t.splitter.Whole() {
		return t.model.SafeCut(part, pos, limit)
	}
	return -1
}
