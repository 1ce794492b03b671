/* compiler/cli/simulate_plan.c - The plan of gcxc simulate: flows of callers, agents, and durations.
 *
 * An option has a target before its `=`, and a value after it; in the target the strategy, its medium and a number
 * may be left out:
 *
 *     --arrivals billing/chat@1800=120/h    120 chats per hour for strategy billing, which come to 1800
 *     --handling billing=lognormal ...      for every flow of billing
 *     --agents early=20 (English: 9)        a team of that name
 *
 * A flow is one kind of arrivals: with one strategy, medium and number. Arrivals make flows; handling and patience
 * are then set for the matching flows, in the order of the options, so that a later option overrides an earlier one.
 * Times are microseconds; times of a day count from its midnight in UTC.
 *
 * The plan owns all its lists (simulate_plan_free); names are copied, and cut at SIMULATION_NAME bytes. */
#include "config.h" /* strptime, timegm */

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "compiler/cli/simulate.h"
#include "runtime/sql/lite.h"
#include "runtime/sim/site_media.h"
#include "base/inside.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/image.h"

enum { AGENTS_MAX = 200000, LEVEL_MAX = 1000000 };
#define START_US INT64_C(1704067200000000) /* 2024-01-01, a Monday */

static bool wrong_plan_option(const char *option, const char *said, const char *why)
{
    return shown_refuse("gcxc: --%s %s: %s\n", option, said, why);
}

/* ---- STRATEGY[/MEDIUM][@NUMBER]=REST ---- */

struct plan_option {
    char strategy[SIMULATION_NAME + 1], number[SIMULATION_NAME + 1]; /* "": none */
    enum media medium;                                               /* media_none: none */
    const char *rest;
};

static bool is_plan_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* If the text has another form, `strategy` stays empty and `rest` is the whole text: the caller reports what it
 * expected. */
static struct plan_option said_of(const struct image *image, const char *text)
{
    struct plan_option said = {.rest = text};
    size_t length = 0, number = 0;
    while (is_plan_word(text[length])) length++;
    const char *at = text + length;
    if (*at == '/') {
        size_t word = strcspn(at + 1, "@=");
        said.medium = media_named(image, (struct span){(const uint8_t *)at + 1, (uint32_t)word});
        if (said.medium == media_none) return said;
        at += 1 + word;
    }
    if (*at == '@') {
        at++;
        number = strcspn(at, "=");
    }
    if (length == 0 || length > SIMULATION_NAME || number > SIMULATION_NAME || at[number] != '=') return said;
    (void)snprintf(said.strategy, sizeof said.strategy, "%.*s", (int)length, text);
    (void)snprintf(said.number, sizeof said.number, "%.*s", (int)number, at);
    said.rest = at + number + 1;
    return said;
}

/* Returns the medium of the arrivals: the one that the option names, or the first of these media that the strategy
 * serves; media_none: none. */
static enum media plan_medium(const struct image *image, const struct image_strategy *strategy, enum media said)
{
    EACH_MEDIUM(one, image_media(image, image_strategy_index(image, strategy)))
    if ((one == media_voice || media_is_answered((enum media)one)) && (said == media_none || said == one))
        return (enum media)one;
    return media_none;
}

/* Sets the name of the image's only strategy that is simulated, or its only one for calls; "" where there are
 * several or none. */
static void plan_only_strategy(const struct image *image, enum media medium, char name[SIMULATION_NAME + 1])
{
    uint32_t count = 0;
    name[0] = '\0';
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        struct text text = image_text(image, strategy->name);
        if (plan_medium(image, strategy, medium) == media_none) continue;
        if (count++ == 0) (void)snprintf(name, SIMULATION_NAME + 1, "%.*s", (int)text.length, text.bytes);
    }
    if (count != 1) name[0] = '\0';
}

