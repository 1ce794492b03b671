/* compiler/cli/simulate_require.c - Conditions that a simulation has to meet: "sl(service) >= 80%".
 *
 * The whole confidence interval decides: a condition is met if it is true for every value of the interval. If it
 * holds for a part only, more replications are needed, and it counts as not met. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/simulate.h"
#include "runtime/sim/site_media.h"
#include "base/shown.h"
#include "vm/image.h"

struct condition {
    enum measure measure;
    char name[SIMULATION_NAME + 1]; /* "": of all calls */
    bool at_least, strictly;
    double value;
};

static const char *require_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* A share is written in percent, a time with its unit, every other value as a bare number: "80" for a share is
 * refused, as nobody knows whether 80 or 0.8 was meant. */
static bool require_read_value(const char *text, enum measure_unit unit, double *value)
{
    char *end;
    if (unit == UNIT_TIME) {
        bool good = draw_duration(text, strlen(text), value);
        *value /= 1e6;
        return good;
    }
    *value = strtod(text, &end);
    if (end == text || !isfinite(*value)) return false;
    end = (char *)(uintptr_t)require_blanks(end);
    bool percent = *end == '%';
    if (unit == UNIT_SHARE) *value /= 100;
    return *require_blanks(end + percent) == '\0' && percent == (unit == UNIT_SHARE);
}

static bool require_read_name(const char **at, char name[SIMULATION_NAME + 1])
{
    name[0] = '\0';
    if (**at != '(') return true;
    const char *from = require_blanks(*at + 1), *close = strrchr(from, ')');
    if (!close) return false;
    size_t length = (size_t)(close - from);
    while (length > 0 && isspace((unsigned char)from[length - 1])) length--;
    (void)snprintf(name, SIMULATION_NAME + 1, "%.*s", (int)length, from);
    *at = require_blanks(close + 1);
    return length > 0 && length <= SIMULATION_NAME;
}

/* Reads a condition: returns NULL where that succeeds, else what is wrong. */
static const char *read_condition(struct condition *c, const char *text)
{
    const char *at = require_blanks(text), *word = at;
    size_t length = 0;
    while (isalnum((unsigned char)word[length]) || word[length] == '_') length++;
    unsigned measure = 0;
    while (measure < MEASURES &&
           (strlen(measure_rows[measure].name) != length || strncmp(measure_rows[measure].name, word, length) != 0))
        measure++;
    if (measure == MEASURES) return "it begins with no measure: sl, asa, p90, abandonment, occupancy ...; see gcxc(1)";
    c->measure = (enum measure)measure;
    at = require_blanks(word + length);
    if (!require_read_name(&at, c->name)) return "behind the measure stands what it is of: (service)";
    if (measure == MEASURE_abandoned && strchr(at, '%')) c->measure = MEASURE_lost, measure = MEASURE_lost;
    if (measure_rows[measure].of == OF_CAMPAIGNS && c->name[0] == '\0')
        return "say of which campaign: abandoned(summer)";
    if (measure_rows[measure].of == OF_MEDIA && c->name[0] == '\0') return "say of which medium: open(email)";
    if (measure_rows[measure].of == OF_TEAMS && c->name[0] == '\0') return "say whose: occupancy(overflow)";
    if (*at != '<' && *at != '>') return "it compares by >=, >, <= or <";
    c->at_least = *at == '>';
    c->strictly = at[1] != '=';
    if (!require_read_value(require_blanks(at + 1 + !c->strictly), measure_rows[measure].unit, &c->value))
        return measure_rows[measure].unit == UNIT_SHARE  ? "its value is a part such as 80%"
               : measure_rows[measure].unit == UNIT_TIME ? "its value is a time such as 20s"
                                                         : "its value is a number";
    return NULL;
}

bool simulate_require_read(const struct options *options)
{
    for (size_t i = 0; i < options->require.count; i++) {
        struct condition condition;
        const char *why = read_condition(&condition, options->require.of[i]);
        if (!why) continue;
        return shown_refuse("gcxc: --require %s: %s\n", options->require.of[i], why);
    }
    return true;
}

