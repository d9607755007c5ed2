//! Times the crate bpe-openai on unseen text: one line of JSON as native prints.
//!
//!     rivals o200k_base TEXT
//!
//! The first 60 % of the text warm it, the rest is timed once, in processor time.

use cpu_time::ProcessTime;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let tokenizer = match args[1].as_str() {
        "cl100k_base" => bpe_openai::cl100k_base(),
        "o200k_base" => bpe_openai::o200k_base(),
        other => panic!("no vocabulary {other}"),
    };
    let text = std::fs::read_to_string(&args[2]).expect("the text");
    let mut cut = text.len() * 6 / 10;
    while !text.is_char_boundary(cut) {
        cut += 1;
    }
    let (warm, timed) = text.split_at(cut);
    tokenizer.encode(warm);
    let began = ProcessTime::now();
    let ids = tokenizer.encode(timed);
    let took = began.elapsed().as_secs_f64();
    println!(
        "{{\"engine\": \"bpe-openai\", \"fresh\": {}, \"ids\": {}, \"bytes\": {}, \"gives\": \"array\"}}",
        timed.len() as f64 / 1e6 / took,
        ids.len(),
        timed.len()
    );
}
