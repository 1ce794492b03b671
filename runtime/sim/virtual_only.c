/* runtime/sim/virtual_only.c - Finds the tests that only the virtual player can play: over the wire they would be
 * different plays without notice.
 *
 * Over the wire the core is a process with its own clock, its own data sources and a real link. A test with a fixed
 * date, a fault, or a database that answers each caller differently is not possible there; it is refused with a
 * reason, as it would pass or fail by chance. */
#include "runtime/sim/provision.h"

#include <string.h>

#include "runtime/sim/sheets.h"
#include "runtime/sim/statement.h"
#include "runtime/sim/values.h"
#include "runtime/sim/world.h"
#include "vm/image.h"

struct looked_at {
    const struct scenario_test *test;
    const struct image *image;
};

static bool is_dial(const char *step)
{
    return strcmp(step, "callback.dial") == 0 || strcmp(step, "outbound.dial") == 0;
}

/* Does the switch take part in the step? Queries, endpoints and bookings are not visible outside the core. */
static bool step_is_heard(const char *step)
{
    return strncmp(step, "ivr.", 4) == 0 || strncmp(step, "recording.", 10) == 0 ||
           strcmp(step, "callback.keep_place") == 0 || is_dial(step);
}

static bool is_query(const struct scenario_item *item)
{
    return item->kind == ITEM_ANSWER && strcmp(item->answer.step, "query") == 0;
}

static bool same_source(const struct scenario_answer *a, const struct scenario_answer *b)
{
    return a->source && b->source && strcmp(a->source, b->source) == 0;
}

/* Returns how many answers for all arrivals the test has from that source. */
static unsigned answers_of(const struct scenario_item *items, size_t count, const struct scenario_answer *of)
{
    unsigned found = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind == ITEM_ARRIVE) found += answers_of(items[i].arrival.items, items[i].arrival.count, of);
        found +=
            is_query(&items[i]) && same_source(&items[i].answer, of) && json_object_size(items[i].answer.args) == 0;
    }
    return found;
}

/* Returns the source's only statement that reads a single value; no row can be made for a statement that searches by
 * the column it returns, as the row would have to contain the answer already. */
const struct image_statement *provision_value_statement(const struct image *image, const char *source, bool *of_rows)
{
    const struct image_statement *found = NULL;
    unsigned count = 0;
    bool has_row = false, computes = false;
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        const struct image_statement *statement = image_statement(image, i);
        struct text name = image_text(image, image_name(image, statement->source)->text),
                    sql = image_text(image, statement->sql);
        struct statement_words words;
        if (statement->mode != STATEMENT_VALUE || !source || strlen(source) != name.length ||
            memcmp(source, name.bytes, name.length) != 0)
            continue;
        found = statement;
        count++;
        statement_read(sql.bytes, sql.length, &words);
        has_row = words.selected[0] != '\0' && words.table[0] != '\0';
        computes = computes || words.table[0] == '\0';
        for (unsigned c = 0; c < words.count; c++) /* the statement searches by the column that it returns */
            has_row = has_row && strcmp(words.columns[c], words.selected) != 0;
    }
    *of_rows = count > 0 && !computes;
    return count == 1 && has_row ? found : NULL;
}

/* Is the answer a single value for which no row can be determined from the statements? */
static bool is_rowless(const struct looked_at *all, const struct scenario_answer *answer)
{
    bool of_rows;
    return value_is_single(answer->outcomes[0].value) &&
           !provision_value_statement(all->image, answer->source, &of_rows) && of_rows;
}

static bool has_rowless(const struct looked_at *all, const struct scenario_item *items, size_t count)
{
    bool has = false;
    for (size_t i = 0; !has && i < count; i++) {
        const struct scenario_arrival *arrival = items[i].kind == ITEM_ARRIVE ? &items[i].arrival : NULL;
        has = arrival ? has_rowless(all, arrival->items, arrival->count)
                      : is_query(&items[i]) && is_rowless(all, &items[i].answer);
    }
    return has;
}

static const char *about_query(const struct looked_at *all, const struct scenario_item *item, bool own)
{
    const struct scenario_answer *answer = &item->answer;
    if (answer->count > 1 || answer->outcomes[0].fail || answer->outcomes[0].after_us != 0 || item->at_us != 0)
        return "its database fails, is slow or changes";
    if (own && json_object_size(answer->args) == 0 && answers_of(all->test->items, all->test->count, answer) > 1)
        return "its database answers each caller otherwise";
    return NULL;
}