/* Has the image this strategy, and does it serve a medium that is simulated, or the one that is named? */
static bool is_strategy(const struct image *image, const char *name, enum media medium, const char *option,
                        const char *said)
{
    const struct image_strategy *strategy = image_strategy_named(image, name, (uint32_t)strlen(name));
    if (!strategy) return wrong_plan_option(option, said, "there is no such strategy");
    if (plan_medium(image, strategy, medium) != media_none) return true;
    return wrong_plan_option(option, said,
                             medium == media_none ? "that strategy carries nothing that is simulated"
                                                  : "that strategy carries nothing of that medium which is simulated");
}

/* ---- flows ---- */

static void simulate_flow_free(struct simulation_flow *flow)
{
    arrivals_free(&flow->arrivals);
    spread_free(&flow->handling);
    spread_free(&flow->patience);
}

static bool add_arrivals(struct simulation_plan *plan, const struct image *image, const struct plan_option *said,
                         const char *text, double part)
{
    struct error error = {0};
    struct simulation_flow *flow = simulate_add_flow(plan, said->strategy, said->number);
    flow->medium =
        plan_medium(image, image_strategy_named(image, said->strategy, (uint32_t)strlen(said->strategy)), said->medium);
    flow->submitted = media_is_answered(flow->medium);
    if (!arrivals_read(&flow->arrivals, said->rest, &error)) return wrong_plan_option("arrivals", text, error.text);
    if (part < 1 && flow->arrivals.kind != ARRIVALS_RATES)
        return wrong_plan_option("arrivals", text, "only a rate or a profile can be shared out");
    arrivals_scale(&flow->arrivals, part);
    return true;
}

/* Arrivals that name no strategy are divided as --share says. The rate of one flow is multiplied: 60 % of a Poisson
 * flow is a Poisson flow of 60 % of the rate. A list of moments cannot be divided without choosing, so it is
 * refused. */
static bool share_out(struct simulation_plan *plan, const struct image *image, const struct options *options,
                      const char *text)
{
    double sum = 0;
    for (size_t i = 0; i < options->share.count; i++) {
        const char *share = options->share.of[i];
        struct plan_option said = said_of(image, share);
        char *end;
        double percent = strtod(said.rest, &end);
        if (said.strategy[0] == '\0' || end == said.rest || strcmp(end, "%") != 0 || !(percent > 0 && percent <= 100))
            return wrong_plan_option("share", share, "write a strategy and its part, such as billing=60%");
        if (!is_strategy(image, said.strategy, said.medium, "share", share)) return false;
        sum += percent;
        said.rest = text;
        if (!add_arrivals(plan, image, &said, text, percent / 100)) return false;
    }
    if (sum > 99.9 && sum < 100.1) return true;
    return wrong_plan_option("arrivals", text, "the parts that --share says are not 100 % together");
}

static bool read_flows(struct simulation_plan *plan, const struct image *image, const struct options *options)
{
    char only[SIMULATION_NAME + 1];
    plan_only_strategy(image, media_voice, only);
    if (only[0] == '\0') plan_only_strategy(image, media_none, only);
    if (options->arrivals.count == 0 && (options->records || options->situation || options->campaign.count > 0))
        return true; /* the records give the arrivals, or only campaigns make calls */
    if (options->arrivals.count == 0) {
        fputs("gcxc: simulate needs --arrivals, such as 120/h; see gcxc simulate --help\n", stderr);
        return false;
    }
    for (size_t i = 0; i < options->arrivals.count; i++) {
        const char *text = options->arrivals.of[i];
        struct plan_option said = said_of(image, text);
        if (said.strategy[0] == '\0' && options->share.count > 0) {
            if (!share_out(plan, image, options, text)) return false;
            continue;
        }
        if (said.strategy[0] == '\0' && only[0] == '\0')
            return wrong_plan_option(
                "arrivals", text,
                "say whose they are, STRATEGY=..., as not exactly one strategy carries what is simulated");
        if (said.strategy[0] == '\0') (void)snprintf(said.strategy, sizeof said.strategy, "%s", only);
        if (!is_strategy(image, said.strategy, said.medium, "arrivals", text) ||
            !add_arrivals(plan, image, &said, text, 1))
            return false;
    }
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        if (plan->flows[i].number[strspn(plan->flows[i].number, "+*#0123456789")] != '\0')
            return wrong_plan_option("arrivals", plan->flows[i].number, "a number that is called has digits");
        for (uint32_t n = 0; n < i; n++)
            if (plan->flows[i].number[0] != '\0' && strcmp(plan->flows[i].number, plan->flows[n].number) == 0)
                return wrong_plan_option("arrivals", plan->flows[i].number, "two flows cannot call one number");
    }
    return true;
}