/* Has the plan, or its image, an object of that name with this measure? */
static bool condition_is_there(const struct condition *c, const struct simulation_plan *plan, const struct image *image)
{
    bool found = c->name[0] == '\0';
    for (uint32_t i = 0; i < plan->team_count; i++)
        found = found || (scope_has(SCOPE_TEAM, c->measure) && strcmp(plan->teams[i], c->name) == 0);
    for (uint32_t i = 0; i < plan->campaign_count; i++)
        found = found || (scope_has(SCOPE_CAMPAIGN, c->measure) && strcmp(plan->campaigns[i].name, c->name) == 0);
    bool submits = false; /* otherwise the report is on calls only */
    for (uint32_t i = 0; i < plan->flow_count; i++) submits = submits || plan->flows[i].submitted;
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        struct span medium =
            media_said(image, plan->flows[i].medium == media_none ? media_voice : plan->flows[i].medium);
        found = found || (scope_has(SCOPE_STRATEGY, c->measure) && strcmp(plan->flows[i].strategy, c->name) == 0) ||
                (submits && scope_has(SCOPE_MEDIUM, c->measure) && span_is(medium, c->name));
    }
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        const struct image_name *name = image_name(image, i);
        struct text text = image_text(image, name->text);
        found = found || (name->kind == TYPE_VQ && scope_has(SCOPE_QUEUE, c->measure) &&
                          text.length == strlen(c->name) && memcmp(text.bytes, c->name, text.length) == 0);
    }
    return found;
}

bool simulate_require_names(const struct options *options, const struct simulation_plan *plan,
                            const struct image *image)
{
    static const char *const of[] = {[OF_CALLS] = "virtual queue, and no strategy or medium that is simulated,",
                                     [OF_STRATEGIES] = "strategy that is called",
                                     [OF_TEAMS] = "group of agents",
                                     [OF_CAMPAIGNS] = "campaign",
                                     [OF_MEDIA] = "simulated medium"};
    for (size_t i = 0; i < options->require.count; i++) {
        struct condition condition;
        (void)read_condition(&condition, options->require.of[i]); /* the condition was read before */
        if (condition_is_there(&condition, plan, image)) continue;
        return shown_refuse("gcxc: --require %s: there is no %s of that name\n", options->require.of[i],
                            of[measure_rows[condition.measure].of]);
    }
    return true;
}

static const struct simulate_found *found_named(const struct simulate_results *results, const struct condition *c)
{
    for (uint32_t i = 0; i < results->found_count; i++) {
        const struct simulate_found *found = &results->found[i];
        if (scope_has((enum scope_kind)found->kind, c->measure) && strcmp(found->name, c->name) == 0) return found;
    }
    return NULL;
}

static bool condition_meets(const struct condition *c, double value)
{
    if (value == c->value) return !c->strictly;
    return c->at_least ? value > c->value : value < c->value;
}

/* Checks one condition and prints the result. One replication gives no interval, so nothing is certain. */
static bool require_holds(const struct simulate_results *results, const struct condition *c, const char *text,
                          FILE *out)
{
    const struct simulate_found *found = found_named(results, c);
    if (!found) {
        shown_print(out, "NOT MET  %s: nothing of that name was met\n", text);
        return false;
    }
    struct interval interval = simulate_interval(results, found, 0, c->measure);
    char low[SIMULATE_FIGURE], high[SIMULATE_FIGURE], mean[SIMULATE_FIGURE];
    double from, to;
    simulate_bounds(interval, c->measure, false, &from, &to);
    bool least = condition_meets(c, from), most = condition_meets(c, to);
    simulate_figure(mean, c->measure, interval.mean);
    simulate_figure(low, c->measure, from);
    simulate_figure(high, c->measure, to);
    if (isnan(interval.mean))
        shown_print(out, "NOT MET  %s: nobody was there to be measured\n", text);
    else if (isnan(interval.half))
        shown_print(out, "OPEN  %s: it is %s once, so more replications have to decide\n", text, mean);
    else if (least != most)
        shown_print(out, "OPEN  %s: it is %s to %s, so more replications have to decide\n", text, low, high);
    else
        shown_print(out, "%s  %s: it is %s to %s\n", least ? "met" : "NOT MET", text, low, high);
    return !isnan(interval.half) && least && most;
}

/* Prints every condition, not only the first one that does not hold. */
bool simulate_require_hold(const struct simulate_results *results, FILE *out)
{
    bool all = true;
    const struct option_texts *texts = &results->options->require;
    for (size_t i = 0; i < texts->count; i++) {
        struct condition condition;
        (void)read_condition(&condition, texts->of[i]); /* the condition was read before */
        if (i == 0) fputc('\n', out);
        all = require_holds(results, &condition, texts->of[i], out) && all;
    }
    return all;
}
