/* runtime/debugger/acts.c - Keeps what the user does at the prompt as a test that grows.
 *
 * The acts of the user at the prompt, and the answers given to steps, are kept as lines of a test, which after each
 * of them is written (acts_scenario), compiled and played from its beginning. So the user can do nothing here that a
 * test cannot contain, and export only has to add expectations and to keep those that hold.
 *
 * A step that asks for an answer has a row in `answers`, found by its words: `outcomes` has the answers given so
 * far, and the step with the highest `turn` is the one that asks now. */
#include "runtime/debugger/acts.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/spell.h"
#include "runtime/debugger/variant.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/values.h"
#include "base/memory.h"
#include "base/why.h"
#include "vm/image.h"

#define TITLE "gcxdb"

enum { ACT_LINE_BYTES = 512, ACT_PATH_BYTES = 1024 };

struct act {
    uint64_t at_us;
    char line[ACT_LINE_BYTES];
};

struct answer { /* to a step */
    char step[ACT_LINE_BYTES];
    char outcomes[4 * ACT_LINE_BYTES]; /* the answers given to the step; "": none yet */
    uint64_t asked_us;
    uint64_t turn; /* a counter's value when the step last asked; 0: the step has its answer */
};

/* A test as it is in its file, without its expectations. */
struct written_test {
    char *row;  /* " for each a, b { 1, 2; }" with the row that was played; "" without a row */
    char *body; /* the test's lines without its expectations */
};

struct acts {
    struct variant variant;
    char path[ACT_PATH_BYTES];
    struct act *acts;
    size_t count;
    struct answer *answers;
    size_t answer_count;
    uint64_t turns;
    struct sim_tests *tests;
    struct written_test written; /* used instead of acts: a test as in its file, or as retold from a journal */
    const struct image *program; /* the image from which the test was retold; else NULL */
    bool changed;                /* the sources no longer give the image from which the test was retold */
};

/* ---- a test in a file: its statements, separated by their semicolons ---- */

/* Returns the position after the text in quotes, the comment or the single character that begins here. */
static const char *past_one(const char *at)
{
    char quote = *at;
    if (at[0] == '/' && at[1] == '/') return at + strcspn(at, "\n");
    if (quote != '"' && quote != '`') return at + 1;
    for (at++; *at && *at != quote; at++)
        if (*at == '\\' && at[1]) at++;
    return at + (*at != '\0');
}

/* Returns where the next of the `wanted` characters is outside of quotes, comments and brackets; if there is none,
 * the end. */
static const char *written_test_find(const char *at, const char *wanted)
{
    for (unsigned depth = 0; *at; at = past_one(at)) {
        if (depth == 0 && strchr(wanted, *at)) break;
        if (strchr("{([", *at)) depth++;
        if (strchr("})]", *at) && depth > 0) depth--;
    }
    return at;
}

static const char *written_test_past_space(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (at[0] != '/' || at[1] != '/') return at;
        at += strcspn(at, "\n");
    }
}

/* Are the two texts equal apart from white space? */
static bool reads_the_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *a_end = a + a_length, *b_end = b + b_length;
    for (;;) {
        while (a < a_end && isspace((unsigned char)*a)) a++;
        while (b < b_end && isspace((unsigned char)*b)) b++;
        if (a == a_end || b == b_end) return a == a_end && b == b_end;
        if (*a++ != *b++) return false;
    }
}

/* Returns the text from `for each` to the end of its rows, with only the row that has the given values; malloc'ed. */
static char *written_test_read_row(const char *at, const char *table, const char *values)
{
    size_t length = strlen(values);
    const char *row = table + 1, *end = written_test_find(row, "}");
    char *text = NULL;
    size_t size;
    FILE *out = memory_stream(&text, &size);
    fprintf(out, " %.*s{ ", (int)(table - at), at);
    while (row < end) {
        const char *next = written_test_find(row, ";}");
        row = written_test_past_space(row);
        if (row < next && reads_the_same(row, (size_t)(next - row), values, length))
            fprintf(out, "%.*s; ", (int)(next - row), row);
        row = next + (*next != '\0');
    }
    fputs("}", out);
    fclose(out);
    return text;
}

