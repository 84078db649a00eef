//! Keys that take a value in more than one shape. Serde's own `untagged` would read them through a buffer that loses the places of values.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Choices, FullOption, Literal, Option_, Text, Validators};

impl<'de> Deserialize<'de> for Validators {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Validators;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a table with `expr` and `message`, or a list of these")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Validators, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Validators::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Validators, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(Validators::Several)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Choices;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of choices, or an expression")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Choices, E> {
                Ok(Choices::Dynamic(Text::unplaced(text)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Choices, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(Choices::Fixed)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

impl<'de> Deserialize<'de> for Option_ {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Option_;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a choice: a value, or a table with `value`, `label` and `disabled`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Option_, E> {
                Ok(Option_::Plain(Literal::unplaced(text)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Option_, E> {
                Ok(Option_::Plain(Literal::unplaced(number)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Option_, E> {
                Ok(Option_::Plain(Literal::unplaced(number)))
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Option_, E> {
                Ok(Option_::Plain(Literal::unplaced(flag)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option_, A::Error> {
                FullOption::deserialize(MapAccessDeserializer::new(map)).map(Option_::Full)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}
