//! `samewire eval`: forms of labels, figures, what cannot be used, and what is told of mistakes.

use serde_json::{Value, json};

use crate::corpus::{Corpus, repository, samewire_in, shared_data};

fn object(out: &str) -> Value {
    serde_json::from_str(out).unwrap()
}

/// a-1, t.txt, a-2 and z-1 tell one story, a-3 and z-3 another, z-2 a third.
fn corpus() -> Corpus {
    let corpus = Corpus::new(false);
    corpus.write(
        "pairs.tsv",
        b"a\tb\tsame\trelation\na-1\ta-2\t1\tnear\na-3\tz-3\t1\texact\na-1\tz-2\t0\t\na-3\tz-2\t1\tnear\n",
    );
    corpus
}

#[test]
fn pairs_are_counted_alone_and_in_groups() {
    let corpus = corpus();
    let ran = corpus.run("eval pairs.tsv in --json");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let told = object(&ran.out);
    assert_eq!(told["judged"], "alone");
    let story = &told["units"][0];
    for way in ["alone", "grouped"] {
        assert_eq!(story[way]["joined"], 2, "{way}");
        assert_eq!(story[way]["same"], 3, "{way}");
        assert_eq!(story[way]["precision"]["value"], 1.0, "{way}");
        assert_eq!(story[way]["recall"]["value"], 0.6667, "{way}");
        assert_eq!(story[way]["f1"]["value"], 0.8, "{way}");
    }
    // Labelled {a-1 a-2} {a-3 z-3 z-2}, found {a-1 a-2} {a-3 z-3} {z-2}: B = 2, T = 4, F = 2, E = 0.8.
    assert_eq!(story["groups"]["ari"]["value"], 0.5455);
    assert_eq!(story["groups"]["b3_precision"]["value"], 1.0);
    assert_eq!(story["groups"]["b3_recall"]["value"], 0.7333);
    assert_eq!(told["misses"][0]["a"], "a-3");
    assert_eq!(told["misses"][0]["line"], 5);
    let alone = object(&corpus.run("eval pairs.tsv in --json --judge alone").out);
    assert_eq!(alone["units"][0]["alone"], story["alone"]);
    assert_eq!(alone["units"][0]["groups"], Value::Null);
}

#[test]
fn a_mistake_comes_with_the_command_that_opens_it() {
    let corpus = corpus();
    let ran = corpus.run("eval pairs.tsv in --threshold 0.9 --no-segment");
    let command = ran
        .out
        .lines()
        .find_map(|l| l.trim().strip_prefix("samewire "))
        .unwrap();
    assert_eq!(
        command,
        "compare a-3 z-2 --in in --threshold 0.9 --no-segment"
    );
    let opened = corpus.run(command);
    assert_eq!(opened.code, 0, "{}", opened.err);
    assert!(opened.out.contains("distinct"), "{}", opened.out);
}

#[test]
fn groups_are_labels_in_two_forms() {
    let corpus = corpus();
    corpus.write(
        "groups.tsv",
        b"a-1\tg1\na-2\tg1\na-3\tg2\nz-3\tg2\nz-2\tg2\n",
    );
    let told = object(&corpus.run("eval groups.tsv in --json").out);
    assert_eq!(told["judged"], "grouped");
    let groups = &told["units"][0]["groups"];
    assert_eq!(
        (&groups["items"], &groups["ari"]["value"]),
        (&json!(5), &json!(0.5455))
    );
    // z-1 and t.txt are with a-1 and have no label.
    assert!(
        told["items"]
            .as_str()
            .unwrap()
            .contains("; 2 other units are in a group")
    );
    assert_eq!(told["misses_in_all"], 1);
    // Named completely, they are false joins.
    let complete = object(&corpus.run("eval groups.tsv in --json --complete").out);
    assert_eq!(complete["units"][0]["groups"]["items"], 7);
    assert!(complete["units"][0]["groups"]["precision"]["value"].as_f64() < Some(0.5));

    let own = corpus.run("group in --json");
    corpus.write("own.jsonl", own.out.as_bytes());
    let told = object(&corpus.run("eval own.jsonl in --json --complete").out);
    let groups = &told["units"][0]["groups"];
    for figure in ["precision", "recall", "f1", "ari", "b3_f1"] {
        assert_eq!(groups[figure]["value"], 1.0, "{figure}");
    }
}