static bool written_test_expects(const char *statement)
{
    static const char word[] = "expect";
    return strncmp(statement, word, sizeof word - 1) == 0 && isspace((unsigned char)statement[sizeof word - 1]);
}

/* Returns the statements up to the test's end, one per line, without expectations; malloc'ed. */
static char *written_test_read_body(const char *at)
{
    char *text = NULL;
    size_t size;
    FILE *out = memory_stream(&text, &size);
    for (at = written_test_past_space(at); *at && *at != '}'; at = written_test_past_space(at)) {
        const char *end = written_test_find(at, ";}");
        if (!written_test_expects(at)) fprintf(out, "    %.*s;\n", (int)(end - at), at);
        at = end + (*end == ';');
    }
    fclose(out);
    return text;
}

/* Reads a test from its file; `name` is its title as it is reported, with the values of its row at the end. False:
 * there is no such test at that line. */
static bool written_test_read(const char *file, uint32_t line, const char *name, struct written_test *test)
{
    static const char word[] = "test ", each[] = "for each";
    size_t length;
    char *text = variant_read(file, &length);
    const char *at = text, *values = strrchr(name, '[');
    for (uint32_t i = 1; at && *at && i < line; i++) at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != '\0');
    bool is = at && strncmp(at, word, sizeof word - 1) == 0;
    *test = (struct written_test){NULL, NULL};
    if (is) {
        char *row = NULL;
        at = written_test_past_space(past_one(written_test_past_space(at + sizeof word - 1)));
        if (strncmp(at, each, sizeof each - 1) == 0) {
            const char *table = at + strcspn(at, "{");
            char *given = memory_text(values ? values + 1 : "");
            if (*given) given[strlen(given) - 1] = '\0'; /* the bracket */
            row = written_test_read_row(at, table, given);
            free(given);
            const char *end = written_test_find(table + 1, "}");
            at = written_test_past_space(end + (*end != '\0'));
        }
        is = *at == '{';
        if (is) *test = (struct written_test){row ? row : strdup(""), written_test_read_body(at + 1)};
        if (!is) free(row);
    }
    free(text);
    return is;
}

static void written_test_free(struct written_test *test)
{
    free(test->row);
    free(test->body);
}

/* ---- acts ---- */

/* Was the file given to the debugger by name? Tests of a file that is only imported are not in the image. */
static bool acts_is_named(const struct sources *sources, const char *path)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->paths[i], path) == 0) return true;
    return false;
}

struct acts *acts_new(const struct sources *sources, const struct image *image)
{
    assert(sources->count > 0); /* without a file there is no strategy to play */
    struct acts *a = calloc(1, sizeof *a);
    struct image_place at;
    if (image_place(image, image_strategy(image, 0)->function, 0, &at))
        (void)snprintf(a->path, sizeof a->path, "%.*s", (int)at.file.length, at.file.bytes);
    if (!acts_is_named(sources, a->path)) (void)snprintf(a->path, sizeof a->path, "%s", sources->paths[0]);
    a->variant = (struct variant){*sources, a->path, ""};
    return a;
}

struct acts *acts_of_test(const struct sources *sources, const struct sim_test *test)
{
    struct written_test written;
    if (!written_test_read(test->file, test->line, test->name, &written)) return NULL;
    struct acts *a = memory_zeroed(1, sizeof *a);
    a->written = written;
    (void)snprintf(a->path, sizeof a->path, "%s", test->file);
    a->variant = (struct variant){*sources, a->path, ""};
    return a;
}

/* Makes the acts of a retold test: its lines are ready, and its strategy determines the file it belongs to. */
struct acts *acts_of_lines(const struct sources *sources, const struct image *image, const char *strategy,
                           const char *lines)
{
    struct image_place at;
    struct acts *a = memory_zeroed(1, sizeof *a);
    const struct image_strategy *found = image_strategy_named(image, strategy, (uint32_t)strlen(strategy));
    if (found && image_place(image, found->function, 0, &at))
        (void)snprintf(a->path, sizeof a->path, "%.*s", (int)at.file.length, at.file.bytes);
    if (!acts_is_named(sources, a->path))
        (void)snprintf(a->path, sizeof a->path, "%s", sources->count > 0 ? sources->paths[0] : "");
    a->variant = (struct variant){*sources, a->path, ""};
    a->written = (struct written_test){strdup(""), strdup(lines)};
    if (!a->written.row || !a->written.body) abort();
    a->program = image;
    return a;
}

