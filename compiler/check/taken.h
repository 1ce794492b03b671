/* compiler/check/taken.h - The values that the arms of a segment take, kept for look-up, so that an arm is found whose
 * values earlier arms have taken. */
#pragma once

#include "base/arena.h"
#include "compiler/syntax/ast.h"
#include "base/regex.h"

enum { VIEWS = 4 };

struct pattern_seen { /* a pattern that came before */
    struct node *node;
    bool none;
    enum regex_kind kind;
    struct literal text; /* of strings */
    uint32_t view;       /* 0: the subject itself; of a time 1 its day, 2 its time of day, 3 its weekday */
    int64_t first, last; /* of numbers, words and names */
    bool round;          /* past the last one and on from the first to `last` */
    struct pattern_seen *next;
    struct pattern_seen *below, *above; /* of a range: those that end before it begins, those that begin behind it */
};

/* The values that the arms so far take: texts and prefixes in a table, numbers as ranges that neither touch nor
 * overlap. */
struct arms_taken {
    struct pattern_seen **texts; /* by hash; chains by `next` */
    size_t room;
    struct ranges {
        struct pattern_seen *root; /* a treap */
    } views[VIEWS];
    struct pattern_seen *none;
    struct pattern_seen **patterns; /* of texts, in their order */
    uint32_t pattern_count;
    struct pattern_seen *within; /* patterns `in list`, `in table` and `in schedule`, by `next` */
    bool matches;                /* one of them is an expression */
};

/* For so many patterns. */
struct arms_taken taken_new(struct arena *, size_t patterns);
/* Takes it; returns the earlier pattern that makes this one needless, or NULL. */
const struct pattern_seen *taken_pattern(struct arena *, struct arms_taken *, struct pattern_seen *, bool is_text);
const struct pattern_seen *taken_numbers(struct arena *, struct ranges *, const struct pattern_seen *);
/* Takes a text that is in a list: the expressions of the segment have nothing to say about it. */
const struct pattern_seen *taken_text(struct arms_taken *, struct pattern_seen *);
/* The pattern that takes all of these numbers, or all texts, or NULL. */
const struct pattern_seen *taken_range(const struct ranges *, int64_t first, int64_t last);
const struct pattern_seen *taken_any_text(const struct arms_taken *);