/* Leaves out the calls of strategies that the present version does not have any more. */
static void leave_out_flows(struct simulation_plan *plan, const struct image *image)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        struct simulation_flow *flow = &plan->flows[i];
        const struct image_strategy *strategy =
            image_strategy_named(image, flow->strategy, (uint32_t)strlen(flow->strategy));
        if (strategy && plan_medium(image, strategy, flow->medium) != media_none) {
            plan->flows[left++] = *flow;
            continue;
        }
        shown_print(stderr, "gcxc: left out: %zu calls of strategy %s, which is not there any more\n",
                    flow->arrivals.count, flow->strategy);
        simulate_flow_free(flow);
    }
    plan->flow_count = left;
}

static bool read_records(struct simulation_plan *plan, const struct image *image, const struct options *options)
{
    if (!options->records && options->day) return wrong_plan_option("day", options->day, "it is a day of --records");
    if (!options->records && !options->situation) return true;
    if (!simulate_records_read(plan, image, options)) return false;
    if (options->situation) leave_out_flows(plan, image);
    if (options->situation && plan->flow_count == 0)
        return shown_refuse("gcxc: --situation: nobody is there, and nobody came at these hours\n");
    for (uint32_t i = 0; i < plan->flow_count; i++)
        if (!is_strategy(image, plan->flows[i].strategy, plan->flows[i].medium, "records", plan->flows[i].strategy))
            return false;
    return true;
}

/* Of two values for a strategy the later one counts; a value without a strategy is for all strategies. */
static bool read_times(struct simulation_plan *plan, const struct image *image, const struct option_texts *texts,
                       const char *option, size_t offset)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct plan_option said = said_of(image, texts->of[i]);
        bool any = false;
        for (uint32_t f = 0; f < plan->flow_count; f++) {
            struct simulation_flow *flow = &plan->flows[f];
            struct spread *spread = (struct spread *)(void *)((char *)flow + offset);
            struct error error = {0};
            if (said.strategy[0] != '\0' && (strcmp(said.strategy, flow->strategy) != 0 ||
                                             (said.medium != media_none && said.medium != flow->medium) ||
                                             (said.number[0] != '\0' && strcmp(said.number, flow->number) != 0)))
                continue;
            spread_free(spread);
            any = true;
            if (!spread_read(spread, said.rest, &error)) return wrong_plan_option(option, texts->of[i], error.text);
            if (spread->kind == SPREAD_never && strcmp(option, "handling") == 0)
                return wrong_plan_option(option, texts->of[i], "a conversation ends");
        }
        if (!any) return wrong_plan_option(option, texts->of[i], "no arrivals are of that strategy");
    }
    return true;
}

/* ---- answers ---- */

/* Copies the test's name without "=30%" at its end and returns that share; 0: the name has none. */
static double plan_share(const char *text, char *name, size_t size)
{
    const char *equals = strrchr(text, '=');
    char *end = NULL;
    double percent = !equals ? 0 : strtod(equals + 1, &end);
    bool said = equals && end > equals + 1 && strcmp(end, "%") == 0 && percent > 0 && percent <= 100;
    (void)snprintf(name, size, "%.*s", said ? (int)(equals - text) : (int)strlen(text), text);
    return said ? percent / 100 : 0;
}

static bool read_answers(struct simulation_plan *plan, const struct scenario *scripts, const struct options *options)
{
    struct simulation_part_played *parts = NULL;
    for (size_t i = 0; i < options->answers.count; i++) {
        const char *text = options->answers.of[i];
        char name[1024];
        double share = plan_share(text, name, sizeof name);
        const struct scenario_test *test = sim_scenario_test(scripts, name);
        parts = memory_more(parts, plan->part_count, sizeof *parts);
        parts[plan->part_count++] = (struct simulation_part_played){test, share};
        plan->parts = parts;
        if (!test) return wrong_plan_option("answers", text, "there is no such test in the files that are named");
        if (!simulation_script_strategy(test)) return wrong_plan_option("answers", text, "nobody calls in that test");
    }
    return true;
}

