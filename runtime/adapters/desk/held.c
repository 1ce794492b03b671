/* runtime/adapters/desk/held.c - See held.h.
 *
 * An act that the core or the store refuses is asked for again some times. Then the e-mail is shown to its agent again,
 * who reads why it is not done. While the core is asked for the answer, nothing is done: the agent may get it back.
 * The core may grant that and yet give nothing back, because the answer has just been sent: so the agent waits for
 * HELD_BACK_S at most. */
#include "runtime/adapters/desk/held.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/web/saved.h"

enum {
    HELD_MARGIN_US = SECOND_US, /* the answer has left the workbin `later` by then */
    HELD_AGAIN_S = 5,
    HELD_TRIES_MAX = 6,
    HELD_BACK_S = 30, /* an answer that is taken back is here by then */
};
#define HELD_KEPT_US (INT64_C(7) * 86400 * SECOND_US) /* a row waits for its e-mail */

struct held {
    uint64_t ixn, answer;
    int64_t ends_us;  /* since 1970 */
    unsigned tried_s; /* desk->second of the last try */
    unsigned tries;   /* 0: it was not tried yet */
    unsigned back_s;  /* desk->second by which the answer is back, for which the core was asked; 0: it was not */
    json_t *row;      /* `agent`; `of`, the digest of its outside name; and what `finish` said */
};

enum { HELD_ID = sizeof "held " + IXN_TEXT };

static void held_id(uint64_t ixn, char id[HELD_ID])
{
    char text[IXN_TEXT];
    ident_print_ixn(ixn, text);
    snprintf(id, HELD_ID, "held %s", text);
}

static void held_kept(const struct desk *desk, bool good)
{
    if (!good)
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "state: %s: %s", desk->setting.state, strerror(errno));
}

void held_free(void *held)
{
    json_decref(((struct held *)held)->row);
    free(held);
}

static struct held *held_put(struct desk *desk, uint64_t ixn, uint64_t answer, int64_t ends_us, json_t *row)
{
    struct held *held = memory_zeroed(1, sizeof *held);
    held->ixn = ixn;
    held->answer = answer;
    held->ends_us = ends_us;
    held->row = row;
    g_hash_table_replace(desk->held, &held->ixn, held);
    return held;
}

/* The file says nothing of the customer. */
static char *held_digest(const struct item *item)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, desk_text(item->shown, "external_id"), -1);
}

void held_begin(struct desk_agent *agent, uint64_t ixn, uint64_t answer, const json_t *mail)
{
    struct desk *desk = agent->desk;
    struct item *item = item_of(agent, ixn);
    const struct held *before = g_hash_table_lookup(desk->held, &ixn);
    if (!item || (before && before->answer == answer)) return; /* the same answer was sent again */
    int64_t now_us = (int64_t)desk->services->wall_us(desk->link);
    int64_t begins_us = json_integer_value(json_object_get(mail, "begins"));
    int64_t most_us = now_us + json_integer_value(json_object_get(mail, "finish")) * SECOND_US;
    int64_t ends_us = MIN(MAX(begins_us, now_us), most_us);
    char ixn_text[IXN_TEXT], answer_text[IXN_TEXT], id[HELD_ID], *of = held_digest(item);
    ident_print_ixn(ixn, ixn_text);
    ident_print_ixn(answer, answer_text);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "held", ixn_text, "answer", answer_text, "agent",
                            agent->name, "of", of, "ends", (json_int_t)ends_us, "wrapup", desk_text(mail, "wrapup"),
                            "macro", desk_text(mail, "macro"));
    g_free(of);
    held_put(desk, ixn, answer, ends_us, row);
    json_decref(item->held);
    item->held = NULL;
    held_shows(item);
    held_id(ixn, id);
    if (desk->saved) held_kept(desk, saved_put(desk->saved, id, json_incref(row)));
}

