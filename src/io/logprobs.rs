//! Answers of language models with the log-probabilities of a few tokens at each place, as the servers of `OpenAI`,
//! vLLM and others send them: refused, and said why.
//!
//! Where the label is the token that the model itself chose, nothing is judged: the model is the judge. Where it is
//! a given token (`prompt_logprobs`, `echo`) its own log-probability is exact, and so is the NLL at T = 1; but of
//! all other tokens only the few largest are there. What a temperature other than 1 does depends on the sum over all
//! of them, so that neither a temperature nor a calibrated confidence can be computed.

use memchr::memmem;

use super::error::Problem;
use super::table::text::Text;

/// Bytes of the file that are looked at.
const HEAD_BYTES: usize = 1 << 20;

/// Refuses text that is such answers.
///
/// # Errors
/// If it is.
pub(super) fn refuse(text: &Text) -> Result<(), Problem> {
    let head = text.head(HEAD_BYTES)?;
    if is_json(&head) && are_answers(&head) {
        return Err(refusal());
    }
    Ok(())
}

fn is_json(head: &[u8]) -> bool {
    let first = head.iter().find(|b| !b.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

/// True for the keys that servers use, of which no table of logits has both.
pub(super) fn are_answers(head: &[u8]) -> bool {
    let has = |key: &str| memmem::find(head, key.as_bytes()).is_some();
    let tokens = has("\"token\"") || has("\"tokens\"") || has("\"decoded_token\"");
    has("\"prompt_logprobs\"") || tokens && (has("\"top_logprobs\"") || has("\"logprobs\""))
}

pub(super) fn refusal() -> Problem {
    Problem::new(
        "these are log-probabilities of the few likeliest tokens at each place (a server's `logprobs`): the \
         rest of each row is unknown, so that no temperature and no calibrated confidence can be computed; and \
         a token that the model chose itself is no label",
    )
    .hint(
        "save all logits and the tokens of a text: `np.savez(\"logits.npz\", logits=logits, labels=tokens)`, or \
         `llama-perplexity -m MODEL -f TEXT --kl-divergence-base FILE`",
    )
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    #[test]
    fn answers_of_servers_are_told_by_their_keys() {
        let chat = br#"{"choices": [{"logprobs": {"content": [{"token": "Hi", "logprob": -0.3,
            "top_logprobs": [{"token": "Hi", "logprob": -0.3}]}]}}]}"#;
        let completion =
            br#"{"choices": [{"logprobs": {"tokens": ["a"], "token_logprobs": [-1.0]}}]}"#;
        let vllm = br#"{"prompt_logprobs": [null, {"12": {"logprob": -0.1, "rank": 1}}]}"#;
        for answer in [&chat[..], completion, vllm] {
            let text = table::text_in(answer).expect("text");
            let error = refuse(&text).expect_err("refused");
            assert!(error.message().contains("likeliest tokens"));
        }
        for table in [
            &br#"{"logprobs": [-0.1, -2.4], "label": 0}"#[..],
            br#"{"token": "a", "logits": [1.0, 2.0], "label": 0}"#,
            b"token,top_logprobs\n",
        ] {
            let text = table::text_in(table).expect("text");
            assert!(refuse(&text).is_ok());
        }
    }
}
