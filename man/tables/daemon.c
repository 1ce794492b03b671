/* man/tables/daemon.c - The daemon: facts, metrics, exits, the directory's sheets. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/facts.h"

/* Prints one line of an interaction's history, such as "EventRouteUsed HOW DN". */
static void fact(const char *line, const char *between, const char *value, const char *names, const char *doc)
{
    char words[128], shown[48];
    size_t length = 0;
    for (; value[length]; length++) shown[length] = (char)(value[length] == '_' ? '-' : value[length]);
    shown[length] = '\0';
    bool is_shown = strcmp(value, "nothing") != 0;
    snprintf(words, sizeof words, "%s%s%s%s%s%s%s%s%s", line, is_shown ? between : "", is_shown ? "<" : "",
             is_shown ? shown : "", is_shown ? ">" : "", *names ? " " : "", *names ? "<" : "", names,
             *names ? ">" : "");
    row(words, "", doc);
}

void facts(void)
{
    static const char *const docs[FACTS] = {
#define FACT(name, number, doc) [FACT_##name] = doc,
#include "runtime/core/base/facts.def"
    };
#define LINE(of, line, between, value, key, span, names) fact(line, between, #value, names, docs[FACT_##of]);
#include "runtime/core/base/facts.def"
}

/* Prints why a campaign does not dial: its own reasons without `pacer`, and in place of that one the reasons of the
 * pacer. */
void campaign_reasons(void)
{
#define CAMPAIGN_REASON(name, halted, meaning)                                                                         \
    if (strcmp(#name, "pacer") != 0) row(#name, "", meaning);
#include "runtime/core/campaigns/campaign_reasons.def"
#define PACER_REASON(name, meaning) row(#name, "", meaning);
#include "runtime/core/pacing/pacer_reasons.def"
}

void record_states(void)
{
#define RECORD_STATE(name, place, phase, meaning) row(#name, "", meaning);
#include "runtime/core/campaigns/record_states.def"
}

void record_changes(void)
{
#define RECORD_CHANGE(from, to, when) row(#from " to " #to, "", when);
#include "runtime/core/campaigns/record_states.def"
}

/* Prints the results of calls that are reported under their own name, without `no_answer`. */
void call_results(void)
{
#define CALL_RESULT(cause, exit, told, subject)                                                                        \
    if (strcmp(#cause, #told) == 0 && strcmp(#cause, "no_answer") != 0) row(#cause, "", "of the " #subject);
#include "runtime/core/links/call_results.def"
}

void metrics(void)
{
#define METRIC(id, name, type, labels, help) row(name, *labels ? #type ", by " labels : #type, help);
#include "runtime/daemon/watch/metrics.def"
#undef METRIC
}

/* Prints a column as "skill of table skill", with its default. */
static void put_table_column(const char *name, const char *of, const char *missing, const char *doc)
{
    char aside[96];
    snprintf(aside, sizeof aside, "%s%s%s%s%s", of ? "of table " : "", of ? of : "", of && missing ? ", " : "",
             missing ? "by default " : "",
             !missing                     ? ""
             : strcmp(missing, "''") == 0 ? "empty"
                                          : missing);
    row(name, aside, doc);
}

/* Prints the tables of a directory with their columns. */
void directory(void)
{
    puts(".Bl -tag -width Ds");
#define SHEET(name, number, doc)                                                                                       \
    puts(".It Sy " #name);                                                                                             \
    text(doc);                                                                                                         \
    putchar('\n');                                                                                                     \
    list_begin();
#define COLUMN(sheet, name, type, of, missing, doc) put_table_column(name, of, missing, doc);
#define END_SHEET(name)                             list_end();
#include "runtime/daemon/directory/directory.def"
    list_end();
}

void exits(void)
{
    char code[16];
#define EXIT(name, number, doc)                                                                                        \
    snprintf(code, sizeof code, "%d", number);                                                                         \
    row(code, "", doc);
#include "runtime/daemon/service/exits.def"
#undef EXIT
}

void state_folder(void)
{
#define STATE_OWN(name, doc)  row(name, "", doc ".");
#define STATE_KEPT(name, doc) row(name, "", doc ".");
#define STATE_RUNS(name, doc) row(name, "", doc ".");
#define STATE_FREE(name, doc) row(name, "may go", doc ".");
#include "runtime/daemon/service/state_folder.def"
#define OWN_FILE(ending, full, gone) row("ADAPTER." #ending, "", gone ".");
#define BEFORE_FILE(ending, doc)
#include "runtime/vocabulary/state_files.def"
}

/* Prints the margin that a guard has if a person writes none. */
static void put_guard(const char *name, int seconds, const char *margin, const char *doc)
{
    char aside[64];
    snprintf(aside, sizeof aside, seconds > 0 ? "%s, within %d s" : "%s", margin, seconds);
    row(name, aside, doc);
}

/* Prints the guards that have margins. */
void rollout_guards(void)
{
    char margin[32];
#define HARD(id, name, doc)
#define RATE(id, name, seconds, grows, margin_, doc)                                                                   \
    snprintf(margin, sizeof margin, "%s%d points", (grows) ? "+" : "-", (margin_) / 100);                              \
    put_guard(name, seconds, margin, doc ".");
#define TIME(id, name, quantile, margin_, doc)                                                                         \
    snprintf(margin, sizeof margin, "+%d s", (margin_) / 1000);                                                        \
    put_guard(name, 0, margin, doc ".");
#include "runtime/core/rollouts/rollout_guards.def"
}

void rollout_hard_guards(void)
{
#define HARD(id, name, doc) row(name, "", doc ".");
#include "runtime/core/rollouts/rollout_guards.def"
}

void version_states(void)
{
#define STATE(id, word, doc) row(word, "", doc ".");
#define ASIDE(id, word, doc) row(word, "", doc ".");
#include "runtime/core/read/version_states.def"
}