void acts_free(struct acts *a)
{
    if (!a) return;
    written_test_free(&a->written);
    sim_tests_close(a->tests);
    free(a->acts);
    free(a->answers);
    free(a);
}

/* ---- the text ---- */

static void put_act(const struct act *act, FILE *out)
{
    char after[US_TEXT];
    values_print_us((int64_t)act->at_us, after, sizeof after);
    if (act->at_us > 0) fprintf(out, "    after %s: ", after);
    fprintf(out, "%s%s;\n", act->at_us > 0 ? "" : "    ", act->line);
}

/* The answer that a test's text has for a step that was never answered. */
static const char no_answer[] = "fail timeout";

/* Returns the text of the test. `whole`: a step that still waits for an answer gets `fail timeout`, so that the test
 * can end. */
static char *acts_scenario(const struct acts *a, const char *title, bool whole, const char *expectations)
{
    char *text = NULL;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    fputs("test ", out);
    spell_text(out, span_of(title));
    fprintf(out, "%s {\n%s", a->written.row ? a->written.row : "", a->written.body ? a->written.body : "");
    for (size_t i = 0; i < a->answer_count; i++) {
        const struct answer *one = &a->answers[i];
        bool open = whole && one->turn > 0;
        if (*one->outcomes || open)
            fprintf(out, "    %s -> %s%s%s;\n", one->step, one->outcomes, *one->outcomes && open ? ", " : "",
                    open ? no_answer : "");
    }
    for (size_t i = 0; i < a->count; i++) put_act(&a->acts[i], out);
    fprintf(out, "%s}\n", expectations);
    fclose(out);
    return text;
}

static struct sim_tests *tests_of(struct acts *a, const char *text, char *why, size_t size)
{
    a->variant.behind = text;
    return variant_tests(&a->variant, why, size);
}

static uint32_t index_of(const struct sim_tests *tests, const char *title)
{
    uint32_t found = 0;
    size_t length = strlen(title);
    for (uint32_t i = 0; i < sim_tests_count(tests); i++) {
        const char *name = sim_tests_at(tests, i).name;
        if (strncmp(name, title, length) == 0 && (name[length] == '\0' || strncmp(name + length, " [", 2) == 0))
            found = i;
    }
    return found;
}

uint32_t acts_index(const struct acts *a)
{
    return index_of(a->tests, TITLE);
}

const struct sim_tests *acts_tests(struct acts *a, char *why, size_t size)
{
    char *text = acts_scenario(a, TITLE, false, "");
    struct sim_tests *tests = tests_of(a, text, why, size);
    free(text);
    if (!tests) return NULL;
    sim_tests_close(a->tests);
    a->tests = tests;
    return tests;
}

/* Does the test made of the acts still compile, and can its play begin? */
static bool acts_is_good(struct acts *a, char *why, size_t size)
{
    struct error error = {0};
    char *text = acts_scenario(a, TITLE, false, "");
    struct sim_tests *tests = tests_of(a, text, why, size);
    bool good = tests && sim_can_play(tests, index_of(tests, TITLE), &error);
    if (tests && !good) (void)snprintf(why, size, "%s", error.text);
    free(text);
    sim_tests_close(tests);
    return good;
}

/* ---- acting ---- */

/* Adds the line, tries the test, and removes the line again if the test is wrong with it. */
bool acts_add(struct acts *a, uint64_t at_us, const char *line, char *why, size_t size)
{
    assert(!a->written.body); /* a test from a file or a journal gets no further acts */
    a->acts = memory_grown(a->acts, a->count + 1, sizeof *a->acts);
    struct act *act = &a->acts[a->count++];
    act->at_us = at_us;
    (void)snprintf(act->line, sizeof act->line, "%s", line);
    bool good = acts_is_good(a, why, size);
    if (!good) a->count--;
    return good;
}