bool held_restore(struct desk *desk, const json_t *row)
{
    uint64_t ixn, answer;
    int64_t ends_us = json_integer_value(json_object_get(row, "ends"));
    if (!ident_read_ixn(desk_text(row, "held"), &ixn) || !ident_read_ixn(desk_text(row, "answer"), &answer) ||
        !*desk_text(row, "agent"))
        return false;
    held_put(desk, ixn, answer, ends_us, json_copy((json_t *)row));
    return true;
}

static void held_over(struct desk *desk, uint64_t ixn)
{
    char id[HELD_ID];
    if (!g_hash_table_remove(desk->held, &ixn)) return;
    held_id(ixn, id);
    if (desk->saved) held_kept(desk, saved_over(desk->saved, id));
}

/* A core that has lost its state counts its interactions anew: one of the same number may be another one. */
static struct item *held_item_of(const struct desk_agent *agent, const struct held *held)
{
    struct item *item = agent ? item_of(agent, held->ixn) : NULL;
    if (!item || !item->open) return NULL;
    char *digest = held_digest(item);
    bool same = strcmp(digest, desk_text(held->row, "of")) == 0;
    g_free(digest);
    return same ? item : NULL;
}

/* Returns the e-mail that is held, at the agent who has answered it, or at whoever has it now. NULL: nobody has it. */
static struct item *held_item(const struct desk *desk, const struct held *held)
{
    struct item *item = held_item_of(g_hash_table_lookup(desk->agents, desk_text(held->row, "agent")), held);
    GHashTableIter at;
    gpointer agent;
    g_hash_table_iter_init(&at, desk->agents);
    while (!item && g_hash_table_iter_next(&at, NULL, &agent)) {
        item = held_item_of(agent, held);
        if (item && item_kind(item) != claim_kind_owner) item = NULL;
    }
    return item;
}

void held_shows(struct item *item)
{
    const struct desk *desk = item->agent->desk;
    const struct held *held = g_hash_table_lookup(desk->held, &item->ixn);
    if (item->held || !held || held_item(desk, held) != item) return;
    const char *wrapup = desk_text(held->row, "wrapup"), *macro = desk_text(held->row, "macro");
    item->held =
        json_pack("{s:O, s:I, s:s*, s:s*}", "answer", json_object_get(held->row, "answer"), "ends",
                  (json_int_t)(held->ends_us / MS), "wrapup", *wrapup ? wrapup : NULL, "macro", *macro ? macro : NULL);
}

/* The e-mail is in its agent's hands as before. */
static void held_back(struct desk *desk, const struct held *held)
{
    struct item *item = held_item(desk, held);
    held_over(desk, held->ixn);
    if (!item) return;
    json_decref(item->held);
    item->held = NULL;
    item_tell(item);
}

static GList *held_all(const struct desk *desk)
{
    return g_hash_table_get_values(desk->held);
}

void held_asked_back(struct desk *desk, const json_t *ids, bool on)
{
    uint64_t ixn;
    GList *all = held_all(desk);
    for (size_t i = 0; i < json_array_size(ids); i++)
        for (GList *one = all; one && ident_read_ixn(json_string_value(json_array_get(ids, i)), &ixn); one = one->next)
            if (((struct held *)one->data)->answer == ixn)
                ((struct held *)one->data)->back_s = on ? desk->second + HELD_BACK_S : 0;
    g_list_free(all);
}

void held_opens(const struct item *item)
{
    struct desk *desk = item->agent->desk;
    GList *all = held_all(desk);
    for (GList *one = all; one; one = one->next) {
        const struct held *held = one->data;
        bool own = strcmp(desk_text(held->row, "agent"), item->agent->name) == 0; /* and no reviewer has taken it */
        if (held->answer == item->ixn && own) held_back(desk, held);
    }
    g_list_free(all);
}

