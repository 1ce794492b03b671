/* base/regex.h - Compiles the patterns of a segment into one automaton, which takes one step per byte of the text.
 *
 * An expression is a subset of the extended ones of POSIX: characters, `.`, brackets with ranges and [:classes:],
 * groups, `|`, `* + ?` and `{n,m}`, anchors `^ $`; after a backslash a special character stands for itself. An
 * expression matches where it is found anywhere in the text. There are no back references, so each text is read
 * once, whatever its contents. Everything is allocated in the arena. */
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

enum { AUTOMATON_STATES_MAX = 4096, AUTOMATON_DEAD = 0xffff }; /* DEAD: the state in which no arm can match any more */

/* An automaton, as writer_segment_automaton (vm/image_writer.h) takes it. Of the arms that match a text, the first
 * one is taken. */
struct automaton {
    uint8_t classes[256];
    uint32_t width, states;
    const int32_t *accepts;
    const uint16_t *next;
    /* For each arm: the arm itself if some text leads to it; else an earlier arm that takes a text which also
     * matches this one. */
    const uint32_t *taken_by;
};

struct regex_error {
    uint32_t arm;
    const char *text; /* what is wrong; NULL: there would be too many states */
};

/* Builds the automaton of the given arms. NULL, with the fault in the error, where an expression is wrong or the
 * arms need too many states. `work` is the effort that may still be spent, so that no source keeps the compiler busy
 * for long; the effort spent is subtracted. */
const struct automaton *automaton_build(struct arena *, const struct regex_arm *, uint32_t count, uint64_t *work,
                                        struct regex_error *);
#define REGEX_WORK UINT64_C(50000000)