static const char *about_answer(const struct looked_at *all, const struct scenario_item *item, bool own)
{
    const char *step = item->answer.step;
    bool dials = strcmp(step, "callback.keep_place") == 0 || is_dial(step);
    if (is_query(item)) return about_query(all, item, own);
    for (size_t o = 0; dials && o < item->answer.count; o++) {
        const char *fail = item->answer.outcomes[o].fail;
        dials = !fail || !world_step_ends(step, fail);
    }
    return dials || strncmp(step, "ivr.", 4) == 0 ? NULL : "its switch does as the test says";
}

static const char *about_arrival(const struct looked_at *all, const struct scenario_arrival *arrival)
{
    const char *why = strcmp(arrival->media, "callback") == 0   ? "nobody hands call-backs in"
                      : strcmp(arrival->media, "outbound") == 0 ? "no calling list hands records over"
                                                                : NULL;
    for (size_t i = 0; !why && i < arrival->count; i++)
        if (arrival->items[i].kind == ITEM_ANSWER) why = about_answer(all, &arrival->items[i], true);
    return why;
}

/* May somebody who is to be called back not answer? */
static bool has_unreached(const struct scenario_item *items, size_t count)
{
    bool has = false;
    for (size_t i = 0; !has && i < count; i++) {
        const struct scenario_answer *answer = &items[i].answer;
        if (items[i].kind == ITEM_ARRIVE) has = has_unreached(items[i].arrival.items, items[i].arrival.count);
        bool dials = items[i].kind == ITEM_ANSWER && is_dial(answer->step);
        for (size_t o = 0; dials && o < answer->count; o++) has = has || answer->outcomes[o].fail;
    }
    return has;
}

static bool reads_data(const struct scenario_expr *expr)
{
    return expr && (expr->count > 0 || reads_data(expr->a) || reads_data(expr->b));
}

/* Is the expectation unknown for a call-back that reached nobody? Such a call-back left no call at the switch, and only
 * by a call can the core be asked how an interaction ended. */
static bool expectation_is_unknown(const struct scenario_expect *expect)
{
    bool unknown = reads_data(expect->expr);
    for (size_t e = 0; e < expect->count; e++) {
        const char *name = expect->events[e].name;
        unknown = unknown || strcmp(name, "stopped") == 0 || strcmp(name, "failed") == 0;
    }
    return unknown;
}

static const char *about_expected(const struct looked_at *all, const struct scenario_expect *expect, uint64_t at_us)
{
    if (at_us != 0) return "it expects something at a moment";
    for (size_t e = 0; e < expect->count; e++) {
        const char *step = expect->events[e].step;
        if (step && !step_is_heard(step)) return "nobody outside hears of a step that it expects";
        if (strcmp(expect->events[e].name, "shown") == 0) return "it looks through all messages";
    }
    bool unknown = expectation_is_unknown(expect) && has_unreached(all->test->items, all->test->count);
    return unknown ? "nobody outside hears how a call-back ends that reaches nobody" : NULL;
}

static const char *about_item(const struct looked_at *all, const struct scenario_item *item)
{
    switch (item->kind) {
    case ITEM_ARRIVE:
        return about_arrival(all, &item->arrival);
    case ITEM_ANSWER:
        return about_answer(all, item, false);
    case ITEM_EXPECT:
        return about_expected(all, &item->expect, item->at_us);
    case ITEM_LINK:
    case ITEM_SOURCE:
        return "it injects a fault";
    case ITEM_PARAMETER:
        if (strchr(item->setting.name, '(')) return "it sets a statistic";
        return sheets_can_say(item) ? NULL : "it says what the directory's file cannot";
    case ITEM_TABLE:
        return sheets_can_say(item) ? NULL : "it says what the directory's file cannot";
    case ITEM_CAMPAIGN:
        return "it plays a campaign";
    case ITEM_PROFILE:
        return "it gives profiles to agents";
    case ITEM_SEED:
        return "it sets a seed";
    case ITEM_AGENT:
    case ITEM_QUEUE:
    case ITEM_NUMBER:
    case ITEM_PLACE:
    case ITEM_CALLER:
        break;
    }
    return NULL;
}

const char *provision_virtual_only(const struct scenario_test *test, const struct image *image, bool any_date)
{
    const struct looked_at all = {test, image};
    const char *why = test->fixed_date && !any_date ? "it has a fixed date" : NULL;
    for (size_t i = 0; !why && i < test->count; i++) why = about_item(&all, &test->items[i]);
    if (!why && has_rowless(&all, test->items, test->count)) why = "its database gives a value that no row has";
    return why;
}
