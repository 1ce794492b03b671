/* tests/unit/post_world.h - A post office between a core, a network and an outside that the test plays: the way is a
 * row of trials.def, and each fault of post.def can happen. There is one world per test. */
#pragma once

#include <criterion/criterion.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/worker.h"
#include "runtime/post/office_state.h"

#define SECOND INT64_C(1000000)

enum fault {
#define POST_FAULT(name, doc) FAULT_##name,
#include "runtime/post/post.def"
    FAULTS
};

enum trial_kind { TRIAL_texts, TRIAL_talks, TRIAL_whole, TRIAL_lines };
enum trial_rule { TRIAL_none, TRIAL_in_turn, TRIAL_resends };

struct trial { /* a row of trials.def */
    const char *way;
    enum media media;
    enum trial_kind kind;
    enum trial_rule rule;
};

extern struct post_world {
    const struct trial *trial;
    struct post_way way;
    struct event_base *base;
    struct office *office, *second;
    struct robots *robots;
    struct post_rules rules;
    char *dir, *store;
    uint64_t clock_us, journal;
    /* the core */
    bool up, full, silent, twice; /* full: it takes no event; silent: its answers are lost; twice: they come twice */
    enum code refuses;            /* it refuses what is submitted; 0: it takes it */
    enum cause cause;             /* of the last EventDelivery */
    unsigned closes;              /* conversations of which it was told the end */
    GHashTable *has;              /* the texts of interactions, by external id */
    const char *how;              /* so what it has no more has ended; NULL: it knows nothing of it */
    GQueue replies, reads;        /* of struct asked: questions without an answer */
    unsigned compared;            /* how often it was asked about `text` */
    GString *told;                /* EventDelivery, "NAME STATE;" each */
    /* the outside */
    char text[80];                   /* of the item that is looked at */
    unsigned store_away, lists_away; /* so often they were told to be */
    bool said;                       /* a conversation takes it */
    bool asks;                       /* a conversation has not said yet whether it takes it */
    GQueue asked;                    /* of struct post_coming: those */
    GHashTable *talk;                /* the texts that conversations have, by name */
    unsigned going;                  /* an application's order is answered so */
    unsigned receipted[2];           /* receipts that were answered, by the verdict */
    unsigned put_off;                /* orders that are to be asked for again */
    bool absent;                     /* nobody waits for an answer any more, or it does not arrive */
    unsigned acknowledged, early;
    /* the network */
    uint64_t room;
    bool mute;
    enum post_answer answer;
    unsigned refusals;      /* so many were counted, */
    char refused[32];       /* the last for that reason */
    GPtrArray *mutes;       /* pieces without an answer, and whose office has them: pairs */
    GHashTable *got;        /* how often, by text */
    unsigned names, errors; /* errors: lines of the log */
    bool suppresses;        /* an item that begins is found not to go */
    GString *order;         /* of what went, "TEXT;" each; NULL: nobody asks */
} world;

/* The life of a way begins: begin_sms() and so on. */
#define TRIAL(folder, medium, kind, rule) void begin_##folder(void);
#include "tests/unit/trials.def"
void end_world(void);

bool trial_is(enum trial_kind);

/* A quarter of a second in which all that can be answered is. */
void turn(void);
void turns(unsigned count);

/* Processes: the office, or a second one beside it; killed without a word. */
struct office *opens(bool second);
void killed(void);

/* The contact store, by SQL, and its file. */
int64_t asks(const char *query);
void alters(const char *text);
void file_copied(const char *from, const char *to);

/* `again`: what the second process is asked to do with the same item. */
void happens(enum fault fault, void (*again)(struct office *));
void all_is_well(void);

/* An item comes: it is `world.text`. */
extern unsigned cells;
extern unsigned pieces; /* that the item has: 0, or 1 where the second one is not brought yet */
void brings(struct office *office, unsigned n);
void brings_again(struct office *office);
void core_ends(const char *external_id);
void in_core_ends(void);
bool came_is(const char *state);
bool is_submitted(void);
unsigned core_count(const char *text);
bool core_has(const char *text);
unsigned names_of(GHashTable *texts, const char *text);

/* An item goes: the core, or an application, wants it under the name. */
extern char out_name[20];
void wants(struct office *office, const char *name);
void wants_again(struct office *office);
bool is_told(void);
void receipt_comes(enum post_out state);
bool went_is(const char *state);
struct post_sending *ordered(const char *text);
void orders(enum post_out state);
