/* runtime/core/directory/change.h - Changes by hand: a value that a supervisor sets, or a row of a business table. A
 * change counts before the directory's value, for a time or until it is taken back, and stays over imports and
 * restarts.
 *
 * A value has at most two changes: one for a limited time, which is in force first, and one without an end, which is
 * in force after it. A change of a schedule with an item adds lines after the schedule's own, for example for one
 * more holiday. The table owns the changes, and notes about the last ones for the audit. */
#pragma once

#include <stdint.h>

#include "runtime/core/base/fact.h"
#include "runtime/vocabulary/message.h"

struct core;
struct image_place;
struct staged;

enum { CHANGES_MAX = 10000, CHANGES_BYTES_MAX = 16 << 20, NOTES_MAX = 1000, NOTE_VALUE_MAX = 4096 };

struct change {
    uint64_t id;             /* id of the change; 0: this place of the table is free */
    uint32_t setting;        /* index in the settings */
    uint32_t timer;          /* handle of the timer of a change for a limited time */
    uint32_t below;          /* of a skill or group: the level that the directory gives the agent (assign.h) */
    int64_t at_us, until_us; /* wall clock, microseconds: when the change was made, and its end; until 0: no end */
    struct span item, row;   /* owned; row: pairs whose key is `value` */
    struct span actor, why;  /* owned */
};

enum change_what {
    CHANGE_SET,
    CHANGE_TAKEN_BACK,
    CHANGE_OVER,
    CHANGE_IMPORTED,
    CHANGE_CAMPAIGN,
    CHANGE_ROLLOUT,
    CHANGE_HELPED,
    CHANGE_AGENT,
    CHANGE_WORK
};

/* One note of the audit about a change. All spans are owned. A value longer than NOTE_VALUE_MAX is left out. */
struct change_note {
    enum change_what what;
    unsigned table; /* enum table */
    /* name of the setting, campaign, routing point or agent; 0: the note is about the whole directory, or about what
     * the item names: the id of an interaction (table_agent), or a prompt (table_other) */
    uint32_t name;
    int64_t at_us, until_us;
    uint64_t version;              /* version of the directory that was imported */
    struct span item, before, now; /* before, now: pairs whose key is `value`; empty: as the program says */
    struct span actor, why;
};

struct note_ring {
    struct change_note *all; /* a ring of NOTES_MAX; NULL: nothing was ever noted */
    uint64_t count;          /* how many notes were ever made; modulo NOTES_MAX: the next place */
};

struct changes {
    struct change *all;
    uint32_t count, capacity, open; /* open: how many places have a change */
    uint64_t bytes;                 /* how many bytes the items and rows of all changes have */
    uint64_t last_id, content;      /* content: additive hash */
    struct note_ring notes[NOTE_LISTS];
};

/* Returns the fault of the staged change, a sentence that continues after the setting's name; NULL: the change can
 * come into force. `reader`: the place in the program that reads the whole value, if the value is too large for it. */
const char *change_fault(const struct core *, const struct staged *, struct image_place *reader);
void change_take(struct core *, const struct staged *); /* in force with changes_stand */
/* Called after a commit, before changes_stand: ends the changes by hand that give agents a profile which no row names
 * any more, and those of the skills and groups of agents whom the directory has no more. */
void changes_end_gone(struct core *);
void changes_stand(struct core *); /* called after a commit: puts all changes before the directory's values */
void change_imported(struct core *, struct span actor, struct span why);
/* Notes what a person has said about a rollout, or what a rollout has done by itself; the spans are copied. */
void change_rollout(struct core *, const struct change_note *);
/* Notes that a person has set the state of an agent, from `before` to `now`, both in words. */
void change_agent_state(struct core *, const struct message *, uint32_t agent_name, const char *before,
                        const char *now);
/* Notes that a supervisor has acted on an interaction: what was before, and what is now, both in words. */
void change_work(struct core *, const struct message *, uint64_t ixn, struct span why, const char *before,
                 const char *now);
/* Notes that a person has changed the prompt that the request names, in the words of its `reason`. */
void change_prompt(struct core *, const struct message *);
/* How a supervisor listens, for the audit: "listens at 2001". Its end is noted by itself. */
enum { LISTENS_WORDS = 96 };
void change_listens(enum party_op how, struct span dn, char words[LISTENS_WORDS]);
/* True: the note about an interaction, of which these are the pairs, says that somebody has begun or ended to listen,
 * and nothing else has changed. Who takes a call over changes it. */
bool change_is_listening(struct span before, struct span now);
/* RequestHelp: notes which agent asks the site's helper, and for what; the desk asks it once this is answered. */
void change_on_help(struct core *, const struct message *);
void change_on_time(struct core *, const struct message *); /* Clock, Epoch */
