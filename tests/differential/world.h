/* tests/differential/world.h - What is outside of a program: the same for the interpreter and the evaluator. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The world's answer: a function of a seed, and of which wait it is; the same for both. */
struct world_answer {
    bool fails;
    bool gone;                       /* the caller hangs up instead */
    bool signals;                    /* a signal comes instead, where there is a handler of it */
    bool transferred, main_released; /* likewise, of a consultation */
    unsigned rounds;                 /* of a busy block, before the answer */
    unsigned which;                  /* of the exits, beginning with timeout; of what a menu offers; or of the texts */
    const char *text;                /* what the caller keyed */
};
struct world_answer world_answer(uint64_t seed, unsigned wait, bool gives);

enum { CODE_TIMEOUT = 14, CODE_FAILED = 30, CODE_FAULT = 31 }; /* enum code */
extern const int64_t world_now_us;
enum { WAITED_US = 5000000 }; /* since it came */

/* Which of the children of a race or parallel is answered next. */
unsigned world_pick(uint64_t seed, unsigned wait, unsigned count);
/* The level of the one candidate there is. */
int64_t world_level(const char *skill, size_t length);

/* The code of an exit of a step: timeout, or one of its own; never no_reply or aborted. */
uint16_t world_exit(const char *step, unsigned which);

/* A parameter's value now; false: as the site wrote it. */
bool world_setting(uint64_t seed, unsigned wait, const char *name, size_t length, int64_t *number);

/* The table's row for a key, now: as the site wrote it, nothing, or a row made out of a stream. */
enum world_row { ROW_WRITTEN, ROW_NONE, ROW_MADE };
enum world_row world_row(uint64_t seed, unsigned wait, const char *table, size_t length, const char *key,
                         size_t key_length);

/* All of a table, now: 0 as the site wrote it, else the version that is in force; how many rows that has, and the key
 * of each, however long ago it was in force. */
uint32_t world_version(uint64_t seed, unsigned wait, const char *table, size_t length);
uint32_t world_rows(uint32_t version);
const char *world_row_key(uint32_t row);

/* The data that came with the call: pairs, of lists of pairs; the tags as blocks and the wire have them. */
enum { DATUM_NONE, DATUM_INT, DATUM_TEXT, DATUM_BINARY, DATUM_LIST, DATUM_FLOAT, DATUM_BOOL, DATUM_TIME };
struct datum {
    const char *key;
    unsigned tag;
    int64_t number;
    double real;
    const char *text;
    const struct datum *items;
    unsigned count;
};
const struct datum *world_data(unsigned *count);
/* As a block and the wire have it, malloc'ed. */
char *world_packed(const struct datum *, unsigned count, size_t *length);

/* Agents that the directory has, and numbers of parties. */
extern const char *const world_agents[3], *const world_dns[4];
int64_t world_agent(const char *name, size_t length); /* -1: none */
/* The core's answer to a question (vm/questions.def) of something: a number; of agents one of the above, -1: none. */
int64_t world_asked(uint64_t seed, unsigned wait, unsigned question, const char *of, size_t length, size_t more);

uint64_t world_mixed(uint64_t);

/* A value that an answer brings is made by its type, its parts in their order, out of a stream. */
struct stream {
    uint64_t state;
};
struct stream world_stream(uint64_t seed, unsigned wait);
struct stream world_row_stream(uint64_t seed, uint32_t version, uint32_t row); /* of a table, as above */
/* Of the main interaction: an attribute, or a key. */
struct stream world_main(uint64_t seed, unsigned wait, bool key, unsigned number);
unsigned world_below(struct stream *, unsigned limit);
int64_t world_number(struct stream *);
double world_real(struct stream *);
const char *world_text(struct stream *);

/* Runs an image's strategy `s`. NULL; or why it stopped in the midst of it: fuel or memory ran out, of which the
 * evaluator knows nothing. `waits`: how many steps it took. `cut`: its fuel is gone wherever it can be, and there and
 * at each wait its block is made small and copied to another place. */
const char *interpret(const uint8_t *bytes, size_t length, uint64_t seed, bool cut, FILE *trace, unsigned *waits);
