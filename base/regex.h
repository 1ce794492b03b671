/* base/regex.h - Patterns of a segment over texts, as one automaton that takes one step per byte.
 *
 * An expression is a subset of POSIX extended ones: characters, `.`, brackets with ranges and [:classes:], groups, `|`,
 * `* + ?` and `{n,m}`, anchors `^ $`; a backslash takes away what a sign means. It fits where it is found anywhere in
 * the text. There is no back reference, so each text is read once, however it looks. Everything is in the arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum regex_kind { REGEX_TEXT, REGEX_PREFIX, REGEX_MATCH };

struct regex_arm {
    enum regex_kind kind;
    const char *bytes;
    size_t length;
};

enum { AUTOMATON_STATES_MAX = 4096, AUTOMATON_DEAD = 0xffff }; /* DEAD: no arm is taken, whatever follows */

/* An automaton for writer_segment_automaton (vm/image_writer.h). The first of the arms that fit is taken. */
struct automaton {
    uint8_t classes[256];
    uint32_t width, states;
    const int32_t *accepts;
    const uint16_t *next;
    /* By arm: itself if it takes some text, else an arm before it that takes a text fitting it. */
    const uint32_t *taken_by;
};

struct regex_error {
    uint32_t arm;
    const char *text; /* the fault; NULL: there would be too many states */
};

/* Makes the automaton of the arms. NULL, with the fault in the error, where an expression is wrong or the arms need too
 * many states. `work` is the effort that may still be spent, so that no source keeps the compiler busy for long; what
 * was spent is taken off. */
const struct automaton *automaton_build(struct arena *, const struct regex_arm *, uint32_t count, uint64_t *work,
                                        struct regex_error *);
#define REGEX_WORK UINT64_C(50000000)
