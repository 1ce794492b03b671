/* compiler/cli/coverage.h - The coverage of a suite: the lines, ways of branches and exits of steps that its tests
 * ran.
 *
 * A source that is part of several images is counted once. A coverage owns its rows, and refers to the suite, which
 * must stay valid. */
#pragma once

#include <stdio.h>

#include "compiler/cli/suite.h"

struct coverage_line {
    uint32_t line, count;
    bool aside; /* the line has only conditions on candidates, or the work of a wait */
};
struct coverage_branch { /* a branch with its two ways; for an arm only the first way counts */
    uint32_t line, column, index;
    uint32_t count[2], next[2], next_column[2]; /* next: the line to which each way leads; see cover_branch */
    int none;                                   /* the way that is taken where the value is none, or COVER_OF_VALUES */
    bool arm;
};
struct coverage_exit {
    uint32_t line, column, index;
    int32_t code; /* the failure's reason; VM_GO_ON: success */
    const char *step, *name;
    uint32_t count;
    uint32_t wait, test; /* the wait point in the image; the suite's first test that reaches it, or NO_TEST */
};
enum { NO_TEST = -1 };

struct coverage_hit { /* a line that a test has run */
    uint32_t source, line, test;
};

struct coverage_file {
    char *path, *real;
    uint32_t id;
    struct coverage_line *lines;
    struct coverage_branch *branches;
    struct coverage_exit *exits;
    uint32_t line_count, branch_count, exit_count; /* each table is sorted by place, without duplicates */
    uint32_t settled;                              /* lines before this index are of images read earlier */
};

struct coverage {
    const struct suite *suite;
    /* for each program of the suite and each wait point: the first test that reached it, from 1 */
    uint32_t **met;
    uint32_t **consulted;  /* the same table for the first test with a consultation */
    struct cover **covers; /* for each program of the suite its counts; NULL: the program has no image */
    struct coverage_file *files;
    uint32_t file_count;
    struct coverage_file *reading;
    struct coverage_hit *hits; /* the lines that each test has run, where `keeps_hits` */
    uint32_t hit_count, test;  /* test: the number of the test whose lines are being read */
    bool keeps_hits;
    uint32_t image; /* the number of the program of the suite that is being read */
};

struct coverage_sum {
    uint32_t lines, lines_run, ways, ways_run, exits, exits_run;
};

void coverage_begin(struct coverage *, const struct suite *, bool keeps_hits);
/* Takes the counts of one play of a test (cover_write). */
void coverage_add(struct coverage *, uint32_t number, const uint8_t *bytes, size_t length);
/* Makes `files` of all counts that were added. */
void coverage_end(struct coverage *);
void coverage_free(struct coverage *);

/* Returns the id of a source; (uint32_t)-1 where no image contains it. */
uint32_t coverage_source(const struct coverage *, const char *path);

struct coverage_sum coverage_sum(const struct coverage_file *);

/* Returns how many ways of the branch count: 2, or 1 for an arm. */
unsigned coverage_ways(const struct coverage_branch *);
/* Did tests reach the branch, but take only one of its two ways? coverage_put_way() then prints the way that was not
 * taken. */
bool coverage_one_way(const struct coverage_branch *);
void coverage_put_way(FILE *, const struct coverage_file *, const struct coverage_branch *);
/* Prints a line with the exits of a step that no test reached; the step's first exit is at `at`; returns the index
 * at which the exits of the next step begin. */
uint32_t coverage_put_exits(FILE *, const struct coverage_file *, uint32_t at, bool numbered);

void coverage_text(const struct coverage *, FILE *);
/* Prints the media that the tests' agents have here, but that a site's agents have only where its desk offers them. */
void coverage_media(const struct coverage *, FILE *);
/* writes the tracefile of lcov, which genhtml, editors and CI read */
void coverage_lcov(const struct coverage *, FILE *);
void coverage_html(const struct coverage *, FILE *); /* one page */
/* Writes the ways at branches and the exits of steps as JSON (coverage_ways.c). */
void coverage_json(const struct coverage *, FILE *);

/* exits.c: forces every failure that no test reached, and prints what happens to the caller. After coverage_end().
 * False where a caller stays without an end. */
bool exits_tell(const struct coverage *, const struct options *, FILE *);

/* mutants.c: prints the small changes of the strategies that make no test fail. Must be called after coverage_end(),
 * for a coverage that keeps hits and whose tests all passed. */
bool mutants_tell(const struct coverage *, const struct options *, FILE *);