/* ---- agents ---- */

static uint32_t team_named(struct simulation_plan *plan, const char *name, size_t length)
{
    assert(name);
    char text[SIMULATION_NAME + 1];
    (void)snprintf(text, sizeof text, "%.*s", (int)(length < SIMULATION_NAME ? length : SIMULATION_NAME), name);
    for (uint32_t i = 0; i < plan->team_count; i++)
        if (strcmp(plan->teams[i], text) == 0) return i;
    plan->teams = memory_more(plan->teams, plan->team_count, sizeof *plan->teams);
    memcpy(plan->teams[plan->team_count], text, sizeof text);
    return plan->team_count++;
}

static struct simulation_agents *add_agents(struct simulation_plan *plan)
{
    plan->agents = memory_more(plan->agents, plan->agents_count, sizeof *plan->agents);
    struct simulation_agents *agents = &plan->agents[plan->agents_count++];
    *agents = (struct simulation_agents){0};
    return agents;
}

static bool add_skill(struct simulation_agents *agents, const char *name, size_t length, int64_t level)
{
    agents->skills = memory_more(agents->skills, agents->skill_count, sizeof *agents->skills);
    struct simulation_skill *skill = &agents->skills[agents->skill_count++];
    (void)snprintf(skill->name, sizeof skill->name, "%.*s", (int)length, name);
    skill->level = level;
    return length > 0 && length <= SIMULATION_NAME && level >= 0 && level <= LEVEL_MAX;
}

static bool add_group(struct simulation_agents *agents, const char *name, size_t length)
{
    agents->groups = memory_more(agents->groups, agents->group_count, sizeof *agents->groups);
    (void)snprintf(agents->groups[agents->group_count++], SIMULATION_NAME + 1, "%.*s", (int)length, name);
    return length > 0 && length <= SIMULATION_NAME;
}

static const char *plan_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* (French: 9, Sales: 2) */
static bool read_skills(struct simulation_agents *agents, const char **at)
{
    if (**at != '(') return true;
    *at = plan_blanks(*at + 1);
    while (**at != ')') {
        const char *name = *at;
        char *end;
        size_t length = 0;
        while (is_plan_word(name[length])) length++;
        *at = plan_blanks(name + length);
        if (**at != ':') return false;
        long level = strtol(*at + 1, &end, 10);
        if (end == *at + 1 || !add_skill(agents, name, length, level)) return false;
        *at = plan_blanks(end);
        if (**at == ',') *at = plan_blanks(*at + 1);
    }
    *at = plan_blanks(*at + 1);
    return true;
}

/* in group overflow, night */
static bool read_groups(struct simulation_agents *agents, const char **at)
{
    int length = 0;
    (void)sscanf(*at, "in group%n", &length);
    if (length == 0) return true;
    *at += length;
    do {
        const char *name = plan_blanks(*at + (**at == ','));
        size_t word = 0;
        while (is_plan_word(name[word])) word++;
        if (!add_group(agents, name, word)) return false;
        *at = plan_blanks(name + word);
    } while (**at == ',');
    return true;
}

/* Reads `capacity blended profile early`, where the two pairs may have either order. */
static bool plan_read_words(struct simulation_agents *agents, const char **at)
{
    int length;
    while (sscanf(*at, "capacity %64[A-Za-z0-9_]%n", agents->capacity, &length) == 1 ||
           sscanf(*at, "profile %64[A-Za-z0-9_]%n", agents->profile, &length) == 1)
        *at = plan_blanks(*at + length);
    return true;
}

