//! The languages of code, told by a file's name.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Python,
    Rust,
    TypeScript,
    JavaScript,
    /// TypeScript with elements of HTML.
    Tsx,
    Java,
    Go,
    /// C too.
    Cpp,
    /// Any other: read by patterns of lines alone.
    Other,
}

impl Language {
    pub const ALL: [Self; 9] = [
        Self::Python,
        Self::Rust,
        Self::TypeScript,
        Self::JavaScript,
        Self::Tsx,
        Self::Java,
        Self::Go,
        Self::Cpp,
        Self::Other,
    ];

    /// By the ending of the file's name, in any case.
    pub fn of_path(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref().unwrap_or_default() {
            "py" | "pyi" | "pyw" => Self::Python,
            "rs" => Self::Rust,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "java" => Self::Java,
            "go" => Self::Go,
            "c" | "h" | "cc" | "cpp" | "cxx" | "c++" | "hh" | "hpp" | "hxx" | "ipp" | "inl" => Self::Cpp,
            _ => Self::Other,
        }
    }

    pub fn is_keyword(self, word: &str) -> bool {
        static SETS: LazyLock<Vec<HashSet<&str>>> = LazyLock::new(|| {
            Language::ALL.iter().map(|language| language.keywords().split_whitespace().collect()).collect()
        });
        SETS[self as usize].contains(word)
    }

    /// Whether `$` may stand in a name.
    pub(super) fn has_dollar(self) -> bool {
        matches!(self, Self::TypeScript | Self::JavaScript | Self::Tsx | Self::Java)
    }

    /// Whether a type may stand before the name that it declares: `int count`.
    pub(super) fn types_come_first(self) -> bool {
        matches!(self, Self::Java | Self::Cpp | Self::Other)
    }

    /// Words that are no names: keywords, the object itself, literals and built-in types that the grammar reserves.
    fn keywords(self) -> &'static str {
        match self {
            Self::Python => {
                "False None True and as assert async await break class continue def del elif else except finally \
                 for from global if import in is lambda nonlocal not or pass raise return self cls try while with \
                 yield match case"
            }
            Self::Rust => {
                "as async await break const continue crate dyn else enum extern false fn for if impl in let loop \
                 match mod move mut pub ref return self Self static struct super trait true type union unsafe use \
                 where while bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64"
            }
            Self::TypeScript | Self::JavaScript | Self::Tsx => {
                "abstract any as async await boolean break case catch class const continue debugger declare default \
                 delete do else enum export extends false finally for function if implements import in \
                 instanceof interface keyof let namespace never new null number of override private \
                 protected public readonly return satisfies static string super switch this throw true \
                 try type typeof undefined unknown var void while with yield"
            }
            Self::Java => {
                "abstract assert boolean break byte case catch char class const continue default do double else \
                 enum extends false final finally float for goto if implements import instanceof int interface long \
                 native new null package permits private protected public record return sealed short static strictfp super \
                 switch synchronized this throw throws transient true try var void volatile while yield"
            }
            Self::Go => {
                "break case chan const continue default defer else fallthrough false for func go goto if import \
                 interface iota map nil package range return select struct switch true type var bool byte complex64 \
                 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 \
                 uint64 uintptr any"
            }
            Self::Cpp => {
                "alignas alignof asm auto bool break case catch char class co_await co_return co_yield concept const \
                 constexpr const_cast continue decltype default define delete do double dynamic_cast elif else endif \
                 enum explicit export extern false final float for friend goto if ifdef ifndef include inline int long \
                 mutable namespace new noexcept nullptr NULL operator override pragma private protected public register \
                 reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch \
                 template this throw true try typedef typeid typename undef union unsigned using virtual void volatile \
                 wchar_t while"
            }
            Self::Other => {
                "abstract and as async await begin bool break case catch char class const continue default defer \
                 def do double elif else elseif elsif end ensure enum extends extension false final finally float for \
                 foreach fn fun func function guard if implements import in include init inline int interface internal \
                 is let local long loop match module mut mutating namespace new nil not null object open or override \
                 package private protected protocol public raise readonly record repeat require rescue return sealed self \
                 static string struct super switch template then this throw throws trait true try type typealias unless \
                 until use using val var virtual void when where while with yield"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_the_end_of_the_name() {
        let cases = [
            ("src/lru.py", Language::Python),
            ("A.RS", Language::Rust),
            ("a.test.ts", Language::TypeScript),
            ("view.tsx", Language::Tsx),
            ("view.jsx", Language::JavaScript),
            ("Solution.java", Language::Java),
            ("main.go", Language::Go),
            ("list.h", Language::Cpp),
            ("x.c++", Language::Cpp),
            ("notes.txt", Language::Other),
            ("py", Language::Other),
            ("a.py/README", Language::Other),
            ("", Language::Other),
        ];
        for (path, language) in cases {
            assert_eq!(Language::of_path(path), language, "{path}");
        }
    }

    #[test]
    fn every_language_stands_at_its_own_place() {
        for (index, language) in Language::ALL.iter().enumerate() {
            assert_eq!(*language as usize, index);
        }
        assert!(Language::Go.is_keyword("defer") && !Language::Python.is_keyword("defer"));
    }
}