/* Adds an outcome for the step; the earlier outcomes are saved first, as they are restored if the test is wrong with
 * the new one. */
static bool acts_add_outcome(struct acts *a, struct answer *one, const char *outcome, uint64_t after_us, char *why,
                             size_t size)
{
    char after[US_TEXT], before[sizeof one->outcomes];
    size_t used = strlen(one->outcomes);
    (void)snprintf(before, sizeof before, "%s", one->outcomes);
    values_print_us((int64_t)after_us, after, sizeof after);
    (void)snprintf(one->outcomes + used, sizeof one->outcomes - used, "%s%s%s%s", used > 0 ? ", " : "", outcome,
                   after_us > 0 ? " after " : "", after_us > 0 ? after : "");
    if (acts_is_good(a, why, size)) return true;
    (void)snprintf(one->outcomes, sizeof one->outcomes, "%s", before);
    return false;
}

/* A step asks for an answer. A step that asks again has not been answered: its time was over. */
void acts_asked(struct acts *a, const char *written, uint64_t now_us)
{
    assert(!a->written.body);
    char ignored[ACT_LINE_BYTES];
    struct answer *one = NULL;
    for (size_t i = 0; i < a->answer_count; i++)
        if (strcmp(a->answers[i].step, written) == 0) one = &a->answers[i];
    /* the step asks the same question again only because the test is played again */
    if (one && one->turn > 0 && one->asked_us == now_us) return;
    if (!one) {
        a->answers = memory_grown(a->answers, a->answer_count + 1, sizeof *a->answers);
        one = &a->answers[a->answer_count++];
        *one = (struct answer){.turn = 0};
        (void)snprintf(one->step, sizeof one->step, "%s", written);
    } else if (one->turn > 0) {
        (void)acts_add_outcome(a, one, no_answer, 0, ignored, sizeof ignored);
    }
    one->asked_us = now_us;
    one->turn = ++a->turns;
}

/* Adds the answer to the step that asked last. False, with the reason in `why`: no step asks, or the test would be
 * wrong with the answer. */
bool acts_answer(struct acts *a, const char *outcome, uint64_t now_us, char *why, size_t size)
{
    struct answer *one = NULL;
    for (size_t i = 0; i < a->answer_count; i++)
        if (a->answers[i].turn > (one ? one->turn : 0)) one = &a->answers[i];
    if (!one) return why_set(why, size, "nothing asks for an answer");
    uint64_t turn = one->turn;
    one->turn = 0;
    bool good = acts_add_outcome(a, one, outcome, now_us - one->asked_us, why, size);
    if (!good) one->turn = turn;
    return good;
}

/* ---- the test ---- */

struct judged {
    char *why;
    size_t size;
    char became[ACT_LINE_BYTES]; /* an expectation of what became of the first caller */
};

static void acts_on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    struct judged *judged = self;
    (void)file, (void)line;
    if (!*judged->why) (void)snprintf(judged->why, judged->size, "%s", text);
}

static void acts_on_result(void *self, const struct sim_result *result)
{
    struct judged *judged = self;
    static const char at_once[] = " at once";
    const char *after = strstr(result->became, " after "), *once = strstr(result->became, at_once);
    if (once)
        (void)snprintf(judged->became, sizeof judged->became, "%.*s within 1ms", (int)(once - result->became),
                       result->became);
    else if (after)
        (void)snprintf(judged->became, sizeof judged->became, "%.*s within %s", (int)(after - result->became),
                       result->became, after + strlen(" after "));
    else
        (void)snprintf(judged->became, sizeof judged->became, "%s", result->became);
}

/* Does the test pass with the given expectations? `became`, unless NULL, is set to an expectation for the first
 * caller. */
