/* compiler/check/taken.h - The values that the arms of a segment take, kept for look-up, so that an arm is found whose
 * values earlier arms have taken. */
#ifndef COMPILER_TAKEN_H
#define COMPILER_TAKEN_H

#include "text/arena.h"
#include "compiler/syntax/ast.h"
#include "text/regex.h"

enum { VIEWS = 4 };

struct seen { /* a pattern that came before */
    struct node *node;
    bool none;
    enum regex_kind kind;
    struct literal text; /* of strings */
    uint32_t view;       /* 0: the subject itself; of a time 1 its day, 2 its time of day, 3 its weekday */
    int64_t first, last; /* of numbers, words and names */
    bool round;          /* past the last one and on from the first to `last` */
    struct seen *next;
    struct seen *below, *above; /* of a range: those that end before it begins, those that begin behind it */
};

/* The values that the arms so far take: texts and prefixes in a table, numbers as ranges that neither touch nor
 * overlap. */
struct taken {
    struct seen **texts; /* by hash; chains by `next` */
    size_t room;
    struct ranges {
        struct seen *root; /* a treap */
    } views[VIEWS];
    struct seen *none;
    struct seen **patterns; /* of texts, in their order */
    uint32_t pattern_count;
    struct seen *within; /* patterns `in list`, `in table` and `in schedule`, by `next` */
    bool matches;        /* one of them is an expression */
};

/* For so many patterns. */
struct taken taken_new(struct arena *, size_t patterns);
/* Takes it; returns the earlier pattern that makes this one needless, or NULL. */
const struct seen *take_pattern(struct arena *, struct taken *, struct seen *, bool is_text);
const struct seen *take_numbers(struct arena *, struct ranges *, const struct seen *);
/* Takes a text that is in a list: the expressions of the segment have nothing to say about it. */
const struct seen *take_text(struct taken *, struct seen *);
/* The pattern that takes all of these numbers, or all texts, or NULL. */
const struct seen *range_taken(const struct ranges *, int64_t first, int64_t last);
const struct seen *any_text_taken(const struct taken *);

#endif
