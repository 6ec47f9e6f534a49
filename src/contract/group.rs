//! A group of numbers with names: an enumeration here, a frozen object in JavaScript.

/// One number of a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Row {
    /// Its name here: `TtlMs` is `TTL_MS` in JavaScript, or `ttlMs` where it names a property.
    pub name: &'static str,
    /// The number.
    pub number: i64,
    /// What it is measured in; empty where it measures nothing.
    pub unit: &'static str,
    /// What it means, in lines.
    pub doc: &'static str,
}

/// Numbers that mean something together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Group {
    /// Its name in both languages.
    pub name: &'static str,
    /// What its numbers are for, in lines.
    pub doc: &'static str,
    /// The numbers, in their order.
    pub rows: &'static [Row],
}

/// Declares a group: its comments are what JavaScript gets as comments, too.
macro_rules! group {
    (
        $(#[doc = $about:literal])+
        $group:ident: $type:ident {
            $($(#[doc = $doc:literal])+ $name:ident = $number:literal $(, $unit:literal)?;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr($type)]
        pub enum $group {
            $($(#[doc = $doc])+ $name = $number,)+
        }

        impl $group {
            /// All of them, as JavaScript gets them.
            pub const GROUP: $crate::contract::Group = $crate::contract::Group {
                name: stringify!($group),
                doc: concat!($($about, "\n"),+),
                rows: &[$($crate::contract::Row {
                    name: stringify!($name),
                    number: $number,
                    unit: concat!("" $(, $unit)?),
                    doc: concat!($($doc, "\n"),+),
                },)+],
            };

            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The one with this number.
            #[inline]
            pub const fn of(number: $type) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// Its number.
            #[inline]
            pub const fn number(self) -> $type {
                self as $type
            }
        }
    };
}
