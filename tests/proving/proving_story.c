/* tests/proving/proving_story.c - Stories: draws them by a seed, and writes and reads them as text. */
#include "tests/proving/proving_story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/draw.h"
#include "base/memory.h"

enum {
    SECOND_US = 1000000,
    STORY_S = 90,
    CALLS_MOST = 14,
    MAILS_MOST = 5,
    PASSAGES_MOST = 3,
    LENDS_MOST = 3,
    FAULTS_MOST = 9,
    BEGINS_US = 2000000
};
enum { PURPOSE_STORY = 1000 }; /* a purpose other than those used for the consequences of deeds */

struct told_row {
    const char *name;
    uint32_t weight, a, b;
};

static const struct told_row told_rows[TOLDS] = {
#define TOLD(name, weight, a, b, doc) {#name, weight, a, b},
#include "tests/proving/proving_story.def"
};

uint64_t story_drawn(uint64_t seed, uint32_t purpose, uint64_t number, uint64_t below)
{
    struct draws draws = draws_of(seed, purpose, number);
    return (uint64_t)(draws_unit(&draws) * (double)below);
}

static uint32_t story_below(struct draws *draws, uint32_t below)
{
    return (uint32_t)(draws_unit(draws) * below);
}

static void story_add(struct story *story, struct draws *draws, enum told what)
{
    story->deeds = memory_more(story->deeds, story->count, sizeof *story->deeds);
    story->deeds[story->count] =
        (struct told_deed){.at_us = BEGINS_US + (uint64_t)story_below(draws, STORY_S * 1000) * 1000,
                           .number = (uint32_t)story->count,
                           .what = what,
                           .a = story_below(draws, told_rows[what].a),
                           .b = story_below(draws, told_rows[what].b)};
    story->count++;
}

static enum told drawn_fault(struct draws *draws)
{
    uint32_t all = 0, what = 0;
    for (uint32_t i = 0; i < TOLDS; i++) all += told_rows[i].weight;
    uint32_t at = story_below(draws, all);
    while (at >= told_rows[what].weight) at -= told_rows[what++].weight;
    return (enum told)what;
}

void story_draw(struct story *story, uint64_t seed)
{
    struct draws draws = draws_of(seed, PURPOSE_STORY, 0);
    *story =
        (struct story){.seed = seed, .standby = seed % 4 == 3, .end_us = BEGINS_US + (uint64_t)STORY_S * SECOND_US};
    for (uint32_t i = 2 + story_below(&draws, CALLS_MOST); i > 0; i--) story_add(story, &draws, TOLD_call);
    for (uint32_t i = story_below(&draws, MAILS_MOST); i > 0; i--) story_add(story, &draws, TOLD_mail);
    for (uint32_t i = story_below(&draws, PASSAGES_MOST); i > 0; i--) story_add(story, &draws, TOLD_passage);
    for (uint32_t i = story_below(&draws, LENDS_MOST); i > 0; i--) {
        story_add(story, &draws, TOLD_lend);
        if (story_below(&draws, 2) == 0) story_add(story, &draws, TOLD_recall);
    }
    uint32_t faults = story_below(&draws, 8) == 0 ? 0 : 1 + story_below(&draws, FAULTS_MOST);
    for (uint32_t i = 0; i < faults; i++) story_add(story, &draws, drawn_fault(&draws));
}

void story_free(struct story *story)
{
    free(story->deeds);
    *story = (struct story){0};
}

void story_write(const struct story *story, FILE *out)
{
    fprintf(out, "seed %" PRIu64 " %s %" PRIu64 "\n", story->seed, story->standby ? "standby" : "lone", story->end_us);
    for (size_t i = 0; i < story->count; i++)
        fprintf(out, "%" PRIu64 " %" PRIu32 " %s %" PRIu32 " %" PRIu32 "\n", story->deeds[i].at_us,
                story->deeds[i].number, told_rows[story->deeds[i].what].name, story->deeds[i].a, story->deeds[i].b);
}

static bool deed_read(struct story *story, const char *line)
{
    struct told_deed deed = {0};
    char name[16];
    int end = 0;
    if (sscanf(line, "%" SCNu64 " %" SCNu32 " %15s %" SCNu32 " %" SCNu32 " %n", &deed.at_us, &deed.number, name,
               &deed.a, &deed.b, &end) != 5 ||
        line[end] != '\0' || deed.at_us > story->end_us)
        return false;
    while (deed.what < TOLDS && strcmp(told_rows[deed.what].name, name) != 0) deed.what++;
    if (deed.what == TOLDS || deed.a >= told_rows[deed.what].a || deed.b >= told_rows[deed.what].b) return false;
    story->deeds = memory_more(story->deeds, story->count, sizeof *story->deeds);
    story->deeds[story->count++] = deed;
    return true;
}

bool story_read(struct story *story, FILE *in, struct error *error)
{
    enum { DEEDS_MOST = 10000 };
    char line[200], kind[16];
    unsigned number = 1;
    *story = (struct story){0};
    if (!fgets(line, sizeof line, in) ||
        sscanf(line, "seed %" SCNu64 " %15s %" SCNu64, &story->seed, kind, &story->end_us) != 3 ||
        (strcmp(kind, "lone") != 0 && strcmp(kind, "standby") != 0) || story->end_us > UINT64_C(86400000000))
        return error_set(error, ERROR_INPUT, "line 1: not `seed NUMBER lone|standby END`, as gcxproving prints it");
    story->standby = kind[0] == 's';
    while (fgets(line, sizeof line, in)) {
        number++;
        if (line[0] == '\n' || line[0] == '#') continue;
        if (story->count == DEEDS_MOST || !deed_read(story, line)) {
            story_free(story);
            return error_set(error, ERROR_INPUT, "line %u: not `MICROSECONDS NUMBER DEED A B`, as gcxproving prints it",
                             number);
        }
    }
    return true;
}
