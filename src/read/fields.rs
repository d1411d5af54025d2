/*!
The members of a JSON object → the fields of a [`Story`], borrowed where there is no escape.

Walks the object once and builds no tree. A number that a field takes as it is written, and an object that stands for
a string, need the raw form of the value, which costs twice the time: such records are rare and read a second time. A member whose name is in no list is passed over unread. For each field
the name that stands first in its list and has a usable value counts; where a key is repeated, its last usable
value counts, as in most JSON readers.
*/

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::FieldNames;

/// Fields, in the order of [`FieldNames`].
#[derive(Clone, Copy, Debug)]
enum Field {
    Id,
    Text,
    Title,
    Time,
    Source,
    Version,
    Kind,
}

const FIELDS: [Field; 7] = [
    Field::Id,
    Field::Text,
    Field::Title,
    Field::Time,
    Field::Source,
    Field::Version,
    Field::Kind,
];

impl Field {
    fn names(self, names: &FieldNames) -> &[String] {
        match self {
            Field::Id => &names.id,
            Field::Text => &names.text,
            Field::Title => &names.title,
            Field::Time => &names.time,
            Field::Source => &names.source,
            Field::Version => &names.version,
            Field::Kind => &names.kind,
        }
    }

    /// The value as this field takes it, or what is wrong with it.
    fn accept(self, value: Value<'_>) -> Result<Cow<'_, str>, &'static str> {
        match (self, value) {
            (Field::Id, Value::Text(s)) if s.is_empty() => Err("empty"),
            (_, Value::Text(s)) => Ok(s),
            (Field::Id | Field::Time | Field::Version, Value::Number(n)) => Ok(n),
            (Field::Id | Field::Time, Value::Object(o)) => o.key.ok_or("an object"),
            (Field::Source, Value::Object(o)) => o.name.ok_or("an object"),
            (_, Value::Number(_)) => Err("a number"),
            (_, Value::Object(_)) => Err("an object"),
            (_, Value::Other(what)) => Err(what),
        }
    }

    /// Whether the raw form of a value can say more to this field than its type.
    fn wants_raw(self) -> bool {
        matches!(
            self,
            Field::Id | Field::Time | Field::Source | Field::Version
        )
    }
}

/// What was found for a field.
#[derive(Clone, Default)]
pub(super) struct Slot<'de> {
    /// Position in the list of names, and value.
    best: Option<(usize, Cow<'de, str>)>,
    /// The first name whose value could not be used, and what that was.
    refused: Option<(usize, &'static str)>,
}

impl<'de> Slot<'de> {
    pub(super) fn take(&mut self) -> Option<Cow<'de, str>> {
        self.best.take().map(|(_, value)| value)
    }

    /// The name whose value could not be used and what it was, where no other name had a usable one.
    pub(super) fn refused<'n>(&self, names: &'n [String]) -> Option<(&'n str, &'static str)> {
        let (rank, what) = self.refused.filter(|_| self.best.is_none())?;
        Some((names.get(rank)?, what))
    }

    fn offer(&mut self, rank: usize, value: Result<Cow<'de, str>, &'static str>) {
        match value {
            Ok(value) => {
                if self.best.as_ref().is_none_or(|(best, _)| rank <= *best) {
                    self.best = Some((rank, value));
                }
            }
            Err(what) => {
                self.refused.get_or_insert((rank, what));
            }
        }
    }
}

/// The fields of one object.
#[derive(Default)]
pub(super) struct Fields<'de> {
    slots: [Slot<'de>; FIELDS.len()],
    /// Whether reading again with raw values would tell more.
    pub(super) wants_raw: bool,
}

impl<'de> Fields<'de> {
    /// Hands a value to every field that wants it.
    fn offer(&mut self, ranks: &Ranks, value: Value<'de>) {
        // Nearly always there is one field only, and a text need not be copied.
        let Some((&(last, rank), others)) = ranks.wanting().split_last() else {
            return;
        };
        for &(field, rank) in others {
            self.slots[field as usize].offer(usize::from(rank), field.accept(value.clone()));
        }
        self.slots[last as usize].offer(usize::from(rank), last.accept(value));
    }

    /// Hands a string to every field that wants it.
    pub(super) fn offer_text(&mut self, ranks: &Ranks, text: Cow<'de, str>) {
        self.offer(ranks, Value::Text(text));
    }

    pub(super) fn id(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Id as usize]
    }
    pub(super) fn text(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Text as usize]
    }
    pub(super) fn title(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Title as usize]
    }
    pub(super) fn time(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Time as usize]
    }
    pub(super) fn source(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Source as usize]
    }
    pub(super) fn version(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Version as usize]
    }
    pub(super) fn kind(&mut self) -> &mut Slot<'de> {
        &mut self.slots[Field::Kind as usize]
    }
}

