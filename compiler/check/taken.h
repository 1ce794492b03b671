/* compiler/check/taken.h - The values that the arms of a segment take, stored so that an arm is found whose values
 * earlier arms have taken. */
#pragma once

#include "base/arena.h"
#include "compiler/syntax/ast.h"
#include "base/regex.h"

enum { VIEWS = 4 };

struct pattern_seen { /* a pattern of an arm that came before */
    struct node *node;
    bool none;
    enum regex_kind kind;
    struct literal text; /* the string's bytes, where the subject is a string */
    uint32_t view;       /* the compared part: 0: the subject itself; of a time 1: day, 2: time of day, 3: weekday */
    int64_t first, last; /* the first and the last number, word or name that the pattern takes */
    bool round;          /* the range wraps: from `first` past the highest value, and from the lowest one to `last` */
    struct pattern_seen *next;
    /* The treap's children: ranges that end before this one begins, and ranges that begin after its end. */
    struct pattern_seen *below, *above;
};

/* The values that the arms so far take: texts and prefixes in a table, numbers as ranges that neither touch nor
 * overlap. */
struct arms_taken {
    struct pattern_seen **texts; /* a hash table of texts and prefixes; chains by `next` */
    size_t room;
    struct ranges {
        struct pattern_seen *root; /* a treap */
    } views[VIEWS];
    struct pattern_seen *none;
    struct pattern_seen **patterns; /* the patterns of texts, in the order of the arms */
    uint32_t pattern_count;
    struct pattern_seen *within; /* the patterns `in list`, `in table` and `in schedule`, linked by `next` */
    bool matches;                /* at least one of `patterns` is a regular expression */
};

/* Makes an empty set with room for that many patterns. */
struct arms_taken taken_new(struct arena *, size_t patterns);
/* Adds a pattern; returns the earlier pattern that makes it needless, or NULL. */
const struct pattern_seen *taken_pattern(struct arena *, struct arms_taken *, struct pattern_seen *, bool is_text);
const struct pattern_seen *taken_numbers(struct arena *, struct ranges *, const struct pattern_seen *);
/* Adds a text of a list, which is not compared with the segment's expressions; returns as taken_pattern() does. */
const struct pattern_seen *taken_text(struct arms_taken *, struct pattern_seen *);
/* Returns the pattern that takes all of these numbers, or all texts, or NULL. */
const struct pattern_seen *taken_range(const struct ranges *, int64_t first, int64_t last);
const struct pattern_seen *taken_any_text(const struct arms_taken *);
