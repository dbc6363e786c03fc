// Package tweettext knows the rules of a tweet's text: how long it counts, whether it may be posted, and which
// hashtags, mentions, cashtags and urls are in it. The rules are those of twitter-text, configuration version 3, and its
// conformance suite passes but for the list features.
//
// Promises:
//
//  1. [Extract] returns entities in order of their place, none overlapping another; text[Start:End], counted in code
//     points, is the entity with its sigil. [Entities.UTF16] gives the same places in UTF-16 units.
//  2. [Check] counts after NFC normalisation and reports ranges of the text as it was given, in UTF-16 units, the end
//     included, as the suite has them.
//  3. Every function takes time linear in its text, whatever the text: one pass over the runes, host names by a table
//     built once for each run of host characters, no backtracking.
//  4. No text makes anything panic; a byte that is not UTF-8 is one code point.
//  5. Everything is safe for concurrent use.
//
// Choices where twitter-text leaves room or errs:
//
//   - Top level domains are those of the public suffix list, those that existed in 2018 and are gone since (retired.go),
//     and internationalised names in their own script (tld.go).
//   - Emoji sequences are those of Unicode 17. A chain of joined emoji that Unicode does not list counts each of its
//     members, so that no chain hides a long text.
//   - The end of the valid range is exact where normalisation shortens a text after its limit; twitter-text is off there.
//   - "@ann/list" is a list and no mention; lists themselves are not extracted.
//   - A host with an accented first letter is the same at the beginning of a text as anywhere else; twitter-text takes
//     the letter there for what precedes the host.
//
// The owner of tweets calls it before it accepts a text and when it serves entities; trends and search take hashtags
// from the same place. It calls the Unicode tables, norm, idna and publicsuffix, and nothing of Starling.
//
// Tests: the conformance suite where ../shared is there, cases of our own in testdata/rules for every rule, properties, a
// fuzz target, and a benchmark against the same rules written as regular expressions.
//
// It does not autolink, shorten urls, resolve mentions to accounts or decide which handles may exist.
package tweettext