/// Reads an object with these names.
#[derive(Clone, Copy)]
pub(super) struct FieldsSeed<'n> {
    pub(super) names: &'n FieldNames,
    /// Whether values are looked at in their raw form where that can say more.
    pub(super) raw: bool,
}

impl<'de> DeserializeSeed<'de> for FieldsSeed<'_> {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        while let Some(ranks) = map.next_key_seed(KeySeed(self.names))? {
            let Some(ranks) = ranks else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let wants_raw = ranks.wanting().iter().any(|(field, _)| field.wants_raw());
            let value = if wants_raw && self.raw {
                Value::of_raw(map.next_value::<&RawValue>()?).map_err(A::Error::custom)?
            } else {
                let value = map.next_value_seed(ValueSeed)?;
                fields.wants_raw |=
                    wants_raw && matches!(value, Value::Other("a number" | "an object"));
                value
            };
            fields.offer(&ranks, value);
        }
        Ok(fields)
    }
}

/// Which fields want a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranks {
    /// The first so many are fields that do, each with the position of the key in its list.
    fields: [(Field, u8); FIELDS.len()],
    count: usize,
}

impl Ranks {
    fn wanting(&self) -> &[(Field, u8)] {
        &self.fields[..self.count]
    }
}

/// The fields that want a key; none where no field does.
pub(super) fn ranks_of(key: &str, names: &FieldNames) -> Option<Ranks> {
    let mut ranks = Ranks {
        fields: [(Field::Id, 0); FIELDS.len()],
        count: 0,
    };
    let first = key.as_bytes().first();
    for field in FIELDS {
        // Two looks spare nearly every comparison.
        let at = field.names(names).iter().position(|name| {
            name.len() == key.len() && name.as_bytes().first() == first && name == key
        });
        if let Some(rank) = at.and_then(|at| u8::try_from(at).ok()) {
            ranks.fields[ranks.count] = (field, rank);
            ranks.count += 1;
        }
    }
    (ranks.count > 0).then_some(ranks)
}

#[derive(Clone, Copy)]
struct KeySeed<'n>(&'n FieldNames);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<Ranks>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<Ranks>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<Ranks>, E> {
        Ok(ranks_of(key, self.0))
    }
}

/// A value, as far as fields care.
#[derive(Clone)]
enum Value<'de> {
    Text(Cow<'de, str>),
    /// As it is written.
    Number(Cow<'de, str>),
    Object(Named<'de>),
    /// What it is, for a message.
    Other(&'static str),
}

/// Objects that stand for a string: a publisher as ninjs or schema.org writes it, ids and times as `MongoDB` exports them.
#[derive(Clone, Default, Deserialize)]
struct Named<'a> {
    #[serde(borrow, default, alias = "literal")]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "$oid", alias = "$date")]
    key: Option<Cow<'a, str>>,
}

impl<'de> Value<'de> {
    fn of_raw(raw: &'de RawValue) -> Result<Self, serde_json::Error> {
        let raw = raw.get();
        Ok(match raw.as_bytes().first() {
            Some(b'"') => {
                let mut deserializer = serde_json::Deserializer::from_str(raw);
                ValueSeed.deserialize(&mut deserializer)?
            }
            Some(b'{') => Value::Object(serde_json::from_str(raw).unwrap_or_default()),
            Some(b'[') => Value::Other("an array"),
            Some(b't' | b'f') => Value::Other("true or false"),
            Some(b'n') => Value::Other("null"),
            _ => Value::Number(Cow::Borrowed(raw)),
        })
    }
}

/// Reads a value that counts only when it is a string.
struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, s: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(s)))
    }

    fn visit_str<E>(self, s: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(s.to_owned())))
    }

    // A whole number has but one form in JSON.
    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(Value::Other("a number"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other("true or false"))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Other("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other("an object"))
    }
}

/// Of one field: the value with its place in the list of names, and what was refused with its.
#[cfg(test)]
pub(super) type Found<'f> = (Option<(usize, &'f str)>, Option<(usize, &'static str)>);

/// All that was found, for comparison.
#[cfg(test)]
pub(super) fn values<'f>(fields: &'f Fields<'_>) -> Vec<Found<'f>> {
    fields
        .slots
        .iter()
        .map(|s| {
            let best = s.best.as_ref().map(|(rank, value)| (*rank, &**value));
            (best, s.refused)
        })
        .collect()
}
