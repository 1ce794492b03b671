/* runtime/daemon/admin/reads_json.h - Helpers that write rows of the core as JSON, shared by the files that read.
 *
 * Functions called NAME_read run on the core's thread, between two batches, and must not change anything; NAME_fill
 * runs on the loop's thread. Each function puts its members into `asking->into`. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/core/read/read.h"
#include "runtime/daemon/protocol/roles.h"
#include "runtime/daemon/service/daemon.h"

enum {
    PAGE_ROWS = 250,    /* rows of one answer at most, since the core waits while they are made */
    PAGE_LOOKED = 5000, /* rows of the core that are examined for one answer, at most */
    HASH_TEXT = 2 * CORE_HASH + 1,
};

/* One command during its look into the core. */
struct asking {
    struct daemon *daemon;
    const json_t *request;
    json_t *into;
    struct error *error;
    enum role role;
    const char *reader; /* sees only whom they lead; NULL: all */
    uint64_t ixn;       /* the interaction's id, or a ConnID: the same number may be either */
    bool by_conn;
    bool good;
    bool past; /* the core replays a journal: nobody waits for it, so an answer has all rows, not a page */
};

void json_put(json_t *into, const char *key, json_t *value);
void json_put_number(json_t *into, const char *key, uint64_t value);
void json_put_moment(json_t *into, const char *key, uint64_t logical_us, int64_t offset_us);
void json_put_wall(json_t *into, const char *key, int64_t wall_us); /* a moment of the wall clock; 0: null */
void json_put_ixn(json_t *into, const char *key, uint64_t ixn);
void json_put_hash(json_t *into, const char *key, const uint8_t *hash); /* NULL: null */
void json_append(json_t *list, json_t *value);
/* Text from outside was checked to be UTF-8 when it came in; paths were not. Empty: null. */
json_t *json_text_of(struct span);
json_t *json_of_kv(struct span pairs); /* writes an object, with secrets as "***" */
json_t *reads_interaction_json(const struct interaction_row *, int64_t offset_us);
/* The microseconds to add to a moment of the core, which is logical time, to get the wall clock for people and
 * tools. */
int64_t reads_wall_less_logical(const struct core *);
/* Puts `as_of_us`: the moment of the router's clock as of which the answer is. */
void json_put_as_of(json_t *into, const struct core *);
/* How long ago the last batch was. Waiting times of the core lack this time, since its clock has stood still since the
 * last batch: readers add it. */
uint64_t reads_since_batch_us(const struct core *);

/* Read a member of the request: a text, or NULL; a number, or `otherwise` if the request has none. */
const char *reads_asked_text(const struct asking *, const char *key);
uint64_t reads_asked_number(const struct asking *, const char *key, uint64_t otherwise);
/* `limit` of the request, at most as many rows as an answer may have */
uint64_t reads_asked_rows(const struct asking *, uint64_t at_most);
void json_put_next(struct asking *, bool more, uint64_t next);
/* fails with a sentence such as "there is no agent x" */
void reads_refuse_unknown(struct asking *, const char *what, const char *name);

/* May the reader see it? `name`: of an agent or queue; `ixn`: of CORE_MAY_work. */
bool reads_sees(const struct asking *, const struct core *, enum core_may_what, struct span name, uint64_t ixn);
/* Where reading is bounded: puts who leads the agent of that index, or the queue, into the row as `led_by`, for the
 * console, which reads for many. */
void reads_put_led(const struct asking *, const struct core *, json_t *row, const uint32_t *agent, struct span queue);

/* reads_rows.c: run between two batches, and write into `asking->into` */
void reads_core_agents(void *asking, struct core *);
void reads_core_queues(void *asking, struct core *);
void reads_core_counters(void *asking, struct core *);
void reads_core_latches(void *asking, struct core *);
void reads_core_leads(void *asking, struct core *);
void reads_core_prompts(void *asking, struct core *);
void reads_core_quarantine(void *asking, struct core *);
void reads_core_reasons(void *asking, struct core *);
void reads_core_callbacks(void *asking, struct core *);
void reads_core_bins(void *asking, struct core *);
void reads_core_interactions(void *asking, struct core *);
/* reads_one.c */
void reads_core_interaction(void *asking, struct core *);
void reads_core_trace(void *asking, struct core *);
void reads_core_data(void *asking, struct core *);
/* Finds the requested interaction, and puts it into the answer. False with the reason. */
bool reads_find(struct asking *, struct core *, struct interaction_row *);
/* The place in the source where the interaction's strategy waits or runs; null: it runs no strategy. */
json_t *reads_where_json(const struct core *, uint64_t ixn, bool busy);
/* Returns who debugs the interaction, since when, and until when it stays stopped at most; null: nobody does. */
json_t *reads_debugged_json(const struct core *, uint64_t ixn);
/* How the interaction waits in a virtual queue; null: it waits in none. */
json_t *reads_waiting_json(const struct asking *, const struct core *, uint64_t ixn);
/* The newest decisions about the interaction, oldest first. */
json_t *reads_decisions_json(const struct core *, uint64_t ixn);
/* reads_campaign.c */
void reads_core_campaigns(void *asking, struct core *);
/* reads_why.c */
void reads_core_why(void *asking, struct core *);
/* Writes the selection at which the interaction waits now, and what keeps each agent from it, into `asking->into` as
 * `then`; `chosen`: the agent who is about to be chosen, or empty. An earlier `then` is replaced. */
void why_then(struct asking *, struct core *, uint64_t ixn, struct span chosen);
/* reads_shadow.c */
void reads_shadow_fill(struct asking *);
/* The whole path of the folder in which gcxvm keeps its state. */
json_t *reads_state_folder(const struct conf *);
void reads_what_if_fill(struct asking *);
/* reads_site.c. Functions called NAME_fill need no moment between two batches, or look into the core for several short
 * moments. */
void reads_core_points(void *asking, struct core *);
void reads_core_in_force(void *asking, struct core *);
/* reads_settings.c */
void reads_settings_fill(struct asking *);
void reads_core_audit(void *asking, struct core *);
void reads_strategies_fill(struct asking *);
/* reads_rollout.c */
void reads_core_rollouts(void *asking, struct core *);
void reads_versions_fill(struct asking *);
/* reads_journal.c */
void reads_journal_list_fill(struct asking *);
void reads_cluster_fill(struct asking *);
/* reads_profile.c */
void reads_profile_fill(struct asking *);
/* reads_directory.c */
void reads_directory_rows_fill(struct asking *);
void reads_intake_fill(struct asking *);
void reads_degraded_fill(struct asking *);
void reads_certificates_fill(struct asking *);
void reads_links_fill(struct asking *);
void reads_waits_fill(struct asking *);
void reads_sources_fill(struct asking *);

/* Returns what an agent has by hand by a change of this table of the directory: "skill" or "group"; NULL: the change is
 * of something else. */
const char *reads_assigned(unsigned table);
/* Writes the value of such a change: the level, or `in` or `out`. */
json_t *reads_assigned_value(unsigned table, struct span pairs);