static bool acts_passes(struct acts *a, const char *title, const char *expectations, char *became, char *why,
                        size_t size)
{
    const struct sim_options options = {.verbose = true};
    struct judged judged = {why, size, ""};
    const struct sim_report report = {&judged, acts_on_failure, acts_on_result};
    char *text = acts_scenario(a, title, true, expectations);
    why[0] = '\0';
    struct sim_tests *tests = tests_of(a, text, why, size);
    bool good = tests && sim_play(tests, index_of(tests, title), &options, &report);
    if (tests && a->program) a->changed = !variant_is(&a->variant, a->program);
    sim_tests_close(tests);
    free(text);
    if (became) (void)snprintf(became, ACT_LINE_BYTES, "%s", judged.became);
    return good;
}

/* Returns the expectations so far, with the wanted one added if it holds. */
static char *acts_text_with(struct acts *a, const char *title, char *hold, const char *wanted)
{
    char ignored[ACT_LINE_BYTES];
    size_t room = strlen(hold) + strlen(wanted) + 16;
    char *more = memory_grown(NULL, room, 1);
    (void)snprintf(more, room, "%s    expect %s;\n", hold, wanted);
    bool good = acts_passes(a, title, more, NULL, ignored, sizeof ignored);
    free(good ? hold : more);
    return good ? more : hold;
}

/* Returns the test's text; expectations are added one at a time and left out if they fail, so that the exported test
 * passes. */
char *acts_export(struct acts *a, const char *title, const char *const *wanted, size_t count, char *why, size_t size)
{
    char became[ACT_LINE_BYTES];
    if (!acts_passes(a, title, "", became, why, size)) return NULL;
    char *hold = memory_text("");
    if (*became) hold = acts_text_with(a, title, hold, became);
    for (size_t i = 0; i < count; i++) hold = acts_text_with(a, title, hold, wanted[i]);
    char *text = acts_scenario(a, title, true, hold);
    free(hold);
    return text;
}

/* Returns all expectations together, for the case that the test does exactly what was done. */
static char *all_of(const char *const *wanted, size_t count)
{
    char *text = NULL;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    for (size_t i = 0; i < count; i++) fprintf(out, "    expect %s;\n", wanted[i]);
    fclose(out);
    return text;
}

/* Tries the expectations one by one; those that fail become comments, and are tried once more without their time or
 * count. */
static char *some_of(struct acts *a, const char *title, const char *const *wanted, size_t count, size_t *differs)
{
    char *hold = strdup(""), *not = NULL;
    size_t length;
    FILE *out = open_memstream(&not, &length);
    if (!hold || !out) abort();
    for (size_t i = 0; i < count; i++) {
        char shorter[ACT_LINE_BYTES];
        const char *limit = strstr(wanted[i], " within ");
        if (!limit) limit = strstr(wanted[i], " times ");
        size_t before = strlen(hold);
        hold = acts_text_with(a, title, hold, wanted[i]);
        if (strlen(hold) > before) continue;
        ++*differs;
        fprintf(out, "    // It was so, and is not in this test: expect %s;\n", wanted[i]);
        if (!limit) continue;
        (void)snprintf(shorter, sizeof shorter, "%.*s", (int)(limit - wanted[i]), wanted[i]);
        hold = acts_text_with(a, title, hold, shorter);
    }
    fclose(out);
    hold = memory_grown(hold, strlen(hold) + length + 1, 1);
    strcat(hold, not );
    free(not );
    return hold;
}

char *acts_retell(struct acts *a, const char *title, const char *const *wanted, size_t count, const char *lacks,
                  size_t *differs, char *why, size_t size)
{
    static const char changed[] = "    // The sources have changed since: what is expected is what these do.\n";
    char ignored[ACT_LINE_BYTES];
    *differs = 0;
    if (!acts_passes(a, title, "", NULL, why, size)) return NULL;
    char *hold = all_of(wanted, count);
    if (!acts_passes(a, title, hold, NULL, ignored, sizeof ignored)) {
        free(hold);
        hold = some_of(a, title, wanted, count, differs);
    }
    size_t room = strlen(hold) + strlen(lacks) + sizeof changed;
    char *all = memory_grown(NULL, room, 1);
    (void)snprintf(all, room, "%s%s%s", hold, lacks, a->changed ? changed : "");
    char *text = acts_scenario(a, title, true, all);
    free(all);
    free(hold);
    return text;
}