#[test]
fn labels_that_cannot_be_used_are_located_and_cost_nothing_else() {
    let corpus = corpus();
    corpus.write(
        "some.tsv",
        b"a-1\ta-2\t1\na-1\tgone\t1\na-1\ta-3\tperhaps\na-3\ta-3\t0\n",
    );
    let ran = corpus.run("eval some.tsv in");
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("some.tsv:2: gone: none of the 7 stories"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("some.tsv:3: same is \"perhaps\""),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("some.tsv:4: a-3: both ids mean one unit"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.ends_with("samewire: labels not used: 3\n"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("1 of 1"), "{}", ran.out);
    for (args, said) in [
        ("eval gone.tsv in", "gone.tsv: reading the labels"),
        ("eval empty.tsv in", "holds no label"),
        ("eval - -", "would both read standard input"),
        ("eval groups.tsv in --judge alone", "holds groups"),
        ("eval pairs.tsv in --complete", "leave --complete out"),
    ] {
        corpus.write("empty.tsv", b"# none yet\n");
        corpus.write("groups.tsv", b"a-1\tg\n");
        let ran = corpus.run(args);
        assert_eq!(ran.code, 2, "{args}");
        assert!(ran.err.contains(said), "{args}: {}", ran.err);
        assert_eq!(ran.out, "", "{args}");
    }
}

#[test]
fn labels_that_contradict_one_another_are_told() {
    let corpus = corpus();
    corpus.write("odd.tsv", b"a-1\ta-2\t1\na-2\tz-1\t1\na-1\tz-1\t0\n");
    let ran = corpus.run("eval odd.tsv in --json");
    assert_eq!(ran.code, 0);
    assert!(
        ran.err
            .contains("odd.tsv:3: a-1 and z-1 are labelled as different"),
        "{}",
        ran.err
    );
    assert_eq!(object(&ran.out)["units"][0]["alone"]["different"], 1);
}

#[test]
fn exit_codes_and_repetition() {
    let corpus = corpus();
    assert_eq!(corpus.run("eval pairs.tsv in --exit-code").code, 1);
    corpus.write("right.tsv", b"a-1\ta-2\t1\n");
    assert_eq!(corpus.run("eval right.tsv in --exit-code").code, 0);
    let once = corpus.run("eval pairs.tsv in --json --threads 1").out;
    assert_eq!(once, corpus.run("eval pairs.tsv in --json --threads 3").out);
    assert_eq!(
        corpus.run("eval pairs.tsv in --unit caption --json").code,
        0
    );
}

#[test]
fn the_plot_is_an_image() {
    let corpus = corpus();
    let ran = corpus.run("eval pairs.tsv in --plot p.svg --json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let svg = corpus.read("p.svg");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert!(svg.contains("<desc id=\"description\">"));
    assert_eq!(corpus.run("eval pairs.tsv in --plot in/a.jsonl").code, 2);
}

/// The labels that the repository comes with.
#[test]
fn the_sample_corpus_is_as_labelled() {
    let args = [
        "eval",
        "sample_corpus/expected.tsv",
        "sample_corpus",
        "--complete",
        "--json",
    ];
    let ran = samewire_in(repository(), &args, b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let told = object(&ran.out);
    for unit in told["units"].as_array().unwrap() {
        assert_eq!(unit["groups"]["ari"]["value"], 1.0, "{unit}");
        assert_eq!(unit["groups"]["b3_f1"]["value"], 1.0, "{unit}");
    }
}

/// The figures that README.md states of labelled pairs that are no part of the repository.
#[test]
fn the_gold_pairs_give_the_figures_of_the_readme() {
    let (Some(pairs), Some(docs)) = (
        shared_data("gold/pairs.tsv"),
        shared_data("gold/docs.jsonl"),
    ) else {
        return;
    };
    let args = [
        "eval",
        pairs.to_str().unwrap(),
        docs.to_str().unwrap(),
        "--json",
    ];
    let told = object(&samewire_in(repository(), &args, b"").out);
    let [story, caption, all] = [0, 1, 2].map(|i| &told["units"][i]["alone"]);
    assert_eq!(story["f1"]["value"], 0.9769);
    assert_eq!(
        (&story["apart"], &story["different"]),
        (&json!(29), &json!(30))
    );
    assert_eq!(
        (&caption["joined"], &caption["same"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(
        (&caption["apart"], &caption["different"]),
        (&json!(79), &json!(79))
    );
    assert_eq!(all["relation"]["value"], 0.9306);
    // As scikit-learn 1.9.1 computes it from the same labels and the output of `samewire group`.
    assert_eq!(told["units"][2]["groups"]["ari"]["value"], 0.9635);
}