static bool read_agents(struct simulation_plan *plan, const struct image *image, const char *text)
{
    struct plan_option said =
        said_of(image, text); /* for agents the name of the team is where other options have a strategy */
    const char *at = plan_blanks(said.rest), *name = said.strategy[0] != '\0' ? said.strategy : at;
    char *end;
    long count = strtol(at, &end, 10);
    uint32_t team = team_named(plan, name, strlen(name));
    struct simulation_agents *agents = add_agents(plan);
    agents->team = team;
    agents->count = (uint32_t)count;
    at = plan_blanks(end);
    if (count >= 1 && count <= AGENTS_MAX && read_skills(agents, &at) && read_groups(agents, &at) &&
        plan_read_words(agents, &at) && *at == '\0')
        return true;
    return wrong_plan_option("agents", text,
                             "write how many, what they can, where they are, what they have at once and what they "
                             "prefer: 20 (English: 9) in "
                             "group overflow capacity blended profile early");
}

/* ---- the directory ---- */

static char *plan_read_all(const char *path)
{
    FILE *file = inside_open(path, "r");
    char *text = NULL;
    size_t length = 0;
    struct stat status;
    if (!file || fstat(fileno(file), &status) != 0 || fseek(file, 0, SEEK_END) != 0) {
        shown_print(stderr, "gcxc: %s cannot be read: %s\n", path, strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        shown_print(stderr, "gcxc: %s is no file\n", path);
    } else {
        long size = ftell(file);
        text = size < 0 ? NULL : calloc((size_t)size + 1, 1);
        if (!text) abort();
        rewind(file);
        length = fread(text, 1, (size_t)size, file);
        text[length] = '\0';
    }
    if (file) fclose(file);
    return text;
}

static const char *plan_column(sqlite3_stmt *statement, int number)
{
    const char *text = lite_text(statement, number);
    return text ? text : "";
}

/* Copies a column of the agent; a file that has no such column gives no row. */
static bool add_word(sqlite3 *people, const char *column, const char *name, char word[SIMULATION_NAME + 1])
{
    sqlite3_stmt *rows = lite_ask(people, "select %s from agent where name = %Q", column, name);
    bool good = true;
    if (lite_next(rows)) {
        good = strlen(plan_column(rows, 0)) <= SIMULATION_NAME;
        (void)snprintf(word, SIMULATION_NAME + 1, "%s", plan_column(rows, 0));
    }
    sqlite3_finalize(rows);
    return good;
}

static bool add_person(struct simulation_plan *plan, sqlite3 *people, const char *name)
{
    assert(people && name);
    struct simulation_agents *agents = add_agents(plan);
    agents->count = 1;
    bool good = strlen(name) <= SIMULATION_NAME;
    (void)snprintf(agents->name, sizeof agents->name, "%s", name);
    sqlite3_stmt *rows = lite_ask(people, "select skill, level from agent_skill where agent = %Q order by skill", name);
    while (good && lite_next(rows))
        good = add_skill(agents, plan_column(rows, 0), strlen(plan_column(rows, 0)), sqlite3_column_int64(rows, 1));
    sqlite3_finalize(rows);
    rows = lite_ask(people, "select \"group\" from group_member where agent = %Q order by 1", name);
    while (good && lite_next(rows)) good = add_group(agents, plan_column(rows, 0), strlen(plan_column(rows, 0)));
    sqlite3_finalize(rows);
    good = add_word(people, "capacity", name, agents->capacity) && add_word(people, "profile", name, agents->profile) &&
           good;
    const char *team = agents->group_count > 0 ? agents->groups[0] : "in no group";
    agents->team = team_named(plan, team, strlen(team));
    return good;
}

/* Reads the agents of a directory.sql; the first group of each agent is the team. The file is executed in a database
 * in memory and then queried by SQL, as the daemon does: any SQL that SQLite understands may be in it. */
static bool read_directory(struct simulation_plan *plan, const char *path)
{
    sqlite3 *people;
    char *text = plan_read_all(path);
    if (!text) return false;
    if (sqlite3_open(":memory:", &people) != SQLITE_OK) abort();
    /* the file can attach no other database, so it writes nowhere else */
    sqlite3_limit(people, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_stmt *rows = lite_do(people, "%s", text) ? lite_ask(people, "select name from agent order by name") : NULL;
    bool good = rows != NULL;
    if (!good) shown_print(stderr, "gcxc: %s: %s\n", path, sqlite3_errmsg(people));
    while (good && lite_next(rows)) {
        good = add_person(plan, people, plan_column(rows, 0));
        if (!good)
            shown_print(stderr, "gcxc: %s: agent '%s' has a name or a level that is none\n", path,
                        plan_column(rows, 0));
    }
    sqlite3_finalize(rows);
    if (good && !simulate_profiles_take(plan, people))
        good = shown_refuse("gcxc: %s: the table profile has a row that is none, or a second one of its key\n", path);
    sqlite3_close(people);
    free(text);
    return good;
}

/* ---- shifts ---- */

static bool plan_is_called(const struct simulation_plan *plan, const struct simulation_agents *agents, const char *name)
{
    bool called =
        strcmp(name, "all") == 0 || strcmp(agents->name, name) == 0 || strcmp(plan->teams[agents->team], name) == 0;
    for (uint32_t i = 0; i < agents->group_count; i++) called = called || strcmp(agents->groups[i], name) == 0;
    return called;
}

/* Is the line a head with the names of columns? A time that is written wrongly has a digit. */
static bool is_head(const char *cell)
{
    return cell[strcspn(cell, "0123456789")] == '\0';
}

/* A shift that ends before it begins goes past midnight. */
static bool shift_row(void *self, uint32_t line, char cells[DRAW_CELLS][DRAW_CELL], uint32_t count, struct error *error)
{
    assert(count <= DRAW_CELLS);
    struct simulation_plan *plan = self;
    struct simulation_shift shift;
    bool any = false;
    bool good = count >= 3 && draw_moment(cells[1], &shift.from_us) && draw_moment(cells[2], &shift.to_us);
    if (!good && line == 1 && count >= 3 && is_head(cells[1]) && is_head(cells[2])) return true;
    shift.pause = count > 3 && strcmp(cells[3], "break") == 0;
    if (!good || (count > 3 && cells[3][0] != '\0' && !shift.pause))
        return error_set(error, ERROR_INPUT,
                         "line %u: a row is who, from, to, and, where it is one, break: early,08:00,16:30",
                         (unsigned)line);
    if (shift.to_us <= shift.from_us) shift.to_us += 86400e6;
    for (uint32_t i = 0; i < plan->agents_count; i++) {
        if (!plan_is_called(plan, &plan->agents[i], cells[0])) continue;
        simulate_add_shift(&plan->agents[i], shift);
        any = true;
    }
    if (!any)
        error_set(error, ERROR_UNKNOWN, "line %u: no agents, and none of their groups, are called '%s'", (unsigned)line,
                  cells[0]);
    return any;
}

static bool read_shifts(struct simulation_plan *plan, const char *path)
{
    struct error error = {0};
    return !path || draw_csv(path, shift_row, plan, &error) || wrong_plan_option("shifts", path, error.text);
}

/* ---- times ---- */

static bool read_duration(uint64_t *us, const char *option, const char *text, uint64_t otherwise_us)
{
    double value;
    *us = otherwise_us;
    if (!text) return true;
    if (!draw_duration(text, strlen(text), &value))
        return wrong_plan_option(option, text, "that is no time such as 20s or 8h");
    *us = (uint64_t)(value + 0.5);
    return true;
}

static bool read_spread(struct spread *spread, const char *option, const char *text)
{
    struct error error = {0};
    if (!text) return true;
    spread_free(spread);
    return spread_read(spread, text, &error) || wrong_plan_option(option, text, error.text);
}

static bool read_start(struct simulation_plan *plan, const char *text, bool *moment)
{
    struct tm date = {0};
    *moment = false;
    if (!text) return true;
    char *end = strptime(text, "%Y-%m-%d", &date);
    if (end && *end != '\0') {
        *moment = true;
        end = strptime(plan_blanks(end + (*end == 'T')), "%H:%M", &date);
    }
    if (!end || *end != '\0')
        return wrong_plan_option("start", text, "write a date, or a date and a time: \"2026-03-02 09:00\"");
    plan->start_us = (int64_t)timegm(&date) * 1000000;
    return true;
}

/* Profiles and lists begin at their first moment of the day, rates at ten o'clock where no time is given. */
static bool plan_read_clock(struct simulation_plan *plan, const struct options *options)
{
    bool moment, day = false;
    double until_us = 0, origin_us = -1;
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        const struct arrivals *a = &plan->flows[i].arrivals;
        if (a->until_us <= 0) continue;
        day = true;
        if (origin_us < 0 || a->first_us < origin_us)
            origin_us = options->lead_in || options->situation ? 0 : a->first_us;
    }
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        const struct arrivals *a = &plan->flows[i].arrivals;
        if (a->until_us > 0 && a->first_us - origin_us + a->until_us > until_us)
            until_us = a->first_us - origin_us + a->until_us;
    }
    plan->origin_us = day ? origin_us : 0;
    uint64_t lasts_us;
    if (!read_start(plan, options->start, &moment) ||
        !read_duration(&plan->warm_up_us, "warm-up", options->warm_up, day ? 0 : UINT64_C(3600000000)) ||
        !read_duration(&lasts_us, "for", options->lasts,
                       day ? (uint64_t)until_us - plan->warm_up_us : UINT64_C(8) * 3600000000) ||
        !read_duration(&plan->within_us, "within", options->limit, 20000000))
        return false;
    if (!day) plan->origin_us = fmod((double)plan->start_us + (moment ? 0 : 36000e6), 86400e6);
    if (!moment) plan->start_us += day ? (int64_t)plan->origin_us : INT64_C(36000000000);
    plan->until_us = plan->warm_up_us + lasts_us;
    if (lasts_us == 0 || (day && plan->warm_up_us > (uint64_t)until_us))
        return wrong_plan_option("for", options->lasts ? options->lasts : "", "nothing would be counted");
    return true;
}

