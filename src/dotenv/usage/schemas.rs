//! JavaScript's schemas of the environment: an object whose members are variables, each with what checks it (zod, valibot, envalid, joi).

use super::reads::{Code, Read, Way};

/// What stands first in a member of such an object.
const CHECKS: [&str; 20] = [
    "z",
    "v",
    "t",
    "Joi",
    "joi",
    "yup",
    "str",
    "num",
    "bool",
    "port",
    "url",
    "email",
    "host",
    "json",
    "string",
    "number",
    "boolean",
    "envField",
    "Type",
    "makeValidator",
];

/// Members in capitals whose values are checks.
pub(super) fn reads(code: &Code, found: &mut Vec<Read>) {
    for index in 1..code.len() {
        let is_member =
            code.is_sign(index, b':') && (index < 2 || code.is_sign(index - 2, b',') || code.is_sign(index - 2, b'{'));
        let name = code.word(index - 1).or_else(|| code.text(index - 1)).filter(|name| is_member && code.is_loud(name));
        let is_check = code.word(index + 1).is_some_and(|word| CHECKS.contains(&word))
            && (code.is_sign(index + 2, b'.') || code.is_sign(index + 2, b'('));
        let Some(name) = name.filter(|_| is_check) else { continue };
        // The member ends where its comma or its brace is.
        let mut at = index + 1;
        let (mut default, mut is_optional) = (None, false);
        while at < code.len() && !code.is_sign(at, b',') && !code.is_sign(at, b'}') {
            if let Some(inside) = code.shape(at, "default (") {
                default = default.or_else(|| code.literal(inside));
                is_optional = true;
            }
            is_optional |= matches!(code.word(at), Some("optional" | "nullish"));
            if code.is_sign(at, b'(') || code.is_sign(at, b'[') || code.is_sign(at, b'{') {
                let close = code.close(at + 1);
                for inside in at + 1..close {
                    let given = ["default :", "devDefault :"].iter().find_map(|shape| code.shape(inside, shape));
                    default = default.or_else(|| given.and_then(|given| code.literal(given)));
                    is_optional |= given.is_some();
                }
                at = close;
            }
            at += 1;
        }
        let way = if is_optional && default.is_none() { Way::Asked } else { Way::Read };
        found.push(Read { name: name.to_owned(), at: code.at(index - 1), way, default });
    }
}