void held_core_up(struct desk *desk, bool up)
{
    GList *all = held_all(desk);
    for (GList *one = all; one; one = one->next)
        if (!up) ((struct held *)one->data)->back_s = 0;
    desk->held_shown = false;
    g_list_free(all);
}

void held_all_shown(struct desk *desk)
{
    desk->held_shown = true;
}

bool held_is(const struct desk *desk, uint64_t ixn)
{
    return g_hash_table_lookup(desk->held, &ixn) != NULL;
}

void held_done(struct desk *desk, uint64_t ixn)
{
    held_over(desk, ixn);
}

void held_withdrawn(const struct item *item, enum cause reason)
{
    struct desk *desk = item->agent->desk;
    const struct held *held = g_hash_table_lookup(desk->held, &item->ixn);
    bool goes_on = reason == cause_gone || reason == cause_link_down || reason == cause_lost;
    if (held && !goes_on && held_item(desk, held) == item) held_over(desk, item->ixn);
}

/* ---- the end ---- */

/* Asks the core for what `finish` said: the e-mail ends for its agent once the core has agreed. `goes`: the agent is
 * gone before the core answers. */
static void held_finish(struct item *item, struct held *held, bool goes)
{
    const char *wrapup = desk_text(held->row, "wrapup"), *macro = desk_text(held->row, "macro");
    json_t *message =
        json_pack("{s:s, s:O, s:s*, s:s*}", "type", *macro ? "macro" : "done", "ixn",
                  json_object_get(held->row, "held"), "name", *macro ? macro : NULL, "wrapup", *wrapup ? wrapup : NULL);
    held->tries++;
    held->tried_s = item->agent->desk->second;
    item->agent->desk->says_for(item->agent, message, goes);
    json_decref(message);
}

/* Does the agent get the answer back in a moment? */
static bool held_comes_back(const struct desk *desk, const struct held *held)
{
    return held->back_s > desk->second;
}

void held_leaves(struct desk_agent *agent, const char *media)
{
    GList *all = held_all(agent->desk);
    for (GList *one = all; one; one = one->next) {
        struct item *item = held_item(agent->desk, one->data);
        bool leaves = item && item->agent == agent && item_is_of(item, media);
        if (leaves && !held_comes_back(agent->desk, one->data)) held_finish(item, one->data, true);
    }
    g_list_free(all);
}

bool held_keeps(const struct desk_agent *agent)
{
    const struct desk *desk = agent->desk;
    bool has = false;
    if (desk->held_shown && desk->services->up(desk->link)) return false;
    GList *all = held_all(desk);
    for (GList *one = all; one; one = one->next)
        has |= strcmp(desk_text(((struct held *)one->data)->row, "agent"), agent->name) == 0;
    g_list_free(all);
    return has;
}

static void held_look(struct desk *desk, struct held *held, int64_t now_us)
{
    struct item *item = held_item(desk, held);
    if (!item && now_us > held->ends_us + HELD_KEPT_US) {
        held_over(desk, held->ixn);
        return;
    }
    if (item && !item->held) {
        held_shows(item);
        item_tell(item);
    }
    if (!item || held_comes_back(desk, held) || now_us < held->ends_us + HELD_MARGIN_US) return;
    if (held->tries > 0 && desk->second - held->tried_s < HELD_AGAIN_S) return;
    if (held->tries < HELD_TRIES_MAX) {
        held_finish(item, held, false);
        return;
    }
    agent_notice_of(item->agent, "not_done", agent_notice_form(NOTED_not_done), json_object(), NULL);
    held_back(desk, held);
}

void held_tick(struct desk *desk)
{
    if (!desk->held_shown || !desk->services->up(desk->link) || g_hash_table_size(desk->held) == 0) return;
    int64_t now_us = (int64_t)desk->services->wall_us(desk->link);
    GList *all = held_all(desk);
    for (GList *one = all; one; one = one->next) held_look(desk, one->data, now_us);
    g_list_free(all);
}
