/* compiler/cli/simulate_profile.c - The profiles of a plan: --profile writes one as a site writes its `order for
 * agents`, and --directory has the rows of its table profile.
 *
 *   --profile 'early=vq sales; vq service, vq billing after 60s; others never' */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "compiler/cli/simulate.h"
#include "runtime/sql/lite.h"
#include "base/memory.h"
#include "base/shown.h"
#include "vm/prefer.h"

enum { PROFILE_TEXT = 1024 };

static bool wrong_simulated_profile(const char *text, const char *why)
{
    return shown_refuse("gcxc: --profile %s: %s\n", text, why);
}

/* Adds a row. False: a name is none, or too long, or the profile has a row for that queue already. */
static bool simulated_preference(struct simulation_plan *plan, const char *profile, const char *vq, int64_t rank,
                                 int64_t delay_s)
{
    if (strlen(profile) - 1 >= SIMULATION_NAME || strlen(vq) - 1 >= SIMULATION_NAME) return false;
    for (uint32_t i = 0; i < plan->preference_count; i++)
        if (strcmp(plan->preferences[i].profile, profile) == 0 && strcmp(plan->preferences[i].vq, vq) == 0)
            return false;
    plan->preferences = memory_more(plan->preferences, plan->preference_count, sizeof *plan->preferences);
    struct simulation_preference *row = &plan->preferences[plan->preference_count++];
    *row = (struct simulation_preference){.rank = rank, .delay_s = delay_s};
    (void)snprintf(row->profile, sizeof row->profile, "%s", profile);
    (void)snprintf(row->vq, sizeof row->vq, "%s", vq);
    return true;
}

/* ---- --profile ---- */

/* Cuts a word off the text: a name, or a number with its unit. The text moves to what follows. */
static bool simulated_word(char **at, char word[SIMULATION_NAME + 1])
{
    size_t length = 0;
    while (isblank((unsigned char)**at)) (*at)++;
    while (isalnum((unsigned char)(*at)[length]) || (*at)[length] == '_' || (*at)[length] == '.') length++;
    if (length > SIMULATION_NAME) length = 0;
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    while (isblank((unsigned char)**at)) (*at)++;
    return length > 0;
}

/* Reads what follows the queues of a rule: `after 60s`, `never`, or nothing. */
static bool simulated_rule_end(char *at, bool *never, int64_t *delay_s)
{
    char word[SIMULATION_NAME + 1];
    double us = 0;
    *never = false;
    *delay_s = 0;
    if (*at == '\0') return true;
    bool good = simulated_word(&at, word);
    *never = good && strcmp(word, "never") == 0;
    if (good && strcmp(word, "after") == 0)
        good = simulated_word(&at, word) && draw_duration(word, strlen(word), &us);
    else
        good = *never;
    *delay_s = (int64_t)(us / 1e6);
    return good && *at == '\0' && us <= 1e3 * PREFER_DELAY_MAX_MS;
}

/* Cuts the next queue of a rule off: `vq NAME`, or `others`, which is written as `*`. */
static bool simulated_rule_queue(char **at, char queue[SIMULATION_NAME + 1])
{
    if (!simulated_word(at, queue)) return false;
    if (strcmp(queue, "others") == 0) {
        (void)snprintf(queue, SIMULATION_NAME + 1, "*");
        return true;
    }
    return strcmp(queue, "vq") == 0 && simulated_word(at, queue);
}

/* Adds the rows of a rule such as `vq sales, vq service after 60s`; the rank is the rule's unless it says `never`. */
static bool simulated_rule(struct simulation_plan *plan, const char *profile, char *rule, int64_t *rank)
{
    char queue[SIMULATION_NAME + 1], *behind = rule;
    bool never;
    int64_t delay_s;
    while (simulated_rule_queue(&behind, queue) && *behind == ',') behind++;
    if (!simulated_rule_end(behind, &never, &delay_s)) return false;
    int64_t of = never ? 0 : ++*rank;
    if (of > PREFER_RANK_MAX) return false;
    do {
        if (!simulated_rule_queue(&rule, queue) || !simulated_preference(plan, profile, queue, of, delay_s))
            return false;
    } while (*rule++ == ',');
    return true;
}

bool simulate_profiles_read(struct simulation_plan *plan, const struct options *options)
{
    for (size_t i = 0; i < options->profiles.count; i++) {
        const char *text = options->profiles.of[i], *rules = strchr(text, '=');
        char profile[SIMULATION_NAME + 1], rest[PROFILE_TEXT], *rule = rest;
        int64_t rank = 0;
        uint32_t before = plan->preference_count;
        size_t length = rules ? (size_t)(rules - text) : 0;
        bool good = length > 0 && length <= SIMULATION_NAME && strlen(rules + 1) < sizeof rest;
        if (good) {
            (void)snprintf(profile, sizeof profile, "%.*s", (int)length, text);
            (void)snprintf(rest, sizeof rest, "%s", rules + 1);
        }
        while (good && rule[strspn(rule, " \t")] != '\0') {
            size_t end = strcspn(rule, ";");
            bool last = rule[end] == '\0';
            rule[end] = '\0';
            good = simulated_rule(plan, profile, rule, &rank);
            rule += end + !last;
        }
        if (!good || plan->preference_count == before)
            return wrong_simulated_profile(
                text, "write its name and its rules, each queue once: \"early=vq sales; vq service "
                      "after 60s; others never\"");
    }
    return true;
}

/* ---- --directory ---- */

bool simulate_profiles_take(struct simulation_plan *plan, sqlite3 *people)
{
    /* gives no row where the file has no such table */
    sqlite3_stmt *rows = lite_ask(people, "select profile, vq, rank, coalesce(delay_s, 0) from profile order by 1, 2");
    bool good = true;
    while (good && lite_next(rows)) {
        const char *profile = lite_text(rows, 0), *vq = lite_text(rows, 1);
        int64_t rank = sqlite3_column_int64(rows, 2), delay_s = sqlite3_column_int64(rows, 3);
        good = profile && vq && rank >= 0 && rank <= PREFER_RANK_MAX && delay_s >= 0 &&
               delay_s <= PREFER_DELAY_MAX_MS / 1000 && simulated_preference(plan, profile, vq, rank, delay_s);
    }
    sqlite3_finalize(rows);
    return good;
}