/* The order matters: shifts need the agents, durations need the flows, and the length of the day follows from the
 * arrivals. */
bool simulate_plan_read(struct simulation_plan *plan, const struct image *image, const struct scenario *scripts,
                        const struct options *options)
{
    *plan = (struct simulation_plan){.start_us = START_US,
                                     .ringing = {.kind = SPREAD_constant},
                                     .wrap_up = {.kind = SPREAD_constant},
                                     .switching = {.kind = SPREAD_constant},
                                     .called_back = {.kind = SPREAD_constant, .a = 10e6}};
    bool good = true;
    good = simulate_profiles_read(plan, options);
    for (size_t i = 0; good && i < options->agents.count; i++) good = read_agents(plan, image, options->agents.of[i]);
    good = good && (!options->people || read_directory(plan, options->people)) && read_shifts(plan, options->shifts) &&
           read_flows(plan, image, options) && read_records(plan, image, options) &&
           simulate_campaigns_read(plan, image, options) &&
           read_times(plan, image, &options->handling, "handling", offsetof(struct simulation_flow, handling)) &&
           read_times(plan, image, &options->patience, "patience", offsetof(struct simulation_flow, patience)) &&
           read_spread(&plan->wrap_up, "after-call", options->after_call) &&
           read_spread(&plan->ringing, "ringing", options->ringing) &&
           read_spread(&plan->called_back, "called-back", options->called_back) &&
           read_spread(&plan->switching, "switch", options->switching) && plan_read_clock(plan, options) &&
           read_answers(plan, scripts, options);
    return good;
}

void simulate_plan_free(struct simulation_plan *plan)
{
    for (uint32_t i = 0; i < plan->flow_count; i++) simulate_flow_free(&plan->flows[i]);
    for (uint32_t i = 0; i < plan->agents_count; i++) {
        free(plan->agents[i].skills);
        free(plan->agents[i].groups);
        free(plan->agents[i].shifts);
    }
    simulate_campaigns_free(plan);
    spread_free(&plan->wrap_up);
    spread_free(&plan->ringing);
    spread_free(&plan->called_back);
    spread_free(&plan->switching);
    free((void *)(uintptr_t)plan->parts);
    free(plan->flows);
    free(plan->agents);
    free(plan->preferences);
    free(plan->teams);
}
